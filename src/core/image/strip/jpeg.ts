import { byteAt, startsWith, u16be } from '../headers/file-start.js';
import { EXIF_REMNANT_BYTES, type ExifRemnant } from './exif-remnant.js';
import { PartialCopy } from './partial-copy.js';

const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;
const SCAN = 0xda;
const END = 0xd9;

/** Segments that decoding needs: frames that browsers decode, tables, restart interval, scans, number of lines. */
const PICTURE_MARKERS: ReadonlySet<number> = new Set([
  0xc0,
  0xc1,
  0xc2,
  0xc4,
  0xc9,
  0xca,
  0xcc,
  0xdb,
  0xdc,
  0xdd,
  SCAN,
]);

const JFIF_BYTES = 16;
const ADOBE_BYTES = 14;

/**
 * Keeps the frame, tables and scans, JFIF without its thumbnail, ICC profiles and Adobe's colour transform; ends at the
 * end mark, so that videos and second pictures behind it go. Undefined where the file's structure is broken. Bytes that
 * an encoder hid behind a scan's last block stay: only decoding would find them. ITU-T T.81, annex B.
 */
export function stripJpeg(file: Uint8Array, exif: ExifRemnant | undefined): Uint8Array<ArrayBuffer> | undefined {
  const copy = new PartialCopy(file, EXIF_REMNANT_BYTES);
  copy.keep(0, 2);
  for (let at = 2; ; ) {
    if (file[at] !== 0xff) return undefined;
    while (file[at] === 0xff) at++;
    const marker = byteAt(file, at++);
    if (marker === END) {
      copy.write([0xff, END]);
      return copy.finish();
    }
    const end = at + u16be(file, at);
    if (end < at + 2 || end > file.length) return undefined;
    if ((marker >= APP0 && marker <= APP15) || marker === COMMENT) {
      keepOfExtra(copy, file, marker, at, exif);
    } else if (PICTURE_MARKERS.has(marker)) {
      copy.write([0xff, marker]);
      copy.keep(at, end);
    } else {
      return undefined;
    }
    at = marker === SCAN ? endOfScan(file, end) : end;
    copy.keep(end, at);
  }
}

/** Copies what may stay of an application segment. `at` is where its length stands. */
function keepOfExtra(
  copy: PartialCopy,
  file: Uint8Array,
  marker: number,
  at: number,
  exif: ExifRemnant | undefined,
): void {
  const length = u16be(file, at);
  if (marker === APP0 && length >= JFIF_BYTES && startsWith(file, 'JFIF\0', at + 2)) {
    copy.write([0xff, APP0, 0, JFIF_BYTES]);
    copy.keep(at + 2, at + 14);
    // The size of the thumbnail that followed.
    copy.write([0, 0]);
  } else if (marker === APP1 && exif && exif.at === at + 8) {
    // The sniffer looked for the name before the block.
    copy.write([0xff, APP1, 0, 2 + 6 + exif.tiff.length]);
    copy.keep(at + 2, at + 8);
    copy.write(exif.tiff);
  } else if (marker === APP2 && length > 16 && startsWith(file, 'ICC_PROFILE\0', at + 2)) {
    copy.write([0xff, APP2]);
    copy.keep(at, at + length);
  } else if (marker === APP14 && length >= ADOBE_BYTES && startsWith(file, 'Adobe', at + 2)) {
    copy.write([0xff, APP14, 0, ADOBE_BYTES]);
    copy.keep(at + 2, at + ADOBE_BYTES);
  }
}

/** Where the marker behind a scan's data begins; the file's end if there is none. */
function endOfScan(file: Uint8Array, start: number): number {
  for (let at = start; ; ) {
    const found = file.indexOf(0xff, at);
    if (found < 0) return file.length;
    at = found;
    while (file[at] === 0xff) at++;
    const next = byteAt(file, at);
    // 0 says that 0xff is data; restart marks are part of it too. At the end of the file there is no mark.
    if (at < file.length && next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return found;
  }
}
