import { expect, test } from 'vitest';
import { probeTile, samePixels } from './probe-tile.js';

test('is the same every time, opaque and varied', () => {
  const tile = probeTile(32);
  expect(tile).toEqual(probeTile(32));
  expect(tile).toHaveLength(32 * 32 * 4);
  expect(tile.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  expect(new Set(tile).size).toBeGreaterThan(100);
});

test('tells rounding from a wrong result', () => {
  const tile = probeTile(16);
  const shifted = (by: number): Uint8Array => tile.map((value) => Math.max(0, value - by));
  expect(samePixels(tile, tile)).toBe(true);
  expect(samePixels(tile, shifted(2))).toBe(true);
  expect(samePixels(tile, shifted(20))).toBe(false);
  expect(samePixels(tile, new Uint8Array(tile.length))).toBe(false);
  expect(samePixels(tile, undefined)).toBe(false);
  expect(samePixels(tile, probeTile(8))).toBe(false);
});
