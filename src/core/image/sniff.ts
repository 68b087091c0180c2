import { readAvifHeader, readBrand } from './headers/avif.js';
import { isBmp, readBmpHeader } from './headers/bmp.js';
import { damaged, type FileStart, startsWith } from './headers/file-start.js';
import { nameForeignType } from './headers/foreign.js';
import { readGifHeader } from './headers/gif.js';
import { readJpegHeader } from './headers/jpeg.js';
import { readPngHeader } from './headers/png.js';
import { readWebpHeader } from './headers/webp.js';
import type { SniffResult } from './picture-header.js';

export type { PictureHeader, SniffResult } from './picture-header.js';

/** Enough to tell all formats apart. */
const MAGIC_BYTES = 32;

/**
 * Says what a file is and how large its picture claims to be, by its bytes alone: never by a MIME type or a name, and
 * without decoding, so that a small file which claims 16384 x 16384 pixels costs nothing. Time is linear in the bytes
 * given, whatever they hold; nothing throws.
 *
 * Usually 64 KiB are enough. JPEG and PNG may carry large metadata before the size, and WebP and AVIF announce EXIF
 * data at the file's end: then the answer is `need-more`, and the whole file is the next to give.
 * @param bytes The beginning of the file.
 * @param complete Whether `bytes` is the whole file; then the answer is never `need-more`.
 */
export function sniffPicture(bytes: Uint8Array, complete: boolean): SniffResult {
  if (!complete && bytes.length < MAGIC_BYTES) return { kind: 'need-more', minBytes: MAGIC_BYTES };
  const file: FileStart = { bytes, complete };
  if (startsWith(bytes, '\x89PNG\x0d\x0a\x1a\x0a')) return readPngHeader(file);
  if (startsWith(bytes, '\xff\xd8\xff')) return readJpegHeader(file);
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)) return readWebpHeader(file);
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return readGifHeader(file);
  if (startsWith(bytes, 'BM') && isBmp(bytes)) return readBmpHeader(file);
  const brand = readBrand(bytes);
  if (brand === 'avif') return readAvifHeader(file);
  if (brand) return { kind: 'unsupported', type: brand };
  // Line ends changed in transfer: the one damage that PNG's first bytes are made to show.
  if (startsWith(bytes, '\x89PNG')) return damaged('its first bytes were changed, as by a transfer as text');
  return { kind: 'unsupported', type: nameForeignType(bytes) };
}
