import { readOrientation } from '../exif.js';
import type { PictureHeader, SniffResult } from '../picture-header.js';
import { crc32 } from './crc32.js';
import { byteAt, damaged, type FileStart, found, lacking, startsWith, u32be } from './file-start.js';

/** End of the signature and the first chunk, which must be IHDR. */
const IHDR_END = 33;

// Chunk types as big-endian numbers: a hostile file can hold millions of chunks, and strings would cost.
const IDAT = 0x49444154;
const IEND = 0x49454e44;
const TRNS = 0x74524e53;
const ACTL = 0x6163544c;
const EXIF = 0x65584966;

/**
 * Reads IHDR and all chunks before the pixels (transparency, animation); EXIF also behind them as far as the bytes go.
 * W3C PNG specification, third edition.
 */
export function readPngHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  if (bytes.length < IHDR_END) return lacking(file, IHDR_END);
  if (u32be(bytes, 8) !== 13 || !startsWith(bytes, 'IHDR', 12)) return damaged('its first chunk is not a PNG header');
  if (u32be(bytes, 29) !== crc32(bytes.subarray(12, 29))) return damaged('the checksum of its header is wrong');
  const bits = byteAt(bytes, 24);
  const type = byteAt(bytes, 25);
  if (!isAllowed(type, bits)) return damaged(`PNG has no colour type ${type} with ${bits} bits`);

  const chunks = readChunks(file);
  if ('kind' in chunks) return chunks;
  const { exif } = chunks;
  return found({
    format: 'png',
    width: u32be(bytes, 16),
    height: u32be(bytes, 20),
    orientation: exif && chunks.exifFirst ? readOrientation(bytes.subarray(exif.offset, exif.offset + exif.length)) : 1,
    mayHaveAlpha: type >= 4 || chunks.transparent,
    animated: chunks.animated,
    bitsPerChannel: type === 3 ? 8 : bits,
    colour: type === 3 ? 'palette' : type === 0 || type === 4 ? 'grey' : 'rgb',
    ...(exif ? { exif } : {}),
  });
}

function isAllowed(type: number, bits: number): boolean {
  if (type === 0) return [1, 2, 4, 8, 16].includes(bits);
  if (type === 3) return [1, 2, 4, 8].includes(bits);
  return (type === 2 || type === 4 || type === 6) && (bits === 8 || bits === 16);
}

interface Chunks {
  readonly transparent: boolean;
  readonly animated: boolean;
  readonly exif: PictureHeader['exif'] | undefined;
  /** Whether it stands before the pixels: only then do browsers turn the picture (measured in Chromium). */
  readonly exifFirst: boolean;
}

function readChunks(file: FileStart): Chunks | SniffResult {
  const { bytes } = file;
  let transparent = false;
  let animated = false;
  let exif: PictureHeader['exif'] | undefined;
  let exifFirst = false;
  let pixelsSeen = false;
  const result = (): Chunks => ({ transparent, animated, exif, exifFirst });
  for (let at = IHDR_END; ; ) {
    if (at + 8 > bytes.length) return pixelsSeen ? result() : lacking(file, at + 8);
    const length = u32be(bytes, at);
    const type = u32be(bytes, at + 4);
    if (type === IDAT) pixelsSeen = true;
    else if (type === IEND) return pixelsSeen ? result() : damaged('it holds no pixels');
    else if (type === TRNS) transparent = true;
    else if (type === ACTL) animated = true;
    else if (type === EXIF && !exif && at + 8 + length <= bytes.length) {
      exif = { offset: at + 8, length };
      exifFirst = !pixelsSeen;
    }
    at += 12 + length;
  }
}
