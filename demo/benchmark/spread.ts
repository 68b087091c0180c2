/** A middle value and the outermost ones. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** @throws RangeError if there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[0];
  const high = sorted.at(-1);
  const below = sorted[Math.ceil(sorted.length / 2) - 1];
  const above = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined || below === undefined || above === undefined) {
    throw new RangeError('There are no values.');
  }
  return { low, median: (below + above) / 2, high };
}
