/** A place in the queue. */
export interface Turn {
  /** Whether somebody was before. */
  readonly waits: boolean;
  /** Resolves when all before are done. */
  readonly ready: Promise<void>;
  /** Lets the next one in; must be called exactly once, also by those who gave up waiting. */
  readonly done: () => void;
}

/** First come, first served. */
export function createTurns(): { take(): Turn } {
  let tail: Promise<void> = Promise.resolve();
  let open = 0;
  return {
    take() {
      const ready = tail;
      const waits = open > 0;
      open++;
      let release: () => void = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      tail = ready.then(() => released);
      return {
        waits,
        ready,
        done: () => {
          open--;
          release();
        },
      };
    },
  };
}
