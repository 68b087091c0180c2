import { expect, test } from 'vitest';
import { probeTile, samePixels } from './probe-tile.js';

test('is the same every time, opaque and varied', () => {
  const tile = probeTile(32);
  expect(tile).toEqual(probeTile(32));
  expect(tile.dims).toEqual([1, 32, 32, 4]);
  expect(tile.data.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  expect(new Set(tile.data).size).toBeGreaterThan(100);
});

test('tells rounding from a wrong result', () => {
  const tile = probeTile(16);
  const shifted = (by: number) => ({ ...tile, data: tile.data.map((value) => Math.max(0, value - by)) });
  expect(samePixels(tile, tile)).toBe(true);
  expect(samePixels(tile, shifted(2) as typeof tile)).toBe(true);
  expect(samePixels(tile, shifted(20) as typeof tile)).toBe(false);
  expect(samePixels(tile, { ...tile, data: new Uint8Array(tile.data.length) })).toBe(false);
  expect(samePixels(tile, undefined)).toBe(false);
  expect(samePixels(tile, probeTile(8))).toBe(false);
});
