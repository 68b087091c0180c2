import { describe, expect, test } from 'vitest';
import type { FeedForwardManifest } from '../contract/manifest.js';
import { planTiles } from './image/tile-plan.js';
import { peakBytes, planEngines, probeSidePx, tileLimits } from './workload.js';

function model(macsPerPixel: number, activationBytesPerPixel: number, overlapPx: number): FeedForwardManifest {
  return {
    macsPerPixel,
    activationBytesPerPixel,
    tile: { overlapPx, multiple: 1 },
    scale: 2,
  } as unknown as FeedForwardManifest;
}

const cheap = model(16_000, 144, 8);
const heavy = model(700_000, 5_376, 18);
const WASM = { device: 'wasm', engines: 2 } as const;
const WEBGPU = { device: 'webgpu', engines: 1 } as const;

describe('tileLimits', () => {
  test('a cheap net gets large tiles, a heavy one small ones', () => {
    expect(Math.sqrt(tileLimits(cheap, WASM).maxTilePixels)).toBeGreaterThan(400);
    expect(Math.sqrt(tileLimits(heavy, WASM).maxTilePixels)).toBeLessThan(200);
  });

  test('activations stay within 128 MiB, also for a net that costs next to nothing', () => {
    for (const manifest of [cheap, heavy, model(10, 209, 8)]) {
      expect(tileLimits(manifest, WASM).maxTilePixels * manifest.activationBytesPerPixel).toBeLessThanOrEqual(2 ** 27);
    }
  });

  test('many engines share 384 MiB of activations', () => {
    for (const engines of [1, 2, 4, 8, 16]) {
      const { maxTilePixels } = tileLimits(heavy, { device: 'wasm', engines });
      expect(engines * maxTilePixels * heavy.activationBytesPerPixel).toBeLessThanOrEqual(
        Math.max(384 * 2 ** 20, engines * 64 * 64 * heavy.activationBytesPerPixel),
      );
    }
  });

  test("the caller's own limit is handed on", () => {
    expect(tileLimits(cheap, { ...WASM, maxSidePx: 64 }).maxSidePx).toBe(64);
  });
});

describe('on WebGPU', () => {
  test('pictures of many sizes share few tile shapes', () => {
    const shapes = new Set<string>();
    for (let width = 700; width < 1700; width += 37) {
      const plan = planTiles({ width, height: 1000, rule: cheap.tile, engines: 1, ...tileLimits(cheap, WEBGPU) });
      shapes.add(`${plan.tileWidth}x${plan.tileHeight}`);
      expect(plan.tiles.every(({ x, y }) => x + plan.tileWidth <= width && y + plan.tileHeight <= 1000)).toBe(true);
    }
    expect(shapes.size).toBeLessThanOrEqual(4);
  });

  test('a smaller picture runs at its own size, and the limits hold', () => {
    const small = { width: 77, height: 90, rule: cheap.tile, engines: 1 };
    expect(planTiles({ ...small, ...tileLimits(cheap, WEBGPU) }).tiles).toHaveLength(1);
    const large = { width: 900, height: 900, rule: heavy.tile, engines: 1 };
    expect(planTiles({ ...large, ...tileLimits(heavy, WEBGPU) }).tileWidth).toBe(128);
    expect(planTiles({ ...large, ...tileLimits(heavy, { ...WEBGPU, maxSidePx: 100 }) }).tileWidth).toBe(100);
  });
});

test('devices are compared on a tile that WASM does in a tenth of a second', () => {
  expect(probeSidePx(cheap)).toBe(256);
  expect(probeSidePx(heavy)).toBe(64);
  expect(probeSidePx(cheap, 32)).toBe(32);
  expect(probeSidePx({ ...cheap, tile: { overlapPx: 8, multiple: 4 } }, 34)).toBe(32);
});

describe('planEngines', () => {
  test('one for a small picture, all for a large one, never more than allowed', () => {
    expect(planEngines(cheap, 100 * 100, { most: 8, warm: 0, earlierMacs: 0 })).toBe(1);
    expect(planEngines(cheap, 4000 * 3000, { most: 8, warm: 0, earlierMacs: 0 })).toBe(8);
    expect(planEngines(cheap, 4000 * 3000, { most: 2, warm: 4, earlierMacs: 0 })).toBe(2);
  });

  test('a client that has had much to do gets more engines, as far as the picture can use them', () => {
    const pixels = 640 * 480;
    const secondsOfWork = (seconds: number) => seconds * 14.5e9;
    expect(planEngines(cheap, pixels, { most: 8, warm: 1, earlierMacs: 0 })).toBe(1);
    expect(planEngines(cheap, pixels, { most: 8, warm: 1, earlierMacs: secondsOfWork(1) })).toBe(2);
    expect(planEngines(cheap, pixels, { most: 8, warm: 1, earlierMacs: secondsOfWork(60) })).toBe(7);
    expect(planEngines(cheap, 50 * 50, { most: 8, warm: 1, earlierMacs: secondsOfWork(60) })).toBe(1);
  });

  test('warm ones are used for work that would not be worth a start', () => {
    const pixels = 640 * 480;
    expect(planEngines(cheap, pixels, { most: 8, warm: 1, earlierMacs: 0 })).toBe(1);
    expect(planEngines(cheap, pixels, { most: 8, warm: 3, earlierMacs: 0 })).toBe(3);
    expect(planEngines(cheap, 50 * 50, { most: 8, warm: 3, earlierMacs: 0 })).toBe(1);
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
