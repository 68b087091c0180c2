import { readOrientation } from '../exif.js';
import type { PictureHeader } from '../picture-header.js';

/** What stays of a file's EXIF data. */
export interface ExifRemnant {
  /** Where in the file the TIFF block lies that it replaces. */
  readonly at: number;
  /** A TIFF block with the orientation and nothing else: {@link EXIF_REMNANT_BYTES} long. */
  readonly tiff: Uint8Array;
}

/** Length of {@link ExifRemnant.tiff}: a header, one directory with one entry, and no next directory. */
export const EXIF_REMNANT_BYTES = 26;

/** Undefined where the EXIF data does not turn the picture: then all of it can go. */
export function exifRemnant(bytes: Uint8Array, exif: PictureHeader['exif']): ExifRemnant | undefined {
  if (!exif) return undefined;
  const orientation = readOrientation(bytes.subarray(exif.offset, exif.offset + exif.length));
  if (orientation === 1) return undefined;
  const tiff = new Uint8Array(EXIF_REMNANT_BYTES);
  // "MM", 42, directory at 8; there: one entry, the orientation, one number of 16 bits. TIFF 6.0, section 2.
  tiff.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]);
  return { at: exif.offset, tiff };
}
