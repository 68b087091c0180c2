/** A whole number from 0 to 2^32 - 1, each as likely: enough for every generator, and short enough to read aloud. */
export function rollSeed(): number {
  const [rolled = 0] = crypto.getRandomValues(new Uint32Array(1));
  return rolled;
}

/** What a person typed as a seed: undefined for nothing (each run then takes its own), null for what is no seed. */
export function readSeed(text: string): number | undefined | null {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const seed = /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isSafeInteger(seed) ? seed : null;
}
