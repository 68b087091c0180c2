import { ImageToImageError } from '../src/contract/errors.js';
import type { ModelAsset } from '../src/contract/worker-apis.js';

/** Milliseconds without a byte after which a download counts as stalled. */
const STALL_MS = 30_000;

/** Refuses bytes that are not exactly the file of the manifest. Without a SHA-256 the length is all there is to check. */
export async function verifyBytes(bytes: ArrayBuffer, asset: ModelAsset): Promise<boolean> {
  if (bytes.byteLength !== asset.sizeBytes) return false;
  if (asset.sha256 === undefined) return true;
  if (typeof crypto === 'undefined' || !crypto.subtle) {
    throw new ImageToImageError({
      code: 'environment-unsupported',
      phase: 'verify',
      message:
        'Model files cannot be verified here: WebCrypto needs a secure context. Serve the page over https, or from localhost.',
    });
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === asset.sha256;
}

/**
 * Fetches a file into one buffer of the manifest's size; never more than that is kept, whatever the server sends.
 * The result may be shorter or wrong: {@link verifyBytes} decides.
 * @throws ImageToImageError `model-unavailable` when the server cannot be reached, refuses, or stalls; the signal's reason on abort.
 */
export async function download(
  asset: ModelAsset,
  signal: AbortSignal,
  onBytes: (received: number) => void,
): Promise<ArrayBuffer> {
  const stall = new AbortController();
  const either = AbortSignal.any([signal, stall.signal]);
  let timer = setTimeout(() => stall.abort(), STALL_MS);
  try {
    // A `data:` URL (some bundlers inline small files) is fetched like any other.
    const response = await fetch(asset.url, {
      signal: either,
      credentials: 'same-origin',
      referrerPolicy: 'no-referrer',
    });
    if (!response.ok || !response.body) throw unavailable(asset, `the server answered ${response.status}`);
    const bytes = allocate(asset.sizeBytes);
    let received = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      clearTimeout(timer);
      // A model may be gigabytes: copied only where the server sent too little.
      if (done) return received === bytes.length ? bytes.buffer : bytes.buffer.slice(0, received);
      if (received + value.byteLength > asset.sizeBytes) {
        await reader.cancel();
        return new ArrayBuffer(0);
      }
      bytes.set(value, received);
      received += value.byteLength;
      onBytes(received);
      timer = setTimeout(() => stall.abort(), STALL_MS);
    }
  } catch (caught) {
    if (signal.aborted) throw signal.reason;
    if (caught instanceof ImageToImageError) throw caught;
    const why = stall.signal.aborted ? `no byte came for ${STALL_MS / 1000} s` : 'the connection failed';
    throw unavailable(asset, why, caught);
  } finally {
    clearTimeout(timer);
  }
}

function allocate(sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (caught) {
    throw new ImageToImageError({
      code: 'out-of-memory',
      phase: 'download',
      message: `The browser refused memory for a model file of ${sizeBytes} bytes. Use a smaller form of the model (dtype), or close other tabs.`,
      details: { sizeBytes },
      cause: String(caught),
    });
  }
}

function unavailable(asset: ModelAsset, why: string, cause?: unknown): ImageToImageError {
  return new ImageToImageError({
    code: 'model-unavailable',
    phase: 'download',
    message: asset.url.startsWith('blob:')
      ? "A model file that was handed in could not be read: it changed since, its blob: URL was revoked, or the page's CSP does not allow blob: in connect-src. Hand the files in again."
      : `The model file could not be fetched: ${why}. Check that it is served where the page expects it, then call again.`,
    details: { url: withoutQuery(asset.url) },
    ...(cause === undefined ? {} : { cause: String(cause) }),
  });
}

/** Queries may hold signatures, and a `data:` URL is the file itself. */
function withoutQuery(url: string): string {
  return url.startsWith('data:') ? 'data:' : (url.split(/[?#]/, 1)[0] ?? '');
}
