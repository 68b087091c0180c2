import type { Orientation } from './orientation.js';

const TAG_ORIENTATION = 0x0112;
const TYPE_SHORT = 3;

/**
 * Reads the orientation tag of an EXIF block.
 * @param tiff The TIFF block, without JPEG's `Exif\0\0`.
 * @returns 1 (upright) also where the tag is missing or anything is broken, as browsers do.
 */
export function readOrientation(tiff: Uint8Array): Orientation {
  const tag = findOrientation(tiff);
  const value = tag ? u16(tiff, tag.at, tag.littleEndian) : 1;
  return value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

/** A copy of an EXIF block whose orientation tag, if it has one, says upright: for pixels that have been turned. */
export function withUprightOrientation(tiff: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(tiff);
  const tag = findOrientation(copy);
  if (tag) copy.set(tag.littleEndian ? [1, 0] : [0, 1], tag.at);
  return copy;
}

/** Whether a block begins as TIFF does: byte order and the number 42. */
export function isTiff(tiff: Uint8Array): boolean {
  if (tiff.length < 8) return false;
  const littleEndian = tiff[0] === 0x49;
  return tiff[0] === tiff[1] && (littleEndian || tiff[0] === 0x4d) && u16(tiff, 2, littleEndian) === 42;
}

/** Where the value of the orientation tag stands in the first directory. TIFF 6.0, section 2. */
function findOrientation(tiff: Uint8Array): { readonly at: number; readonly littleEndian: boolean } | undefined {
  if (!isTiff(tiff)) return undefined;
  const littleEndian = tiff[0] === 0x49;
  const directory = u32(tiff, 4, littleEndian);
  if (directory + 2 > tiff.length) return undefined;
  const count = u16(tiff, directory, littleEndian);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + 12 * index;
    if (entry + 12 > tiff.length) return undefined;
    if (u16(tiff, entry, littleEndian) !== TAG_ORIENTATION) continue;
    const isShort = u16(tiff, entry + 2, littleEndian) === TYPE_SHORT && u32(tiff, entry + 4, littleEndian) === 1;
    return isShort ? { at: entry + 8, littleEndian } : undefined;
  }
  return undefined;
}

function u16(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const [low, high] = littleEndian ? [at, at + 2] : [at + 2, at];
  return u16(bytes, low, littleEndian) + u16(bytes, high, littleEndian) * 0x10000;
}
