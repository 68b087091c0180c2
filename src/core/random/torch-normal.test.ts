import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMersenneTwister } from './mersenne-twister.js';
import { createTorchRandom } from './torch-normal.js';

const FIXTURES = new URL('../../../fixtures/diffusion/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('image-preprocess.json', FIXTURES), 'utf8')) as {
  readonly bin: string;
  readonly rng: readonly { readonly seed: string; readonly draws: readonly number[]; readonly out: string }[];
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly offset: number }[];
};
const bytes = readFileSync(new URL(index.bin, FIXTURES));

function recorded(name: string): Float32Array {
  const tensor = index.tensors.find((each) => each.name === name)!;
  const count = tensor.shape.reduce((product, side) => product * side, 1);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + tensor.offset).slice(0, 4 * count));
}

describe('createTorchRandom', () => {
  it.each(index.rng.map((each) => [each.seed, each.draws, each] as const))(
    'seed %s gives what torch gave for draws of %j',
    (_seed, _draws, { seed, draws, out }) => {
      const random = createTorchRandom(Number(seed));
      const got = draws.flatMap((count) => [...random.normal(count)]);
      const expected = recorded(out);
      expect(got).toHaveLength(expected.length);
      for (const [i, value] of got.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(3e-6);
    },
  );

  it('has vectors to compare with', () => expect(index.rng.length).toBeGreaterThan(20));

  it('takes the low 32 bits of the seed', () => {
    expect(createTorchRandom(2 ** 53 - 1).normal(20)).toEqual(createTorchRandom(2 ** 32 - 1).normal(20));
    expect(createTorchRandom(2 ** 32 + 7).normal(3)).toEqual(createTorchRandom(7).normal(3));
    expect(createTorchRandom(8).normal(3)).not.toEqual(createTorchRandom(7).normal(3));
  });

  it('keeps the second number of a pair for the next small draw, whatever is drawn between', () => {
    const [whole, split] = [createTorchRandom(3), createTorchRandom(3)];
    const pair = whole.normal(2);
    expect(split.normal(1)[0]).toBe(pair[0]);
    expect(split.normal(16)).toEqual(whole.normal(16));
    expect(split.normal(1)[0]).toBe(pair[1]);
    expect(split.normal(0)).toHaveLength(0);
  });

  it('has mean 0 and variance 1 and no infinite number', () => {
    const numbers = createTorchRandom(11).normal(100_003);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    expect(numbers.every(Number.isFinite)).toBe(true);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('refuses the seed %s', (seed) => {
    expect(() => createTorchRandom(seed)).toThrow(RangeError);
  });
});

describe('createMersenneTwister', () => {
  it('gives the published 10000th number of the default seed', () => {
    // The C++ standard names it for std::mt19937.
    const next = createMersenneTwister(5489);
    for (let i = 1; i < 10_000; i++) next();
    expect(next()).toBe(4_123_659_995);
  });
});
