import { untilAborted } from '../until-aborted.js';

/** setTimeout counts in 32 bits; a longer limit is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What ends a call before it is done. */
export interface CallLimitsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  now(): number;
  /** The error of a call whose time is over. */
  exceeded(): Error;
}

/** The abort signal and the deadline of one call, as one. */
export interface CallLimits {
  /** Milliseconds left, 0 or more. */
  remainingMs(): number;
  /**
   * Runs work that ends when the call does, whether or not it minds the signal it is given.
   * @throws The signal's own reason on abort, the error of {@link CallLimitsOptions.exceeded}, else what the work throws.
   */
  hold<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** The time counts from now on. */
export function createCallLimits({ signal, timeoutMs, now, exceeded }: CallLimitsOptions): CallLimits {
  const startedMs = now();
  const remainingMs = () => Math.max(0, startedMs + timeoutMs - now());

  async function hold<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const leftMs = remainingMs();
    if (leftMs === 0) throw exceeded();
    const deadline = new AbortController();
    const timer = leftMs <= MAX_TIMER_MS ? setTimeout(() => deadline.abort(exceeded()), leftMs) : undefined;
    const end = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    try {
      return await untilAborted(end, work(end));
    } catch (caught) {
      // Work that minds the signal may have failed first, with an error of its own making.
      end.throwIfAborted();
      throw caught;
    } finally {
      clearTimeout(timer);
    }
  }

  return { remainingMs, hold };
}

/** The default of the transport's `sleep`. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
