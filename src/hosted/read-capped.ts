/** What of a body arrived. */
export type BodyRead =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** There is more than was allowed; the rest was refused. */
  | { readonly kind: 'too-large'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The stream ended before the announced length. */
  | { readonly kind: 'cut'; readonly receivedBytes: number; readonly totalBytes: number };

/** How a body is read. */
export interface ReadCappedOptions {
  /** Counted as they arrive, decompressed: a few hundred kilobytes may unpack to half a gigabyte. */
  readonly maxBytes: number;
  /** Lets go of the stream at once. */
  readonly signal: AbortSignal;
  /** Told after each piece. The total is what the server claims, undefined where it is not known. */
  onBytes?(receivedBytes: number, totalBytes: number | undefined): void;
}

/**
 * Reads an answer's body, up to a cap.
 * @throws What the stream fails with.
 */
export async function readCapped(response: Response, options: ReadCappedOptions): Promise<BodyRead> {
  const { maxBytes, signal } = options;
  const claimedBytes = readLength(response.headers);
  const pieces: Uint8Array[] = [];
  let receivedBytes = 0;
  const reader = response.body?.getReader();
  const letGo = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', letGo, { once: true });
  try {
    while (reader) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      const room = maxBytes - receivedBytes;
      pieces.push(value.length > room ? value.subarray(0, room) : value);
      receivedBytes += value.length;
      options.onBytes?.(
        receivedBytes,
        claimedBytes !== undefined && receivedBytes <= claimedBytes ? claimedBytes : undefined,
      );
      if (receivedBytes > maxBytes) return { kind: 'too-large', bytes: join(pieces, maxBytes) };
    }
  } finally {
    signal.removeEventListener('abort', letGo);
    letGo();
  }
  if (claimedBytes !== undefined && isCut(receivedBytes, claimedBytes, response.type)) {
    return { kind: 'cut', receivedBytes, totalBytes: claimedBytes };
  }
  return { kind: 'whole', bytes: join(pieces, receivedBytes) };
}

/** Undefined also where the length counts compressed bytes and that is known. */
function readLength(headers: Headers): number | undefined {
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return undefined;
  const text = headers.get('content-length');
  const length = text === null ? Number.NaN : Number(text);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

/**
 * Some browsers pass on what a broken connection left, as if it were whole. Another origin's answers hide whether they were compressed,
 * and then the length is that of the compressed bytes: at most a little more than the bytes themselves.
 */
function isCut(receivedBytes: number, claimedBytes: number, type: ResponseType): boolean {
  const slackBytes = type === 'cors' ? 64 + claimedBytes / 1000 : 0;
  return receivedBytes + slackBytes < claimedBytes;
}

function join(pieces: readonly Uint8Array[], lengthBytes: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(lengthBytes);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
