/** Measures laps in milliseconds. */
export interface Stopwatch {
  /** Since the last lap, or the start. */
  lap(): number;
}

/** Starts now. */
export function startStopwatch(): Stopwatch {
  let last = performance.now();
  return {
    lap() {
      const now = performance.now();
      const elapsed = now - last;
      last = now;
      return elapsed;
    },
  };
}
