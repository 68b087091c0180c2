import { describe, expect, it } from 'vitest';
import { insertExif } from './insert-exif.js';
import { type PictureHeader, sniffPicture } from './sniff.js';

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const bytes = (...parts: (Uint8Array | readonly number[] | string)[]) =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? latin1(part) : part)]));

/** A 1 x 1 PNG as zlib and libpng write it; its checksums are theirs. */
const PNG = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);
const FRAME = [0xff, 0xc0, 0, 17, 8, 0, 9, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
const SCAN = [0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 1, 2, 3, 0xff, 0xd9];
const JFIF = [0xff, 0xe0, 0, 16, ...latin1('JFIF\0\x01\x01\0\0\x01\0\x01\0\0')];
const WEBP_LOSSY = bytes(
  'RIFF',
  [32, 0, 0, 0],
  'WEBPVP8 ',
  [19, 0, 0, 0],
  [0x10, 0, 0, 0x9d, 1, 0x2a, 8, 0, 9, 0],
  new Uint8Array(9),
  [0],
);
const WEBP_LOSSLESS = bytes('RIFF', [22, 0, 0, 0], 'WEBPVP8L', [10, 0, 0, 0], [0x2f, 7, 0, 2, 0x10, 0, 0, 0, 0, 0]);

function tiffOf(length: number): Uint8Array {
  const block = new Uint8Array(length).fill(7);
  block.set(bytes('MM\0*', [0, 0, 0, 8], [0, 1], [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0], [0, 0, 0, 0]));
  return block;
}

function headerOf(file: Uint8Array | undefined): PictureHeader {
  const result = sniffPicture(file!, true);
  if (result.kind !== 'picture') throw new Error(JSON.stringify(result));
  return result.header;
}

describe('insertExif', () => {
  it.each([
    ['png', PNG],
    ['jpeg', bytes([0xff, 0xd8], JFIF, FRAME, SCAN)],
    ['jpeg', bytes([0xff, 0xd8], FRAME, SCAN)],
    ['webp', WEBP_LOSSY],
    ['webp', WEBP_LOSSLESS],
  ] as const)('puts a block of even or odd length into a %s, and the header stays', (format, file) => {
    for (const length of [26, 27, 6_000]) {
      const before = headerOf(file);
      const result = insertExif(file, tiffOf(length));
      const { exif, ...header } = headerOf(result);
      expect(header).toEqual({ ...before, format, orientation: format === 'webp' ? 1 : 6 });
      expect(result!.subarray(exif!.offset, exif!.offset + exif!.length)).toEqual(tiffOf(length));
      expect(insertExif(result!, tiffOf(26))).toBeUndefined();
    }
  });

  it('writes a PNG chunk with a right checksum, behind the header', () => {
    const result = insertExif(PNG, bytes('MM\0*', [0, 0, 0, 8], [0, 0]))!;
    // The checksum is Python's zlib.crc32(b"eXIfMM\0*\0\0\0\x08\0\0").
    expect(result.subarray(33, 33 + 22)).toEqual(
      bytes([0, 0, 0, 10], 'eXIfMM\0*', [0, 0, 0, 8], [0, 0], [0xbe, 0xa0, 0xf2, 0xaf]),
    );
    expect(result.subarray(0, 33)).toEqual(PNG.subarray(0, 33));
    expect(result.subarray(55)).toEqual(PNG.subarray(33));
  });

  it('stands behind JFIF in a JPEG', () => {
    const result = insertExif(bytes([0xff, 0xd8], JFIF, FRAME, SCAN), tiffOf(26))!;
    expect(result).toEqual(bytes([0xff, 0xd8], JFIF, [0xff, 0xe1, 0, 34], 'Exif\0\0', tiffOf(26), FRAME, SCAN));
  });

  it('turns a simple WebP into the extended form', () => {
    const result = insertExif(WEBP_LOSSLESS, tiffOf(27))!;
    const head = ['VP8X', [10, 0, 0, 0], [0x18, 0, 0, 0], [7, 0, 0], [8, 0, 0]] as const;
    expect(result).toEqual(
      bytes('RIFF', [76, 0, 0, 0], 'WEBP', ...head, WEBP_LOSSLESS.subarray(12), 'EXIF', [27, 0, 0, 0], tiffOf(27), [0]),
    );
  });

  it('keeps the other flags of an extended WebP', () => {
    const head = bytes('VP8X', [10, 0, 0, 0], [0x20, 0, 0, 0], [7, 0, 0], [8, 0, 0]);
    const file = bytes('RIFF', [50, 0, 0, 0], 'WEBP', head, WEBP_LOSSY.subarray(12));
    const result = insertExif(file, tiffOf(26))!;
    expect(result[20]).toBe(0x28);
    expect(headerOf(result)).toMatchObject({ width: 8, height: 9, exif: { length: 26 } });
  });

  it('declines what it cannot do', () => {
    const jpeg = bytes([0xff, 0xd8], FRAME, SCAN);
    expect(insertExif(jpeg, tiffOf(65_527))).toBeDefined();
    expect(insertExif(jpeg, tiffOf(65_528))).toBeUndefined();
    expect(insertExif(jpeg, latin1('not a TIFF block'))).toBeUndefined();
    expect(insertExif(jpeg.subarray(0, 10), tiffOf(26))).toBeUndefined();
    expect(insertExif(WEBP_LOSSY.subarray(0, 34), tiffOf(26))).toBeUndefined();
    expect(insertExif(latin1('GIF89a'), tiffOf(26))).toBeUndefined();
    expect(insertExif(new Uint8Array(0), tiffOf(26))).toBeUndefined();
  });
});
