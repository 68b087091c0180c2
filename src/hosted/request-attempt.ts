import { ownOrigin } from './allowed-address.js';
import { type BodyRead, readCapped } from './read-capped.js';
import type { RemoteFailure } from './remote-error.js';
import { readErrorAnswer } from './remote-error-answer.js';
import { buildHeaders, nameUnsafeHeaders } from './request-headers.js';
import type { FailedAttempt } from './retry-rule.js';
import type { TokenSource } from './token.js';
import type { HostedAnswer, HostedRequest, RequestAttempt } from './transport.js';

/** What the attempts of one call share. */
export interface AttemptContext {
  readonly fetch: typeof fetch;
  readonly tokens: TokenSource;
  /** Hosts that may have the token and the cookies. */
  readonly tokenHosts: ReadonlySet<string>;
  /** For those hosts and the page's own origin; no other gets cookies. */
  readonly credentials: RequestCredentials;
  /** Counted up: bytes of bodies, and submits. */
  readonly sent: { down: number; up: number; submits: number };
  now(): number;
}

/** How one attempt ended. */
export type AttemptOutcome =
  | { readonly answer: HostedAnswer }
  | { readonly failure: RemoteFailure; readonly failed: Omit<FailedAttempt, 'number'> };

/** More of an error's body is not read. */
const MAX_ERROR_BYTES = 65_536;

/**
 * Sends a request once and reads its answer.
 * @throws What the token's source throws, TypeError for headers that cannot be sent, the signal's own reason.
 */
