import type { PictureHeader, SniffResult } from '../picture-header.js';
import type { AvifMeta } from './avif-meta.js';
import type { Box } from './boxes.js';
import { byteAt, type FileStart, lacking, u16be, u32be } from './file-start.js';

/**
 * Where the EXIF item's TIFF block lies; undefined if there is none, or it does not lie in one piece. An answer that
 * more bytes are needed if its place is behind them.
 */
export function locateAvifExif(file: FileStart, meta: AvifMeta): PictureHeader['exif'] | SniffResult {
  if (meta.exifItem === undefined || !meta.itemLocations) return undefined;
  const extent = findExtent(file.bytes, meta.itemLocations, meta.exifItem);
  if (!extent || extent.length < 12) return undefined;
  if (extent.offset + 4 > file.bytes.length) return file.complete ? undefined : lacking(file, extent.offset + 4);
  // The item begins with the distance from its fourth byte to the TIFF block, usually 0, or 6 for JPEG's prefix.
  const skip = 4 + u32be(file.bytes, extent.offset);
  const exif = { offset: extent.offset + skip, length: extent.length - skip };
  if (exif.length < 8 || (file.complete && exif.offset + exif.length > file.bytes.length)) return undefined;
  return exif;
}

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Reads `iloc` up to the item. ISO/IEC 14496-12, 8.11.3. */
function findExtent(bytes: Uint8Array, box: Box, item: number): Extent | undefined {
  const version = byteAt(bytes, box.start);
  const sizes = u16be(bytes, box.start + 4);
  const offsetSize = sizes >> 12;
  const lengthSize = (sizes >> 8) & 15;
  const baseSize = (sizes >> 4) & 15;
  const indexSize = version > 0 ? sizes & 15 : 0;
  const idSize = version < 2 ? 2 : 4;
  let at = box.start + 6;
  const read = (size: number): number => {
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + byteAt(bytes, at++);
    return value;
  };
  for (let left = read(idSize); left > 0 && at < box.end; left--) {
    const id = read(idSize);
    const method = version > 0 ? read(2) & 15 : 0;
    at += 2;
    const base = read(baseSize);
    const extents = read(2);
    if (id === item) {
      if (method !== 0 || extents !== 1) return undefined;
      at += indexSize;
      const offset = base + read(offsetSize);
      const length = read(lengthSize);
      return Number.isSafeInteger(offset + length) ? { offset, length } : undefined;
    }
    at += extents * (indexSize + offsetSize + lengthSize);
  }
  return undefined;
}
