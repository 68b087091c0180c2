import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOrientation, withUprightOrientation } from './exif.js';

/** A block with the given entries, each 12 bytes, in either byte order. */
function tiff(
  littleEndian: boolean,
  entries: readonly (readonly [tag: number, type: number, count: number, value: number])[],
) {
  const view = new DataView(new ArrayBuffer(8 + 2 + 12 * entries.length + 4));
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  view.setUint16(8, entries.length, littleEndian);
  entries.forEach(([tag, type, count, value], index) => {
    const at = 10 + 12 * index;
    view.setUint16(at, tag, littleEndian);
    view.setUint16(at + 2, type, littleEndian);
    view.setUint32(at + 4, count, littleEndian);
    view.setUint16(at + 8, value, littleEndian);
  });
  return new Uint8Array(view.buffer);
}

describe.each([true, false])('EXIF, little-endian %s', (littleEndian) => {
  it('reads all orientations, behind other tags', () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const block = tiff(littleEndian, [
        [0x0100, 3, 1, 5],
        [0x0112, 3, 1, orientation],
        [0x0113, 3, 1, 7],
      ]);
      expect(readOrientation(block)).toBe(orientation);
    }
  });

  it('is upright where the tag is missing, of another kind, or out of range', () => {
    expect(readOrientation(tiff(littleEndian, []))).toBe(1);
    expect(readOrientation(tiff(littleEndian, [[0x0112, 4, 1, 6]]))).toBe(1);
    expect(readOrientation(tiff(littleEndian, [[0x0112, 3, 2, 6]]))).toBe(1);
    for (const value of [0, 9, 0x600]) expect(readOrientation(tiff(littleEndian, [[0x0112, 3, 1, value]]))).toBe(1);
  });

  it('turns a copy upright and changes nothing else', () => {
    const block = tiff(littleEndian, [
      [0x0100, 3, 1, 6],
      [0x0112, 3, 1, 6],
    ]);
    const before = block.slice();
    const upright = withUprightOrientation(block);
    expect(block).toEqual(before);
    expect(upright).toEqual(
      tiff(littleEndian, [
        [0x0100, 3, 1, 6],
        [0x0112, 3, 1, 1],
      ]),
    );
  });

  it('survives every cut and any bytes', () => {
    const block = tiff(littleEndian, [[0x0112, 3, 1, 6]]);
    for (let length = 0; length < 22; length++) expect(readOrientation(block.subarray(0, length))).toBe(1);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(25), fc.nat(255))), (changes) => {
        const bytes = block.slice();
        for (const [at, value] of changes) bytes[at] = value;
        expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(readOrientation(bytes));
        expect(readOrientation(withUprightOrientation(bytes))).toBe(1);
      }),
    );
  });
});
