import { describe, expect, test } from 'vitest';
import type { ModelManifest } from '../contract/manifest.js';
import { peakBytes, planEngines, tileLimits } from './workload.js';

function model(macsPerPixel: number, activationBytesPerPixel: number, overlapPx: number): ModelManifest {
  return {
    macsPerPixel,
    activationBytesPerPixel,
    tile: { overlapPx, multiple: 1 },
    scale: 2,
  } as unknown as ModelManifest;
}

const cheap = model(16_000, 144, 8);
const heavy = model(700_000, 5_376, 18);

describe('tileLimits', () => {
  test('a cheap net gets large tiles, a heavy one small ones', () => {
    expect(Math.sqrt(tileLimits(cheap).maxTilePixels)).toBeGreaterThan(400);
    expect(Math.sqrt(tileLimits(heavy).maxTilePixels)).toBeLessThan(200);
  });

  test('activations stay within 128 MiB, also for a net that costs next to nothing', () => {
    for (const manifest of [cheap, heavy, model(10, 209, 8)]) {
      expect(tileLimits(manifest).maxTilePixels * manifest.activationBytesPerPixel).toBeLessThanOrEqual(2 ** 27);
    }
  });

  test("the caller's own limit is handed on", () => {
    expect(tileLimits(cheap, 64).maxSidePx).toBe(64);
  });
});

describe('planEngines', () => {
  test('one for a small picture, all for a large one, never more than allowed', () => {
    expect(planEngines(cheap, 100 * 100, { most: 8, warm: 0 })).toBe(1);
    expect(planEngines(cheap, 4000 * 3000, { most: 8, warm: 0 })).toBe(8);
    expect(planEngines(cheap, 4000 * 3000, { most: 2, warm: 4 })).toBe(2);
  });

  test('warm ones are used for work that would not be worth a start', () => {
    const pixels = 640 * 480;
    expect(planEngines(cheap, pixels, { most: 8, warm: 1 })).toBe(1);
    expect(planEngines(cheap, pixels, { most: 8, warm: 3 })).toBe(3);
    expect(planEngines(cheap, 50 * 50, { most: 8, warm: 3 })).toBe(1);
  });
});

test('peakBytes grows with the picture by exactly its input and output', () => {
  const at = (inputPixels: number): number =>
    peakBytes({
      manifest: cheap,
      inputPixels,
      outputPixels: inputPixels * 4,
      targetPixels: undefined,
      tilePixels: 10_000,
      engines: 2,
    });
  expect(at(2_000_000) - at(1_000_000)).toBe(1_000_000 * (4 + 16));
});
