import type { SniffResult } from '../picture-header.js';
import { damaged, type FileStart, found, lacking, u16le, u32le } from './file-start.js';

/** Sizes of the bitmap headers in use: core, OS/2 2.x, info and its versions up to 5. */
const HEADER_SIZES = [12, 16, 40, 52, 56, 64, 108, 124];

/** Whether bytes that begin with "BM" are a bitmap, for two letters alone prove little. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes.length < 18 || HEADER_SIZES.includes(u32le(bytes, 14));
}

/** Reads the bitmap header. A negative height means rows from top to bottom. */
export function readBmpHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  if (bytes.length < 34) return lacking(file, 34);
  const core = u32le(bytes, 14) === 12;
  const width = core ? u16le(bytes, 18) : u32le(bytes, 18) | 0;
  const height = core ? u16le(bytes, 20) : Math.abs(u32le(bytes, 22) | 0);
  const bits = u16le(bytes, core ? 24 : 28);
  const compression = core || u32le(bytes, 14) === 16 ? 0 : u32le(bytes, 30);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) return damaged(`BMP has no pictures of ${bits} bits per pixel`);
  // Only a printer's bitmap wraps a JPEG or PNG.
  if (compression === 4 || compression === 5) return { kind: 'unsupported', type: 'bmp-embedded' };
  return found({
    format: 'bmp',
    width,
    height,
    orientation: 1,
    // Masks, the spare byte and pixels that run-length coding skips may all be transparent.
    mayHaveAlpha: compression !== 0 || bits === 16 || bits === 32,
    animated: false,
    bitsPerChannel: 8,
    colour: bits <= 8 ? 'palette' : 'rgb',
  });
}
