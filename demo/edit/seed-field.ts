import { byId } from '../page-elements.js';
import { readSeed, rollSeed } from './seed.js';

/** The seed: typed, rolled, or left to each run. */
export interface SeedField {
  /** undefined where each run takes its own, and where what is typed is no seed. */
  value(): number | undefined;
  describe(hint: string): void;
  /** The seed that a run took, to be taken again. */
  used(seed: number): void;
  isValid(): boolean;
  complain(): void;
}

export function createSeedField(): SeedField {
  const field = byId('seed', HTMLInputElement);
  const again = byId('seed-again', HTMLElement);
  const lastUsed = byId('seed-used', HTMLElement);
  const reuse = byId('seed-reuse', HTMLButtonElement);

  function isValid(): boolean {
    const valid = readSeed(field.value) !== null;
    field.setCustomValidity(valid ? '' : `A whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or nothing.`);
    field.setAttribute('aria-invalid', String(!valid));
    return valid;
  }
  function fill(seed: string): void {
    field.value = seed;
    isValid();
  }

  field.addEventListener('input', isValid);
  byId('seed-roll', HTMLButtonElement).addEventListener('click', () => fill(String(rollSeed())));
  reuse.addEventListener('click', () => fill(lastUsed.textContent ?? ''));

  return {
    isValid,
    value: () => readSeed(field.value) ?? undefined,
    describe(hint) {
      byId('seed-hint', HTMLElement).textContent = hint;
    },
    used(seed) {
      lastUsed.textContent = String(seed);
      again.hidden = false;
    },
    complain: () => void field.reportValidity(),
  };
}
