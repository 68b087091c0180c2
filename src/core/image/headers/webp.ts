import type { PictureHeader, SniffResult } from '../picture-header.js';
import { byteAt, damaged, type FileStart, found, lacking, startsWith, u16le, u24le, u32le } from './file-start.js';

// Chunk types as little-endian numbers.
const VP8 = 0x20385056;
const VP8L = 0x4c385056;
const VP8X = 0x58385056;
const ALPH = 0x48504c41;
const ANMF = 0x464d4e41;
const EXIF = 0x46495845;

const FLAG_ANIMATION = 0x02;
const FLAG_EXIF = 0x08;
const FLAG_ALPHA = 0x10;

/** What stands in a VP8 or VP8L chunk. */
export interface WebpFrame {
  readonly width: number;
  readonly height: number;
  readonly alpha: boolean;
}

/**
 * Reads the first chunk; in the extended form also the chunks up to the pixels, and up to the EXIF data if a flag
 * announces it, which usually stands at the file's end. RFC 9649.
 */
export function readWebpHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  if (bytes.length < 30) return lacking(file, 30);
  if (u32le(bytes, 12) === VP8X) return readExtended(file);
  const frame = readWebpFrame(bytes, 12);
  return frame ? toResult(frame) : damaged('its first chunk holds no WebP frame');
}

/** Size and alpha of the VP8 or VP8L chunk that begins at `at`; undefined if it is neither, or too short. */
export function readWebpFrame(bytes: Uint8Array, at: number): WebpFrame | undefined {
  const type = u32le(bytes, at);
  const data = at + 8;
  if (type === VP8 && data + 10 <= bytes.length && startsWith(bytes, '\x9d\x01\x2a', data + 3)) {
    return { width: u16le(bytes, data + 6) & 0x3fff, height: u16le(bytes, data + 8) & 0x3fff, alpha: false };
  }
  if (type === VP8L && data + 5 <= bytes.length && bytes[data] === 0x2f) {
    const packed = u32le(bytes, data + 1);
    // All decoders treat a picture without the alpha hint as opaque.
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, alpha: ((packed >>> 28) & 1) === 1 };
  }
  return undefined;
}

function readExtended(file: FileStart): SniffResult {
  const { bytes } = file;
  const flags = byteAt(bytes, 20);
  const canvas = { width: u24le(bytes, 24) + 1, height: u24le(bytes, 27) + 1 };
  const animated = (flags & FLAG_ANIMATION) !== 0;
  const wantsExif = (flags & FLAG_EXIF) !== 0;
  const riffEnd = 8 + u32le(bytes, 4);
  let alpha = (flags & FLAG_ALPHA) !== 0;
  let pixelsSeen = false;
  let exif: PictureHeader['exif'];
  for (let at = 12; !(pixelsSeen && (exif || !wantsExif)) && at + 8 <= riffEnd; ) {
    const pixelHeader = u32le(bytes, at) === VP8L ? 13 : 8;
    if (at + pixelHeader > bytes.length) {
      if (!file.complete) return lacking(file, at + pixelHeader);
      break;
    }
    const type = u32le(bytes, at);
    const length = u32le(bytes, at + 4);
    if (type === VP8 || type === VP8L || type === ALPH || type === ANMF) {
      pixelsSeen = true;
      // Decoders believe the frame over the flags; frames of an animation are not looked into.
      alpha ||= type === ALPH || readWebpFrame(bytes, at)?.alpha === true || (type === ANMF && animated);
    } else if (type === EXIF) {
      if (!file.complete && at + 8 + length > bytes.length) return lacking(file, at + 8 + length);
      exif ??= exifWithin(bytes, at + 8, length);
    }
    at += 8 + length + (length & 1);
  }
  if (!pixelsSeen) return damaged('it holds no pixels');
  return toResult({ ...canvas, alpha }, animated, exif);
}

/** The TIFF block of an EXIF chunk; some writers put JPEG's prefix before it. */
function exifWithin(bytes: Uint8Array, offset: number, length: number): PictureHeader['exif'] {
  if (offset + length > bytes.length) return undefined;
  const prefix = length > 6 && startsWith(bytes, 'Exif\0\0', offset) ? 6 : 0;
  return { offset: offset + prefix, length: length - prefix };
}

function toResult(frame: WebpFrame, animated = false, exif?: PictureHeader['exif']): SniffResult {
  return found({
    format: 'webp',
    width: frame.width,
    height: frame.height,
    orientation: 1,
    mayHaveAlpha: frame.alpha,
    animated,
    bitsPerChannel: 8,
    colour: 'rgb',
    ...(exif ? { exif } : {}),
  });
}
