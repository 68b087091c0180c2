import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../contract/picture.js';
import { resize, resizeRows } from './resize.js';

const side = fc.integer({ min: 1, max: 24 });

function pictureOf(width: number, height: number, alpha: fc.Arbitrary<number>): fc.Arbitrary<Picture> {
  return fc
    .array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), alpha), {
      minLength: width * height,
      maxLength: width * height,
    })
    .map((pixels): Picture => ({ width, height, data: Uint8Array.from(pixels.flat()) }));
}

function anyPicture(alpha: fc.Arbitrary<number>): fc.Arbitrary<Picture> {
  return fc.tuple(side, side).chain(([width, height]) => pictureOf(width, height, alpha));
}

const opaque = fc.constant(255);
const anyAlpha = fc.oneof(fc.constantFrom(0, 255), fc.nat(255));

describe('resize', () => {
  it('agrees with Lanczos3 summed directly', () => {
    fc.assert(
      fc.property(anyPicture(opaque), side, side, (picture, width, height) => {
        const result = resize(picture, width, height);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const at = (y * width + x) * 4;
            for (let channel = 0; channel < 3; channel++) {
              const expected = reference(picture, width, height, x, y, channel);
              expect(Math.abs(result.data[at + channel]! - expected)).toBeLessThan(0.502);
            }
            expect(result.data[at + 3]).toBe(255);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('copies exactly at the same size', () => {
    fc.assert(
      fc.property(anyPicture(anyAlpha), (picture) => {
        const copy = resize(picture, picture.width, picture.height);
        expect(copy).toEqual(picture);
        expect(copy.data).not.toBe(picture.data);
      }),
    );
  });

  it('keeps constant pictures exactly, whatever their alpha', () => {
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 1, max: 90 }),
        side,
        colour,
        (fromWidth, fromHeight, width, height, rgba) => {
          const fill = (count: number) => Uint8Array.from(new Array(count).fill(rgba).flat());
          const picture = { width: fromWidth, height: fromHeight, data: fill(fromWidth * fromHeight) };
          expect(resize(picture, width, height).data).toEqual(fill(width * height));
        },
      ),
    );
  });

  it('never lets hidden colours through', () => {
    fc.assert(
      fc.property(
        anyPicture(fc.constantFrom(0, 0, 255, 100)),
        side,
        side,
        fc.nat(255),
        (picture, width, height, other) => {
          fc.pre(picture.data.some((value, at) => at % 4 === 3 && value < 255));
          fc.pre(width !== picture.width || height !== picture.height);
          const changed: Picture = { ...picture, data: picture.data.slice() };
          for (let at = 0; at < changed.data.length; at += 4) {
            if (changed.data[at + 3] === 0) changed.data.fill(other, at, at + 3);
          }
          expect(resize(changed, width, height)).toEqual(resize(picture, width, height));
        },
      ),
    );
  });

  it('keeps one colour pure across a transparent edge', () => {
    const data = Uint8Array.from({ length: 16 * 4 }, (_, at) => {
      const inside = at >> 2 < 8;
      return [inside ? 200 : 0, inside ? 60 : 255, inside ? 20 : 0, inside ? 255 : 0][at & 3]!;
    });
    for (const width of [5, 9, 11, 48]) {
      const result = resize({ width: 16, height: 1, data }, width, 3).data;
      for (let at = 0; at < result.length; at += 4) {
        const colour = [...result.subarray(at, at + 3)];
        expect(colour).toEqual(result[at + 3] === 0 ? [0, 0, 0] : [200, 60, 20]);
      }
    }
  });

  it('does not alias: a fine chequer becomes even grey', () => {
    const data = Uint8Array.from({ length: 64 * 64 * 4 }, (_, at) =>
      (at & 3) === 3 ? 255 : (((at >> 2) + ((at >> 2) >> 6)) & 1) * 255,
    );
    const result = resize({ width: 64, height: 64, data }, 15, 15);
    for (let at = 0; at < result.data.length; at += 4) expect(Math.abs(result.data[at]! - 127.5)).toBeLessThan(13);
  });

  it('clamps what rings beyond white and black', () => {
    const data = Uint8Array.from({ length: 8 * 4 }, (_, at) => ((at & 3) === 3 || at >= 16 ? 255 : 0));
    const row = resize({ width: 8, height: 1, data }, 32, 1).data.filter((_, at) => at % 4 === 0);
    // Wrapped bytes would be near the other end.
    expect(Math.max(...row.slice(0, 14))).toBeLessThan(40);
    expect(Math.min(...row.slice(18))).toBeGreaterThan(215);
  });

  it.each([
    [1, 1, 1, 1],
    [1, 1, 500, 3],
    [1, 70, 3, 1],
    [3000, 2, 1, 2],
    [2, 3000, 2, 1],
    [7, 5, 5, 7],
  ])('handles %i x %i to %i x %i', (fromWidth, fromHeight, width, height) => {
    const picture: Picture = {
      width: fromWidth,
      height: fromHeight,
      data: new Uint8Array(fromWidth * fromHeight * 4).fill(255),
    };
    expect(resize(picture, width, height)).toEqual({
      width,
      height,
      data: new Uint8Array(width * height * 4).fill(255),
    });
  });

  it('refuses sizes that are none', () => {
    const picture: Picture = { width: 1, height: 1, data: new Uint8Array(4) };
    expect(() => resize(picture, 0, 1)).toThrow(RangeError);
    expect(() => resize(picture, 1, 1.5)).toThrow(RangeError);
    expect(() => resize({ ...picture, width: 2 }, 1, 1)).toThrow(RangeError);
  });
});

describe('resizeRows', () => {
  it('yields bands of 1 to 32 rows, in order, each with its own bytes', () => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 150 }), (width, from, to) => {
        const source = { width, height: from, data: new Uint8Array(width * from * 4).fill(9) };
        const buffers = new Set<ArrayBuffer>();
        let next = 0;
        for (const band of resizeRows(source, 5, to)) {
          expect(band.y).toBe(next);
          expect(band.rows).toBeGreaterThanOrEqual(1);
          expect(band.rows).toBeLessThanOrEqual(32);
          expect(band.data.length).toBe(band.rows * 5 * 4);
          expect(band.data.byteLength).toBe(band.data.buffer.byteLength);
          buffers.add(band.data.buffer);
          expect(buffers.size).toBe(Math.ceil((next + 1) / 32));
          next += band.rows;
        }
        expect(next).toBe(to);
      }),
    );
  });

  it('cuts bands short where rows are long', () => {
    const source: Picture = { width: 4000, height: 8, data: new Uint8Array(4000 * 8 * 4).fill(255) };
    const bands = [...resizeRows(source, 40000, 60)];
    expect(bands.length).toBeGreaterThan(3);
    expect(bands.reduce((sum, band) => sum + band.rows, 0)).toBe(60);
  });
});

/** Straight from the definition, in two dimensions at once. */
function reference(picture: Picture, width: number, height: number, x: number, y: number, channel: number): number {
  const weigh = (d: number) =>
    d === 0 ? 1 : Math.abs(d) >= 3 ? 0 : (3 * Math.sin(Math.PI * d) * Math.sin((Math.PI * d) / 3)) / (Math.PI * d) ** 2;
  const weights = (from: number, to: number, index: number) =>
    Array.from({ length: from }, (_, at) => weigh((at + 0.5 - ((index + 0.5) * from) / to) / Math.max(1, from / to)));
  const across = weights(picture.width, width, x);
  const down = weights(picture.height, height, y);
  let sum = 0;
  let total = 0;
  down.forEach((v, row) => {
    across.forEach((h, column) => {
      sum += v * h * picture.data[(row * picture.width + column) * 4 + channel]!;
      total += v * h;
    });
  });
  return Math.max(0, Math.min(255, sum / total));
}
