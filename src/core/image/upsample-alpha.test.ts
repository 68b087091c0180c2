import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../contract/picture.js';
import { upsampleAlpha } from './upsample-alpha.js';

function fromAlpha(width: number, height: number, alpha: (x: number, y: number) => number): Picture {
  const data = new Uint8Array(width * height * 4).fill(77);
  for (let at = 0; at < width * height; at++) data[4 * at + 3] = alpha(at % width, Math.floor(at / width));
  return { width, height, data };
}

function upsample(
  source: Picture,
  scale: number,
  area?: { x: number; y: number; width: number; height: number },
): number[][] {
  const whole = area ?? { x: 0, y: 0, width: source.width * scale, height: source.height * scale };
  const target = new Uint8ClampedArray(whole.width * whole.height * 4).fill(33);
  upsampleAlpha(source, scale, whole, target);
  expect(target.every((value, at) => at % 4 === 3 || value === 33)).toBe(true);
  return Array.from({ length: whole.height }, (_, y) =>
    Array.from({ length: whole.width }, (_, x) => target[(y * whole.width + x) * 4 + 3]!),
  );
}

const anyAlpha = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.oneof(fc.constantFrom(0, 255), fc.nat(255)), { minLength: width * height, maxLength: width * height })
      .map((alphas) => fromAlpha(width, height, (x, y) => alphas[y * width + x]!)),
  );

describe('upsampleAlpha', () => {
  it('agrees with Catmull-Rom in floating point', () => {
    fc.assert(
      fc.property(anyAlpha, fc.integer({ min: 1, max: 5 }), (source, scale) => {
        upsample(source, scale).forEach((row, y) => {
          row.forEach((alpha, x) => {
            expect(Math.abs(alpha - reference(source, (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5))).toBeLessThan(
              1.1,
            );
          });
        });
      }),
    );
  });

  it('does not depend on how the output is cut', () => {
    fc.assert(
      fc.property(
        anyAlpha,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (source, scale, a, b, c, d) => {
          const whole = upsample(source, scale);
          const x = a % (source.width * scale);
          const y = b % (source.height * scale);
          const width = 1 + (c % (source.width * scale - x));
          const height = 1 + (d % (source.height * scale - y));
          expect(upsample(source, scale, { x, y, width, height })).toEqual(
            whole.slice(y, y + height).map((row) => row.slice(x, x + width)),
          );
        },
      ),
    );
  });

  it('copies at scale 1', () => {
    fc.assert(
      fc.property(anyAlpha, (source) => {
        expect(upsample(source, 1).flat()).toEqual([...source.data.filter((_, at) => at % 4 === 3)]);
      }),
    );
  });

  it.each([0, 1, 128, 254, 255])('keeps a constant %i exactly', (alpha) => {
    for (const scale of [2, 3, 4, 7]) {
      expect(
        new Set(
          upsample(
            fromAlpha(3, 5, () => alpha),
            scale,
          ).flat(),
        ),
      ).toEqual(new Set([alpha]));
    }
  });

  it('is exact away from an edge, and smooth and symmetric at it', () => {
    const rows = upsample(
      fromAlpha(12, 2, (x) => (x < 6 ? 0 : 255)),
      2,
    );
    const row = rows[1]!;
    expect(row.slice(0, 9).every((alpha) => alpha === 0)).toBe(true);
    expect(row.slice(15).every((alpha) => alpha === 255)).toBe(true);
    expect(row[11]! + row[12]!).toBe(255);
    expect(row[11]).toBeGreaterThan(0);
    // In an otherwise uneven row, an exact neighbourhood still gives exact bytes.
    const spotted = upsample(
      fromAlpha(20, 1, (x) => (x === 0 ? 90 : x < 10 ? 255 : 0)),
      3,
    )[0]!;
    expect(spotted.slice(9, 24)).toEqual(new Array(15).fill(255));
    expect(spotted.slice(36)).toEqual(new Array(24).fill(0));
  });

  it('treats rows as it treats columns, whichever of the four differ', () => {
    for (let odd = 0; odd < 5; odd++) {
      const columns = upsample(
        fromAlpha(5, 5, (x, y) => (x === odd && y === 3 ? 200 : 40)),
        3,
      );
      const rows = upsample(
        fromAlpha(5, 5, (x, y) => (y === odd && x === 3 ? 200 : 40)),
        3,
      );
      expect(rows).toEqual(columns.map((_, y) => columns.map((row) => row[y])));
    }
  });

  it('refuses a target of another size', () => {
    const area = { x: 0, y: 0, width: 2, height: 2 };
    expect(() =>
      upsampleAlpha(
        fromAlpha(1, 1, () => 0),
        2,
        area,
        new Uint8Array(15),
      ),
    ).toThrow(RangeError);
  });
});

function reference({ width, height, data }: Picture, x: number, y: number): number {
  const weigh = (distance: number) => {
    const d = Math.abs(distance);
    if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  let sum = 0;
  for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 2; row++) {
    for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 2; column++) {
      const clampedX = Math.max(0, Math.min(width - 1, column));
      const clampedY = Math.max(0, Math.min(height - 1, row));
      sum += weigh(x - column) * weigh(y - row) * data[(clampedY * width + clampedX) * 4 + 3]!;
    }
  }
  return Math.max(0, Math.min(255, sum));
}
