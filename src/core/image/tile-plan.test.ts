import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minTileSide, planTiles, type TilePlan, type TilePlanOptions } from './tile-plan.js';

const side = fc.oneof(
  fc.integer({ min: 1, max: 700 }),
  fc.constantFrom(1, 2, 3, 31, 61, 97, 127, 128, 129, 255, 256, 257, 509, 511, 512, 513, 1021, 4093),
);

const anyOptions: fc.Arbitrary<TilePlanOptions> = fc.record({
  width: side,
  height: side,
  rule: fc.record({ overlapPx: fc.integer({ min: 0, max: 40 }), multiple: fc.constantFrom(1, 2, 3, 8, 16) }),
  maxTilePixels: fc.constantFrom(0, 1, 64 * 64, 128 * 128, 256 * 256, 300.5 * 300.5, 512 * 512, 1e9),
  maxSidePx: fc.constantFrom(1, 64, 100, 128, 256, 511, 512, 4096),
  engines: fc.integer({ min: 1, max: 8 }),
});

function extended(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

function makespan(plan: TilePlan, engines: number): number {
  return Math.ceil(plan.tiles.length / engines) * plan.tileWidth * plan.tileHeight;
}

describe('planTiles', () => {
  it('covers the picture exactly once', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const plan = planTiles(options);
        const seen = new Uint8Array(options.width * options.height);
        for (const { keep } of plan.tiles) {
          expect(keep.width).toBeGreaterThan(0);
          expect(keep.height).toBeGreaterThan(0);
          expect(keep.x + keep.width).toBeLessThanOrEqual(options.width);
          for (let y = keep.y; y < keep.y + keep.height; y++) {
            for (let x = keep.x; x < keep.x + keep.width; x++) seen[y * options.width + x]!++;
          }
        }
        expect(seen.every((times) => times === 1)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  it('gives every kept part its context, or ends at the border', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const { overlapPx, multiple } = options.rule;
        const right = extended(options.width, multiple);
        const bottom = extended(options.height, multiple);
        for (const { x, y, width, height, keep } of planTiles(options).tiles) {
          if (x > 0) expect(keep.x - x).toBeGreaterThanOrEqual(overlapPx);
          if (y > 0) expect(keep.y - y).toBeGreaterThanOrEqual(overlapPx);
          if (x + width < right) expect(x + width - keep.x - keep.width).toBeGreaterThanOrEqual(overlapPx);
          if (y + height < bottom) expect(y + height - keep.y - keep.height).toBeGreaterThanOrEqual(overlapPx);
          if (keep.x === 0) expect(x).toBe(0);
          if (keep.y === 0) expect(y).toBe(0);
          if (keep.x + keep.width === options.width) expect(x + width).toBe(right);
          if (keep.y + keep.height === options.height) expect(y + height).toBe(bottom);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('keeps one shape, the alignment, the bounds and the limits', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const { multiple } = options.rule;
        const plan = planTiles(options);
        const least = minTileSide(options.rule);
        const { tileWidth, tileHeight, columns, rows, tiles } = plan;
        expect(tiles.length).toBe(columns * rows);
        expect(plan.overhead).toBeCloseTo(
          (tiles.length * tileWidth * tileHeight) / (options.width * options.height),
          9,
        );
        expect(tileWidth).toBeLessThanOrEqual(Math.max(least, options.maxSidePx));
        expect(tileHeight).toBeLessThanOrEqual(Math.max(least, options.maxSidePx));
        expect(tileWidth * tileHeight).toBeLessThanOrEqual(Math.max(least * least, options.maxTilePixels));
        tiles.forEach((tile, index) => {
          expect([tile.index, tile.width, tile.height]).toEqual([index, tileWidth, tileHeight]);
          for (const length of [tile.x, tile.y, tile.width, tile.height]) expect(length % multiple).toBe(0);
          expect(tile.x).toBeGreaterThanOrEqual(0);
          expect(tile.x + tile.width).toBeLessThanOrEqual(extended(options.width, multiple));
          expect(tile.y + tile.height).toBeLessThanOrEqual(extended(options.height, multiple));
        });
      }),
      { numRuns: 120 },
    );
  });

  it('gives tiled results that equal whole ones, for a model that sums its neighbourhood', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 1, max: 150 }),
          height: fc.integer({ min: 1, max: 150 }),
          rule: fc.record({ overlapPx: fc.integer({ min: 1, max: 5 }), multiple: fc.constantFrom(1, 4) }),
          maxTilePixels: fc.constantFrom(1, 50 * 50, 64 * 80),
          maxSidePx: fc.constantFrom(44, 64, 4096),
          engines: fc.constantFrom(1, 3),
        }),
        (options) => {
          const { width, height, rule } = options;
          const pixel = (x: number, y: number) =>
            (Math.imul(Math.min(x, width - 1) + 1, 7919) ^ Math.imul(Math.min(y, height - 1) + 1, 104729)) & 255;
          const wide = extended(width, rule.multiple);
          const whole = sumAround(wide, extended(height, rule.multiple), rule.overlapPx, pixel);
          for (const tile of planTiles(options).tiles) {
            const part = sumAround(tile.width, tile.height, rule.overlapPx, (x, y) => pixel(x + tile.x, y + tile.y));
            const { keep } = tile;
            for (let y = keep.y; y < keep.y + keep.height; y++) {
              for (let x = keep.x; x < keep.x + keep.width; x++) {
                if (part[(y - tile.y) * tile.width + x - tile.x] !== whole[y * wide + x]) {
                  throw new Error(`Seam at ${x}, ${y}.`);
                }
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [1, 1],
    [1, 5000],
    [5000, 1],
    [127, 128],
    [128, 128],
  ])('runs %i x %i whole where it fits', (width, height) => {
    const rule = { overlapPx: 10, multiple: 1 };
    const plan = planTiles({ width, height, rule, maxTilePixels: 128 * 128, maxSidePx: 8192, engines: 1 });
    expect(plan.tiles).toHaveLength(1);
    expect(plan.tiles[0]).toEqual({ index: 0, x: 0, y: 0, width, height, keep: { x: 0, y: 0, width, height } });
    expect(plan.overhead).toBe(1);
  });

  it('cuts one pixel more than a tile into two', () => {
    const rule = { overlapPx: 10, multiple: 1 };
    const plan = planTiles({ width: 129, height: 128, rule, maxTilePixels: 1e9, maxSidePx: 128, engines: 1 });
    expect([plan.columns, plan.rows, plan.tileWidth]).toEqual([2, 1, 75]);
    expect(plan.tiles.map(({ x, keep }) => [x, keep.x, keep.width])).toEqual([
      [0, 0, 64],
      [54, 64, 65],
    ]);
  });

  it('extends a small picture to the multiple and no further', () => {
    const rule = { overlapPx: 4, multiple: 16 };
    const plan = planTiles({ width: 17, height: 3, rule, maxTilePixels: 1e6, maxSidePx: 512, engines: 4 });
    expect([plan.tileWidth, plan.tileHeight, plan.tiles.length]).toEqual([32, 16, 1]);
    expect(plan.tiles[0]?.keep).toEqual({ x: 0, y: 0, width: 17, height: 3 });
  });

  it('takes the least makespan of all even grids, found by trying each', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 200, max: 900 }),
          height: fc.integer({ min: 200, max: 900 }),
          rule: fc.record({ overlapPx: fc.integer({ min: 0, max: 20 }), multiple: fc.constantFrom(1, 8) }),
          maxTilePixels: fc.constantFrom(128 * 128, 200 * 200),
          maxSidePx: fc.constantFrom(150, 256),
          engines: fc.constant(1),
        }),
        (options) => {
          const { overlapPx, multiple } = options.rule;
          const lost = extended(2 * overlapPx, multiple);
          const sidesFor = (length: number) =>
            Array.from({ length: 40 }, (_, index) => {
              const whole = extended(length, multiple);
              return { count: index + 1, side: extended((whole + index * lost) / (index + 1), multiple) };
            });
          let best = Number.POSITIVE_INFINITY;
          for (const across of sidesFor(options.width)) {
            for (const down of sidesFor(options.height)) {
              const pixels = across.side * down.side;
              if (pixels > options.maxTilePixels || Math.max(across.side, down.side) > options.maxSidePx) continue;
              if (Math.min(across.side, down.side) < minTileSide(options.rule)) continue;
              best = Math.min(best, pixels * across.count * down.count);
            }
          }
          expect(makespan(planTiles(options), 1)).toBeLessThanOrEqual(best);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('shares a picture that fits one tile among engines, if that is worth it', () => {
    const rule = { overlapPx: 10, multiple: 1 };
    const limits = { rule, maxTilePixels: 1e9, maxSidePx: 4096 };
    const shared = planTiles({ width: 800, height: 600, ...limits, engines: 4 });
    expect(shared.tiles).toHaveLength(4);
    expect(makespan(shared, 4)).toBeLessThan(0.3 * 800 * 600);
    expect(planTiles({ width: 800, height: 600, ...limits, engines: 1 }).tiles).toHaveLength(1);
    expect(planTiles({ width: 90, height: 90, ...limits, engines: 4 }).tiles).toHaveLength(1);
    // Two halves of 180 px would be done after 0.9 of the time, for 1.8 times the work.
    expect(
      planTiles({ width: 200, height: 90, ...limits, rule: { overlapPx: 80, multiple: 1 }, engines: 2 }).tiles,
    ).toHaveLength(1);
  });

  it('never makes tiles silly to share them', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const alone = planTiles({ ...options, engines: 1 });
        const shared = planTiles(options);
        expect(makespan(shared, options.engines)).toBeLessThanOrEqual(makespan(alone, options.engines));
        expect(shared.tileWidth).toBeGreaterThanOrEqual(Math.min(96, alone.tileWidth));
        expect(shared.tileHeight).toBeGreaterThanOrEqual(Math.min(96, alone.tileHeight));
        const { width, height, rule } = options;
        const extension = (extended(width, rule.multiple) * extended(height, rule.multiple)) / (width * height);
        expect(shared.overhead).toBeLessThanOrEqual(Math.max(1.5 * extension, 1.25 * alone.overhead) + 1e-9);
      }),
      { numRuns: 120 },
    );
  });

  it('plans the largest picture fast, even under silly limits', () => {
    const rule = { overlapPx: 10, multiple: 1 };
    const size = { width: 16384, height: 16384 };
    planTiles({ ...size, rule, maxTilePixels: 256 * 256, maxSidePx: 4096, engines: 4 });
    const started = process.cpuUsage().user;
    const plan = planTiles({ ...size, rule, maxTilePixels: 256 * 256, maxSidePx: 4096, engines: 4 });
    const silly = planTiles({ ...size, rule, maxTilePixels: 1, maxSidePx: 1, engines: 4 });
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(2000);
    expect(plan.overhead).toBeLessThan(1.2);
    expect(silly.tiles.length).toBeLessThan(300_000);
  });

  it('refuses sizes that are none', () => {
    const limits = { rule: { overlapPx: 1, multiple: 1 }, maxTilePixels: 1e6, maxSidePx: 512, engines: 1 };
    expect(() => planTiles({ width: 0, height: 5, ...limits })).toThrow(RangeError);
    expect(() => planTiles({ width: 5, height: 1.5, ...limits })).toThrow(RangeError);
  });
});

/** A model of the given radius that pads with zeros: the sum over all pixels at most that far away. */
function sumAround(width: number, height: number, radius: number, pixel: (x: number, y: number) => number): Int32Array {
  const table = new Int32Array((width + 1) * (height + 1));
  const at = (x: number, y: number) => y * (width + 1) + x;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      table[at(x + 1, y + 1)] = pixel(x, y) + table[at(x, y + 1)]! + table[at(x + 1, y)]! - table[at(x, y)]!;
    }
  }
  const out = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [x0, x1] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
      const [y0, y1] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
      out[y * width + x] = table[at(x1, y1)]! - table[at(x0, y1)]! - table[at(x1, y0)]! + table[at(x0, y0)]!;
    }
  }
  return out;
}
