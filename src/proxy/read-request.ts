import { readCapped } from '../hosted/read-capped.js';
import { ProxyRefusal } from './answers.js';
import type { ProxyRequestFacts } from './options.js';

/** Of all that a browser sends, what is forwarded: no cookie, no address, no trace of the page. */
const FORWARDED_HEADERS: readonly string[] = ['accept', 'content-type', 'x-use-cache', 'x-wait-for-model'];

const CONTENT_TYPES = /^(application\/(json|octet-stream)|image\/[\w.+-]+)$/;

/** Reads the id behind `/models/`, wherever the proxy is mounted; undefined for another path. */
export function readModel(pathname: string): string | undefined {
  const path = pathname.replace(/%2F/gi, '/');
  // Escapes, dots alone and deeper paths would be another address of the router's.
  const id = /^.*?\/models\/([\w-][\w.-]*(?:\/[\w-][\w.-]*)?)\/?$/.exec(path)?.[1];
  return id?.includes('..') ? undefined : id;
}

/** Checks what can be checked before the body is read. @throws ProxyRefusal */
export function readFacts(request: Request, model: string, maxBodyBytes: number): ProxyRequestFacts {
  const { method, headers } = request;
  if (method !== 'POST') {
    throw new ProxyRefusal(405, `${method} is not answered here. Send a POST.`, { allow: 'OPTIONS, POST' });
  }
  const contentType = (headers.get('content-type') ?? '').split(';', 1).join('').trim().toLowerCase();
  if (!CONTENT_TYPES.test(contentType)) {
    throw new ProxyRefusal(415, 'Send a picture with its type as content-type, or application/json.');
  }
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new ProxyRefusal(415, 'Send the body without content-encoding.');
  }
  const length = headers.get('content-length');
  const claimedBytes = length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
  if (claimedBytes !== undefined && claimedBytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
  return { model, contentType, claimedBytes, origin: headers.get('origin') ?? undefined };
}

/**
 * Reads the body whole: Hugging Face gets all of it, with its length, or nothing.
 * @throws ProxyRefusal; the signal's reason; what the stream fails with.
 */
export async function readBody(
  request: Request,
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const read = await readCapped(new Response(request.body), { maxBytes: maxBodyBytes, signal });
  if (read.kind === 'too-large') throw tooLarge(maxBodyBytes);
  if (read.kind === 'cut' || read.bytes.length === 0) throw new ProxyRefusal(400, 'The request has no body.');
  return read.bytes;
}

/** The headers of the forwarded request. */
export function forwardedHeaders(request: Request, token: string): Headers {
  const headers = new Headers({ authorization: `Bearer ${token}` });
  for (const name of FORWARDED_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function tooLarge(maxBodyBytes: number): ProxyRefusal {
  return new ProxyRefusal(413, `The request is larger than ${maxBodyBytes} bytes. Send a smaller picture.`);
}