export async function attemptRequest(
  request: HostedRequest,
  attempt: RequestAttempt,
  context: AttemptContext,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { origin, host } = new URL(request.url);
  // A result is fetched from where the provider says: neither token nor cookies go there, whosever host it is.
  const isTrusted = request.step !== 'download' && context.tokenHosts.has(host);
  const headers = buildHeaders(request, attempt, isTrusted ? await context.tokens.next() : '');
  // The token may have taken its time.
  signal.throwIfAborted();
  context.sent.up += sizeOf(request.body);
  if (request.step === 'submit') context.sent.submits += 1;
  const { fetch } = context;
  let response: Response;
  try {
    response = await fetch(request.url, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
      // A redirect would carry the picture to a host that nobody agreed to.
      redirect: 'error',
      credentials: isTrusted || (request.step !== 'download' && origin === ownOrigin()) ? context.credentials : 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
  } catch (caught) {
    signal.throwIfAborted();
    return unreachable(request, headers, caught);
  }
  return readAnswer(request, response, context, signal);
}

/** Who is named in messages: the provider, else the host. */
export function providerOf({ provider, url }: HostedRequest): string {
  return provider ?? new URL(url).host;
}

async function readAnswer(
  request: HostedRequest,
  response: Response,
  context: AttemptContext,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { status, headers } = response;
  const base = { step: request.step, provider: providerOf(request) };
  // An own fetch function may not know what `redirect: 'error'` means.
  if (response.redirected || response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    void response.body?.cancel().catch(() => {});
    return { failure: { ...base, kind: 'bad-answer', ...REDIRECTED }, failed: { status } };
  }
  const read = await readBody(request, response, context, signal);
  if (status >= 400) {
    const { askedMs, estimatedMs, ...told } = readErrorAnswer(status, headers, bytesOf(read), context.now());
    const retryAfterMs = askedMs ?? estimatedMs;
    return { failure: { ...base, ...told, status, retryAfterMs }, failed: { status, askedMs, estimatedMs } };
  }
  switch (read.kind) {
    case 'whole':
      return { answer: { status, headers, bytes: read.bytes } };
    case 'too-large':
      return {
        failure: {
          ...base,
          kind: 'bad-answer',
          what: `answered with more than ${request.maxBytes} bytes`,
          advice: TOO_LARGE,
        },
        failed: { status },
      };
    case 'cut':
      return brokenOff(request, `after ${read.receivedBytes} of ${read.totalBytes} bytes`);
    case 'broken':
      return brokenOff(request, `after ${read.receivedBytes} bytes`, describeCaught(read.caught));
  }
}

const REDIRECTED = {
  what: 'answered with a redirect, which is not followed: it would carry the request to another address',
  advice: 'Name the address that it leads to, if you trust it.',
} as const;

const TOO_LARGE = 'Ask for a smaller picture, or raise maxAnswerBytes.';

/** The connection failed while the body came. */
interface BrokenRead {
  readonly kind: 'broken';
  readonly receivedBytes: number;
  readonly caught: unknown;
}

async function readBody(
  request: HostedRequest,
  response: Response,
  { sent }: AttemptContext,
  signal: AbortSignal,
): Promise<BodyRead | BrokenRead> {
  const isError = response.status >= 400;
  let countedBytes = 0;
  try {
    return await readCapped(response, {
      maxBytes: isError ? MAX_ERROR_BYTES : request.maxBytes,
      signal,
      onBytes: (receivedBytes, totalBytes) => {
        sent.down += receivedBytes - countedBytes;
        countedBytes = receivedBytes;
        if (!isError) request.onBytes?.(receivedBytes, totalBytes);
      },
    });
  } catch (caught) {
    signal.throwIfAborted();
    return { kind: 'broken', receivedBytes: countedBytes, caught };
  }
}

function bytesOf(read: BodyRead | BrokenRead): Uint8Array<ArrayBuffer> {
  return 'bytes' in read ? read.bytes : new Uint8Array();
}

/** `fetch` failed. Browsers give one TypeError for everything that can have happened. */
function unreachable(
  request: HostedRequest,
  headers: Readonly<Record<string, string>>,
  caught: unknown,
): AttemptOutcome {
  const isOffline = globalThis.navigator?.onLine === false;
  return withoutAnswer(request, {
    what: isOffline
      ? 'could not be reached: this device is offline'
      : 'could not be reached, or kept its answer from this page',
    advice: isOffline ? 'Call again when it is online.' : adviceFor(request, headers),
    cause: describeCaught(caught),
  });
}

function brokenOff(request: HostedRequest, after: string, cause?: string): AttemptOutcome {
  return withoutAnswer(request, {
    what: `broke off its answer ${after}`,
    advice: 'Check the network, then call again.',
    cause,
  });
}

function withoutAnswer(
  request: HostedRequest,
  { what, advice, cause }: Pick<RemoteFailure, 'what' | 'advice' | 'cause'>,
): AttemptOutcome {
  const doubt =
    request.step === 'submit' ? ' The picture was not sent again: the service may have received it, and bill it.' : '';
  return {
    failure: {
      kind: 'network-or-cors',
      step: request.step,
      provider: providerOf(request),
      what,
      advice: `${advice}${doubt}`,
      cause,
    },
    failed: { status: undefined },
  };
}

function adviceFor({ url, body }: HostedRequest, headers: Readonly<Record<string, string>>): string {
  const { origin, host } = new URL(url);
  const own = ownOrigin();
  const redirect = 'It may also have answered with a redirect, which is not followed.';
  if (own === origin) return `Check the network. ${redirect}`;
  const names = nameUnsafeHeaders(headers, body);
  const allowed = names.length === 0 ? '' : ` and the headers ${names.join(', ')}`;
  return `Check the network; then that ${host} allows this page's origin${allowed} (CORS). ${redirect}`;
}

/** Name and message, and the code that node gives beneath them. */
export function describeCaught(caught: unknown): string {
  if (!(caught instanceof Error)) return String(caught);
  const code: unknown = caught.cause instanceof Error ? Reflect.get(caught.cause, 'code') : undefined;
  return `${caught.name}: ${caught.message}${typeof code === 'string' ? ` (${code})` : ''}`;
}

function sizeOf(body: HostedRequest['body']): number {
  if (body === undefined) return 0;
  if (typeof body === 'string') return new TextEncoder().encode(body).length;
  return body instanceof Blob ? body.size : body.byteLength;
}
