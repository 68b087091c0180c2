import type { PictureFormat } from '../../contract/picture.js';
import { sniffPicture } from './sniff.js';
import { exifRemnant } from './strip/exif-remnant.js';
import { stripGif } from './strip/gif.js';
import { stripJpeg } from './strip/jpeg.js';
import { stripPng } from './strip/png.js';
import { stripWebp } from './strip/webp.js';

/**
 * Takes EXIF (with GPS), XMP, IPTC, C2PA, comments, texts, thumbnails and whatever stands behind the picture's end out
 * of a file; what is not known to be needed goes too. Pixels, animation, ICC profiles and colour settings stay byte for
 * byte, and of EXIF the orientation alone, where it turns the picture: at its place, for decoders heed it only there.
 * An ICC profile's own texts stay.
 * @param bytes A whole file.
 * @param format As sniffed.
 * @returns A new file, at most 26 bytes longer (where an EXIF block was shorter than the one that replaces
 * it). Undefined where the caller must encode the pixels anew: another format than said, broken structure, AVIF (its
 * items lie anywhere, by offsets), and BMP (it can link a profile by a path on its maker's disk, and PNG is smaller).
 */
export function stripMetadata(bytes: Uint8Array, format: PictureFormat): Uint8Array<ArrayBuffer> | undefined {
  const sniffed = sniffPicture(bytes, true);
  if (sniffed.kind !== 'picture' || sniffed.header.format !== format) return undefined;
  const exif = exifRemnant(bytes, sniffed.header.exif);
  switch (format) {
    case 'jpeg':
      return stripJpeg(bytes, exif);
    case 'png':
      return stripPng(bytes, exif);
    case 'webp':
      return stripWebp(bytes, exif);
    case 'gif':
      return stripGif(bytes);
    default:
      return undefined;
  }
}
