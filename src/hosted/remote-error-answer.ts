import type { RemoteFailureKind } from './remote-error.js';
import { fieldOf, parseJson, readErrorText } from './remote-error-text.js';
import { readRetryAfter } from './retry-after.js';

/** What an answer with an error status says. */
export interface ErrorAnswer {
  readonly kind: RemoteFailureKind;
  /** In the service's own words, not cleaned. */
  readonly said: string;
  readonly requestId: string | undefined;
  /** Milliseconds that its headers ask for. */
  readonly askedMs: number | undefined;
  /** Milliseconds that its body expects a model to load; such numbers are guesses (20 to 2531 s were seen). */
  readonly estimatedMs: number | undefined;
}

/** Reads an answer with an error status, whoever made it: the service, a proxy before it, a captive portal. */
export function readErrorAnswer(
  status: number,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  nowMs: number,
): ErrorAnswer {
  const body = new TextDecoder().decode(bytes);
  const said = readErrorText(body);
  const estimatedMs = readEstimate(body);
  return {
    kind: kindOfStatus(status, said, estimatedMs !== undefined),
    said,
    requestId: headers.get('x-request-id') ?? headers.get('x-fal-request-id') ?? undefined,
    askedMs: readRetryAfter(headers, nowMs),
    estimatedMs,
  };
}

/**
 * The kind of failure that a status means, be it HTTP's or one that a body carries inside a 200.
 * @param said The service's words: some answer 403 or 429 for an empty account, and 503 for any trouble.
 */
export function kindOfStatus(status: number, said = '', isLoading = false): RemoteFailureKind {
  if (status === 503) return isLoading || /\bloading\b/i.test(said) ? 'model-loading' : 'provider-error';
  if (status >= 500) return 'provider-error';
  if ((status === 403 || status === 429) && /exhausted balance|insufficient (balance|credit)/i.test(said))
    return 'payment';
  return KINDS[status] ?? (status >= 400 ? 'validation' : 'bad-answer');
}

const KINDS: Readonly<Record<number, RemoteFailureKind>> = {
  401: 'auth',
  402: 'payment',
  403: 'forbidden',
  404: 'not-found',
  408: 'provider-error',
  410: 'not-found',
  413: 'too-large',
  429: 'rate-limited',
};

/** `{"estimated_time": 20.0}`, in seconds, beside `{"error": "Model X is currently loading"}`. */
function readEstimate(body: string): number | undefined {
  const seconds = fieldOf(parseJson(body), 'estimated_time');
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
