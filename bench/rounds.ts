/** A middle value and the quartiles around it. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * Measures several sides in turn, so that what the machine does meanwhile meets all alike. Every second round goes
 * backwards: none always runs right after the same other one.
 * @returns What each side gave, by name, one entry per round.
 */
export async function interleave<Sides extends Readonly<Record<string, () => Promise<unknown>>>>(
  sides: Sides,
  rounds: number,
): Promise<{ [Name in keyof Sides]: Awaited<ReturnType<Sides[Name]>>[] }> {
  const names = Object.keys(sides);
  const values: Record<string, unknown[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) values[name]?.push(await sides[name]?.());
  }
  return values as { [Name in keyof Sides]: Awaited<ReturnType<Sides[Name]>>[] };
}

/** Median and quartiles, interpolated between neighbours. @throws RangeError if there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) };
}

/**
 * How many times as long one side took as another, round by round: what slows the machine for a while slows both.
 * @throws RangeError if the numbers of rounds differ or are 0.
 */
export function pairedRatio(times: readonly number[], bases: readonly number[]): Spread {
  if (times.length !== bases.length) throw new RangeError(`${times.length} rounds against ${bases.length}.`);
  return spreadOf(times.map((time, round) => time / (bases[round] ?? Number.NaN)));
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('There are no values.');
  return below + (above - below) * (at - Math.floor(at));
}
