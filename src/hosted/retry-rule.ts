import type { HostedRequest } from './transport.js';

/** Sendings of one request, the first included. */
export const MAX_ATTEMPTS = 3;

/** No single wait is longer, whatever a server asks for. */
export const MAX_WAIT_MS = 60_000;

/** The wait without a hint is drawn between 0 and this times 2 per attempt... */
const FIRST_BACKOFF_MS = 1000;

/** ...up to this. */
const MAX_BACKOFF_MS = 30_000;

/** How an attempt failed. */
export interface FailedAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** Of the answer; undefined where none came, or not all of it. */
  readonly status: number | undefined;
  /** Milliseconds that the server's headers ask for. */
  readonly askedMs?: number | undefined;
  /** Milliseconds that it expects its model to load. */
  readonly estimatedMs?: number | undefined;
}

/** What else a repetition depends on. */
export interface RetryConditions {
  /** Milliseconds until the call's deadline. */
  readonly remainingMs: number;
  /** From 0, below 1. */
  random(): number;
}

/**
 * Milliseconds to wait before a request is sent again; undefined where it is not.
 *
 * A GET is repeated after 429, any 5xx and a failure of the network. A POST only after an answer which says that nothing was done:
 * 429, 503, and what `repeatOn` names; without an answer it may have been carried out, and billed. Nothing is repeated that could
 * not be before the deadline, or for which the server asks for more time than there is.
 */
export function retryWait(
  request: Pick<HostedRequest, 'method' | 'step' | 'repeatOn'>,
  failed: FailedAttempt,
  { remainingMs, random }: RetryConditions,
): number | undefined {
  if (failed.number >= MAX_ATTEMPTS || !mayRepeat(request, failed.status)) return undefined;
  const { askedMs, estimatedMs } = failed;
  if (askedMs !== undefined && askedMs >= remainingMs) return undefined;
  const backoffMs = random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failed.number - 1));
  const waitMs = Math.min(MAX_WAIT_MS, askedMs ?? estimatedMs ?? backoffMs);
  return waitMs < remainingMs ? waitMs : undefined;
}

function mayRepeat(
  { method, step, repeatOn }: Pick<HostedRequest, 'method' | 'step' | 'repeatOn'>,
  status: number | undefined,
): boolean {
  if (step === 'cancel') return false;
  if (method === 'GET') return status === undefined || status === 429 || status >= 500;
  return status === 429 || status === 503 || (status !== undefined && (repeatOn ?? []).includes(status));
}
