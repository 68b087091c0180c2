/** The end of one request: its sender's abort, or its time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The body; when it is over, broken off or let go, nothing more is waited for. */
  endWith(body: ReadableStream<Uint8Array> | null): ReadableStream<Uint8Array> | null;
}

/**
 * The time counts from now on. Without `AbortSignal.any`: in Node 20 that of a timeout can be collected as garbage before
 * it fires, whoever listens.
 */
export function startDeadline(request: Request, timeoutMs: number): Deadline {
  const controller = new AbortController();
  const timeout = AbortSignal.timeout(timeoutMs);
  const aborted = () => controller.abort(request.signal.reason);
  const timedOut = () => controller.abort(timeout.reason);
  if (request.signal.aborted) aborted();
  request.signal.addEventListener('abort', aborted);
  timeout.addEventListener('abort', timedOut);

  function end(): void {
    request.signal.removeEventListener('abort', aborted);
    timeout.removeEventListener('abort', timedOut);
  }

  function endWith(body: ReadableStream<Uint8Array> | null): ReadableStream<Uint8Array> | null {
    if (!body) {
      end();
      return null;
    }
    const reader = body.getReader();
    return new ReadableStream({
      async pull(into) {
        try {
          const { done, value } = await reader.read();
          if (!done) return into.enqueue(value);
          into.close();
        } catch (caught) {
          into.error(caught);
        }
        end();
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    });
  }

  return { signal: controller.signal, endWith };
}
