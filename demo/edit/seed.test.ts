import { expect, it } from 'vitest';
import { readSeed, rollSeed } from './seed.js';

it('reads whole numbers from 0 to 2^53 - 1, and tells nothing from nonsense', () => {
  expect(readSeed(' 42 ')).toBe(42);
  expect(readSeed('0')).toBe(0);
  expect(readSeed('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(readSeed('')).toBeUndefined();
  for (const nonsense of ['-1', '1.5', '1e3', 'abc', '9007199254740992']) expect(readSeed(nonsense)).toBeNull();
});

it('rolls seeds that can be read again, and not always the same', () => {
  const rolled = Array.from({ length: 8 }, rollSeed);
  for (const seed of rolled) expect(readSeed(String(seed))).toBe(seed);
  expect(new Set(rolled).size).toBeGreaterThan(1);
});
