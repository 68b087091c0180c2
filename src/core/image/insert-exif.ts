import { isTiff } from './exif.js';
import { crc32 } from './headers/crc32.js';
import { startsWith, u16be, u32le } from './headers/file-start.js';
import { readWebpFrame } from './headers/webp.js';
import { sniffPicture } from './sniff.js';

/** Most that fits one JPEG segment beside its length and name. */
const MAX_JPEG_EXIF_BYTES = 65535 - 2 - 6;

const IHDR_END = 33;

/**
 * Puts an EXIF block into an encoded PNG, JPEG or WebP that has none; the pixels' bytes stay as they are.
 * @param file A whole file, as an encoder wrote it.
 * @param tiff The TIFF block, without JPEG's `Exif\0\0`.
 * @returns A new file. Undefined where it cannot be done: another format or a broken file, a file that has EXIF data
 * already, a block that is no TIFF, or one over 65527 bytes for a JPEG.
 */
export function insertExif(file: Uint8Array, tiff: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const sniffed = sniffPicture(file, true);
  if (sniffed.kind !== 'picture' || sniffed.header.exif || !isTiff(tiff)) return undefined;
  switch (sniffed.header.format) {
    case 'png':
      return insertIntoPng(file, tiff);
    case 'jpeg':
      return tiff.length > MAX_JPEG_EXIF_BYTES ? undefined : insertIntoJpeg(file, tiff);
    case 'webp':
      return insertIntoWebp(file, tiff);
    default:
      return undefined;
  }
}

function insertIntoPng(file: Uint8Array, tiff: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(12 + tiff.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, tiff.length);
  chunk.set(letters('eXIf'), 4);
  chunk.set(tiff, 8);
  view.setUint32(8 + tiff.length, crc32(chunk.subarray(4, 8 + tiff.length)));
  return join(file.subarray(0, IHDR_END), chunk, file.subarray(IHDR_END));
}

/** EXIF wants to be first; where a JFIF segment is there, that is, and readers expect EXIF right behind it. */
function insertIntoJpeg(file: Uint8Array, tiff: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = file[2] === 0xff && file[3] === 0xe0 ? 4 + u16be(file, 4) : 2;
  const length = 2 + 6 + tiff.length;
  const segment = Uint8Array.of(0xff, 0xe1, length >> 8, length & 255);
  return join(file.subarray(0, at), segment, letters('Exif\0\0'), tiff, file.subarray(at));
}

/** EXIF stands behind the pixels and needs the extended form, whose flags announce it. */
function insertIntoWebp(file: Uint8Array, tiff: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const riffEnd = 8 + u32le(file, 4);
  if (riffEnd > file.length) return undefined;
  const extended = startsWith(file, 'VP8X', 12);
  const head = extended ? file.slice(12, 30) : webpHead(file);
  if (!head) return undefined;
  head[8]! |= 0x08;
  const chunk = new Uint8Array(8 + tiff.length + (tiff.length & 1));
  chunk.set(letters('EXIF'));
  new DataView(chunk.buffer).setUint32(4, tiff.length, true);
  chunk.set(tiff, 8);
  const pixels = file.subarray(extended ? 30 : 12, riffEnd);
  const padding = new Uint8Array(pixels.length & 1);
  const whole = join(file.subarray(0, 12), head, pixels, padding, chunk);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return whole;
}

/** The VP8X chunk for a file of the simple form. */
function webpHead(file: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const frame = readWebpFrame(file, 12);
  if (!frame) return undefined;
  const head = new Uint8Array(18);
  head.set(letters('VP8X'));
  const view = new DataView(head.buffer);
  view.setUint32(4, 10, true);
  view.setUint8(8, frame.alpha ? 0x10 : 0);
  // Both sizes are 24 bits and one less; the first one's upper byte is then overwritten by the second.
  view.setUint32(12, frame.width - 1, true);
  view.setUint16(15, frame.height - 1, true);
  return head;
}

function letters(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
