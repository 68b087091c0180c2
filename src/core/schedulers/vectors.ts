/** Latents, noise or a network's output as one row of numbers. */
export type Vector = Float32Array<ArrayBuffer>;

/** A vector and what it is multiplied by. */
export type Term = readonly [factor: number, vector: Vector];

/**
 * Adds up multiples of vectors, in double precision.
 * @returns A fresh vector, empty where there are no terms.
 * @throws RangeError if the vectors' lengths differ.
 */
export function weightedSum(...terms: readonly Term[]): Vector {
  const length = terms[0]?.[1].length ?? 0;
  // One plain loop per term: four times as fast as a loop over terms in a loop over numbers.
  const sum = new Float64Array(length);
  for (const [factor, vector] of terms) {
    if (vector.length !== length)
      throw new RangeError(`Vectors of ${length} and of ${vector.length} numbers cannot be added.`);
    for (let at = 0; at < length; at++) sum[at] = (sum[at] as number) + factor * (vector[at] as number);
  }
  return new Float32Array(sum);
}

/** Limits all numbers to `-range` to `range`, in place. */
export function clampInPlace(vector: Vector, range: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] = Math.min(range, Math.max(-range, vector[i] as number));
}

/** One entry of a table. @throws RangeError where the table has none. */
export function entryAt(table: ArrayLike<number>, index: number): number {
  const entry = table[index];
  if (entry === undefined) throw new RangeError(`There is no entry ${index} among ${table.length}.`);
  return entry;
}
