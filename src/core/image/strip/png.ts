import { boxType } from '../headers/boxes.js';
import { crc32 } from '../headers/crc32.js';
import { u32be } from '../headers/file-start.js';
import { EXIF_REMNANT_BYTES, type ExifRemnant } from './exif-remnant.js';
import { PartialCopy } from './partial-copy.js';

const IHDR_END = 33;
const IDAT = boxType('IDAT');
const IEND = boxType('IEND');
const EXIF = boxType('eXIf');

/** The case of a type's first letter says whether decoders may ignore the chunk. */
const ANCILLARY_BIT = 0x20000000;

/** Chunks that stay (pixels, animation, colour, size of a pixel), and the longest they can be, in bytes. */
const KEPT: ReadonlyMap<number, number> = new Map(
  Object.entries({
    PLTE: 768,
    IDAT: Number.POSITIVE_INFINITY,
    tRNS: 256,
    acTL: 8,
    fcTL: 26,
    fdAT: Number.POSITIVE_INFINITY,
    iCCP: Number.POSITIVE_INFINITY,
    sRGB: 1,
    gAMA: 4,
    cHRM: 32,
    cICP: 4,
    mDCV: 24,
    cLLI: 8,
    sBIT: 4,
    bKGD: 6,
    pHYs: 9,
  }).map(([letters, bytes]) => [boxType(letters), bytes]),
);

/**
 * Keeps the chunks that say something of the pixels or their colours, and nothing behind the last one. Undefined where
 * the structure is broken, a kept chunk is longer than it can be, or one is unknown that no decoder may ignore. W3C PNG
 * specification, third edition.
 */
export function stripPng(file: Uint8Array, exif: ExifRemnant | undefined): Uint8Array<ArrayBuffer> | undefined {
  const copy = new PartialCopy(file, EXIF_REMNANT_BYTES);
  copy.keep(0, IHDR_END);
  let pixelsEnd = 0;
  for (let at = IHDR_END; at + 12 <= file.length; ) {
    const length = u32be(file, at);
    const type = u32be(file, at + 4);
    const end = at + 12 + length;
    if (end > file.length) return undefined;
    if (type === IEND) {
      if (length > 0) return undefined;
      copy.keep(at, end);
      return copy.finish();
    }
    const longest = KEPT.get(type);
    if (longest !== undefined) {
      if (length > longest) return undefined;
      copy.keep(at, end);
    } else if ((type & ANCILLARY_BIT) === 0) {
      return undefined;
    } else if (type === EXIF && exif?.at === at + 8) {
      copy.write(exifChunk(exif.tiff));
    }
    if (type === IDAT) {
      // With a chunk in between, decoders differ in what they see.
      if (pixelsEnd !== 0 && pixelsEnd !== at) return undefined;
      pixelsEnd = end;
    }
    at = end;
  }
  return undefined;
}

function exifChunk(tiff: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + tiff.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, tiff.length);
  view.setUint32(4, EXIF);
  chunk.set(tiff, 8);
  view.setUint32(8 + tiff.length, crc32(chunk.subarray(4, 8 + tiff.length)));
  return chunk;
}
