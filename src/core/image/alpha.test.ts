import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../contract/picture.js';
import { fillHiddenColours, hasTransparency } from './alpha.js';

type Rgba = readonly [number, number, number, number];

function paint(width: number, height: number, colour: (x: number, y: number) => Rgba): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 4);
  return { width, height, data };
}

function pixel(picture: Picture, x: number, y: number): number[] {
  const at = (y * picture.width + x) * 4;
  return [...picture.data.subarray(at, at + 4)];
}

/** Pictures whose alphas are often exactly 0, low or 255. */
const anyPicture = fc
  .record({ width: fc.integer({ min: 1, max: 13 }), height: fc.integer({ min: 1, max: 13 }) })
  .chain(({ width, height }) =>
    fc
      .array(
        fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.oneof(fc.constantFrom(0, 1, 15, 16, 255), fc.nat(255))),
        { minLength: width * height, maxLength: width * height },
      )
      .map((pixels): Picture => ({ width, height, data: Uint8Array.from(pixels.flat()) })),
  );

describe('hasTransparency', () => {
  it('finds a single pixel anywhere, also in unaligned bytes', () => {
    const length = 4 * 9001;
    for (const offset of [0, 1, 2, 3, 4]) {
      const data = new Uint8Array(new ArrayBuffer(length + offset), offset).fill(255);
      expect(hasTransparency(data)).toBe(false);
      for (const at of [3, 4095 * 4 + 3, 4096 * 4 + 3, length - 1]) {
        data[at] = 254;
        expect(hasTransparency(data)).toBe(true);
        data[at] = 255;
      }
      data[4] = 0;
      expect(hasTransparency(data)).toBe(false);
    }
    expect(hasTransparency(new Uint8Array(0))).toBe(false);
  });
});

describe('fillHiddenColours', () => {
  it('gives the very picture back where nothing is hidden', () => {
    const opaque = paint(5, 4, (x, y) => [x, y, 9, 255]);
    const veiled = paint(5, 4, (x, y) => [x, y, 9, 16 + x]);
    expect(fillHiddenColours(opaque)).toBe(opaque);
    expect(fillHiddenColours(veiled)).toBe(veiled);
  });

  it('keeps all alphas and all colours that can be trusted, and the input itself', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const before = picture.data.slice();
        const { data } = fillHiddenColours(picture);
        expect(picture.data).toEqual(before);
        const trusted = before.some((value, index) => index % 4 === 3 && value >= 16) ? 16 : 1;
        for (let at = 0; at < before.length; at += 4) {
          expect(data[at + 3]).toBe(before[at + 3]);
          if (before[at + 3]! >= trusted) expect(data.subarray(at, at + 3)).toEqual(before.subarray(at, at + 3));
        }
      }),
    );
  });

  it('does not depend on hidden colours', () => {
    fc.assert(
      fc.property(anyPicture, fc.nat(255), (picture, other) => {
        const changed: Picture = { ...picture, data: picture.data.slice() };
        for (let at = 0; at < changed.data.length; at += 4) {
          if (changed.data[at + 3] === 0) changed.data.fill(other, at, at + 3);
        }
        expect(fillHiddenColours(changed).data).toEqual(fillHiddenColours(picture).data);
      }),
    );
  });

  it('spreads a single colour over everything, however far', () => {
    const picture = paint(301, 203, (x, y) =>
      x === 7 && y === 190 ? [200, 100, 50, 255] : [0, 255, 0, (7 * x + 3 * y) % 16],
    );
    const filled = fillHiddenColours(picture);
    for (let y = 0; y < 203; y += 7) {
      for (let x = 0; x < 301; x += 5) expect(pixel(filled, x, y).slice(0, 3)).toEqual([200, 100, 50]);
    }
  });

  it('takes what is near before what is far, and stays within the colours around', () => {
    // Red on the left, blue on the right, 40 hidden green columns between.
    const picture = paint(100, 30, (x) => (x < 30 ? [250, 0, 10, 255] : x < 70 ? [0, 255, 0, 0] : [10, 0, 250, 255]));
    const filled = fillHiddenColours(picture);
    for (let x = 30; x < 70; x++) {
      const [red, green, blue] = pixel(filled, x, 15) as [number, number, number];
      expect(green).toBe(0);
      expect(red).toBeGreaterThanOrEqual(10);
      expect(red).toBeLessThanOrEqual(250);
      expect(Math.abs(red + blue - 260)).toBeLessThanOrEqual(2);
    }
    expect(pixel(filled, 31, 15)[0]).toBeGreaterThan(200);
    expect(pixel(filled, 68, 15)[2]).toBeGreaterThan(200);
  });

  it('counts the more opaque more', () => {
    const filled = fillHiddenColours(
      paint(2, 2, (x, y) => (y === 1 ? [9, 9, 9, 0] : x === 0 ? [200, 0, 0, 200] : [0, 0, 0, 50])),
    );
    expect(pixel(filled, 0, 1)).toEqual([160, 0, 0, 0]);
  });

  it('trusts faint colours where there are no others', () => {
    const filled = fillHiddenColours(paint(9, 9, (x) => (x < 4 ? [80, 90, 100, 10] : [255, 0, 255, 0])));
    expect(pixel(filled, 1, 1)).toEqual([80, 90, 100, 10]);
    expect(pixel(filled, 8, 8)).toEqual([80, 90, 100, 0]);
  });

  it('turns a wholly transparent picture grey', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 9],
      [6, 5],
    ] as const) {
      const filled = fillHiddenColours(paint(width, height, () => [255, 0, 255, 0]));
      expect(filled).toEqual(paint(width, height, () => [128, 128, 128, 0]));
    }
  });
});
