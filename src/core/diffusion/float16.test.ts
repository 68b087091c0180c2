import { describe, expect, test } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from './float16.js';

/** The value of a half by its definition, in doubles. */
function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half);
const narrow = (...values: readonly number[]): readonly number[] => [...float32ToFloat16(Float32Array.from(values))];

/** The float32 next to a positive one. */
function neighbour(value: number, step: 1 | -1): number {
  const words = new Uint32Array(Float32Array.of(value).buffer);
  words[0] = (words[0] as number) + step;
  return new Float32Array(words.buffer)[0] as number;
}

describe('all 65,536 halves', () => {
  const wide = float16ToFloat32(halves);

  test('have the value of their definition', () => {
    const wrong = [...halves].filter((half) => !Object.is(wide[half], valueOfHalf(half)));
    expect(wrong).toEqual([]);
  });

  test('come back as they went', () => {
    const back = float32ToFloat16(wide);
    const wrong = [...halves].filter((half) => !Number.isNaN(valueOfHalf(half)) && back[half] !== half);
    expect(wrong).toEqual([]);
  });

  test('NaN stays NaN', () => {
    const back = float16ToFloat32(float32ToFloat16(wide));
    const wrong = [...halves].filter((half) => Number.isNaN(valueOfHalf(half)) !== Number.isNaN(back[half]));
    expect(wrong).toEqual([]);
  });

  test('midway between two, the even one is taken; a hair to either side, the nearer one', () => {
    const wrong: number[] = [];
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (valueOfHalf(half) + valueOfHalf(half + 1)) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      const got = narrow(neighbour(middle, -1), middle, neighbour(middle, 1), -middle);
      if (got.join() !== [half, even, half + 1, even | 0x8000].join()) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });
});

test('what is too large becomes infinity', () => {
  expect(narrow(65_504, neighbour(65_520, -1), 65_520, 65_536, 3e38, Number.POSITIVE_INFINITY)).toEqual([
    0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00, 0x7c00,
  ]);
  expect(narrow(-65_520, -3e38)).toEqual([0xfc00, 0xfc00]);
});

test('what is too small becomes zero of its sign, also a float32 that is itself subnormal', () => {
  expect(narrow(2 ** -25, -(2 ** -26), 2 ** -149, -0)).toEqual([0, 0x8000, 0, 0x8000]);
});

test('reads a view that begins in the middle of its buffer', () => {
  const values = Float32Array.of(9, 1, 2);
  expect([...float32ToFloat16(values.subarray(1))]).toEqual([0x3c00, 0x4000]);
});
