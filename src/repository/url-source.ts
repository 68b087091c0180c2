import type { ModelFile } from '../contract/manifest.js';
import { unreachable, unusable } from './refusal.js';
import type { FileSource } from './source.js';

/** One question may take this long, its answer's body included. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The file is not there, or not for us: object stores say 403 for keys that they do not have. */
const MISSING_STATUSES: readonly number[] = [401, 403, 404, 410];

/** What requests are made with. */
export interface UrlSourceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/**
 * The files below a URL. A query of the URL is kept for every file.
 * @throws (its methods) ImageToImageError `model-unavailable`, phase `download`, if the server cannot be reached or fails; the
 * signal's own reason on abort; RangeError for a path that leads out of the folder.
 */
export function createUrlSource(folder: URL, { signal, fetch: ownFetch }: UrlSourceOptions = {}): FileSource {
  const base = new URL(folder);
  const { search } = base;
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const request = ownFetch ?? globalThis.fetch;

  function urlOf(path: string): string {
    const url = new URL(path, base);
    if (!url.href.startsWith(base.href)) throw new RangeError(`files: "${path}" leads out of ${base.href}.`);
    url.search = search;
    return url.href;
  }

  async function ask<T>(path: string, init: RequestInit, answer: (response: Response) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const url = urlOf(path);
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const response = await request(url, {
        credentials: 'same-origin',
        referrerPolicy: 'no-referrer',
        ...init,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return await answer(response);
    } catch (caught) {
      signal?.throwIfAborted();
      const why = timeout.aborted ? `did not answer within ${REQUEST_TIMEOUT_MS / 1000} s` : 'could not be reached';
      throw unreachable(
        `${base.href}${path} ${why}. Check the network and, for another origin, that it allows this one (CORS); then try again.`,
        caught,
      );
    }
  }

  /** Reads a whole small file; undefined where there is none. */
  async function get<T>(path: string, read: (response: Response) => Promise<T>): Promise<T | undefined> {
    const outcome = await ask(path, {}, async (response) => {
      if (response.ok && !isFallbackPage(response)) return { value: await read(response) };
      await response.body?.cancel();
      return { status: isMissing(response) ? undefined : response.status };
    });
    if ('value' in outcome) return outcome.value;
    if (outcome.status === undefined) return undefined;
    throw failed(path, outcome.status);
  }

  function failed(path: string, status: number): Error {
    return unreachable(`${base.href}${path}: the server answered ${status}. Try again later.`);
  }

  /** What headers tell of a file: to HEAD, and where a server refuses that or keeps the length to itself, to a GET of one byte. */
  async function inspect(path: string): Promise<Headline | undefined> {
    const head = await ask(path, { method: 'HEAD' }, async (response) => headline(response));
    if (head.status === 404 || head.status === 410 || head.isPage) return undefined;
    if (head.isOk && head.sizeBytes !== undefined) return head;
    const ranged = await ask(path, { headers: { range: 'bytes=0-0' } }, async (response) => {
      await response.body?.cancel();
      return headline(response);
    });
    if (MISSING_STATUSES.includes(ranged.status) || ranged.isPage) return undefined;
    if (!ranged.isOk) throw failed(path, ranged.status);
    return ranged;
  }

  return {
    name: nameOf(base),
    place: base.href,
    readText: (path) => get(path, (response) => response.text()),
    async describe(path, length) {
      const found = await inspect(path);
      if (!found) return undefined;
      let { sizeBytes } = found;
      if (sizeBytes === undefined && length === 'count') {
        sizeBytes = await get(path, async (response) => (await response.arrayBuffer()).byteLength);
      }
      if (sizeBytes === undefined) {
        throw unusable(
          `The server does not tell the length of ${path}. Serve it uncompressed and with Content-Length${
            base.origin === globalThis.location?.origin ? '' : ' (and expose Content-Range to other origins)'
          }.`,
          { file: path },
        );
      }
      const { version } = found;
      const file: ModelFile = { url: urlOf(path), sizeBytes };
      return version === null ? file : { ...file, version };
    },
    release() {},
  };
}

/** What the headers of an answer tell. */
interface Headline {
  readonly status: number;
  readonly isOk: boolean;
  readonly isPage: boolean;
  readonly sizeBytes: number | undefined;
  readonly version: string | null;
}

function headline(response: Response): Headline {
  const { headers, status } = response;
  return {
    status,
    isOk: response.ok,
    isPage: isFallbackPage(response),
    sizeBytes: isCompressed(headers) ? undefined : sizeOf(status, headers),
    version: headers.get('etag') ?? headers.get('last-modified'),
  };
}

/** Development servers answer any path with the application's page: 200, but no file. */
function isFallbackPage(response: Response): boolean {
  return response.ok && (response.headers.get('content-type') ?? '').startsWith('text/html');
}

function isMissing(response: Response): boolean {
  return MISSING_STATUSES.includes(response.status) || isFallbackPage(response);
}

/** The lengths of a compressed answer count other bytes than those that arrive. */
function isCompressed(headers: Headers): boolean {
  return (headers.get('content-encoding') ?? 'identity') !== 'identity';
}

/** `Content-Length`, or the total of `Content-Range: bytes 0-0/1234`; servers that do not know say 0 or `*`. */
function sizeOf(status: number, headers: Headers): number | undefined {
  return positive(status === 206 ? headers.get('content-range')?.split('/')[1] : headers.get('content-length'));
}

function positive(text: string | null | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** `owner/name` of a hub URL (`/owner/name/resolve/main/`), else the last folder. */
function nameOf({ pathname, hostname }: URL): string {
  const folders = pathname.split('/').filter(Boolean).map(decode);
  const resolve = folders.indexOf('resolve');
  if (resolve >= 2) return folders.slice(resolve - 2, resolve).join('/');
  return folders.at(-1) ?? hostname;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
