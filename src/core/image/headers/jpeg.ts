import { readOrientation } from '../exif.js';
import type { PictureHeader, SniffResult } from '../picture-header.js';
import { byteAt, damaged, type FileStart, found, lacking, startsWith, u16be } from './file-start.js';

/** What a frame marker says. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly components: number;
}

/**
 * Walks the segments up to the first scan, where decoders stop too. Thumbnails lie inside segments, so their own frame
 * markers are jumped over. ITU-T T.81, annex B.
 */
export function readJpegHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  let frame: Frame | undefined;
  let exif: PictureHeader['exif'] | undefined;
  for (let at = 2; ; ) {
    // Decoders jump over stray bytes between segments, and any number of 0xff may stand before a marker.
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    if (at + 3 > bytes.length) return lacking(file, at + 3);
    const marker = byteAt(bytes, at++);
    if (marker === 0xd9) return damaged('it ends before its pixels');
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const length = u16be(bytes, at);
    const end = at + length;
    if (length < 2) return damaged('a segment has no length');
    // The rest of the scan's own header says nothing of interest.
    if (marker === 0xda) return frame ? toResult(bytes, frame, exif) : damaged('it has no frame header');
    if (end > bytes.length) return lacking(file, end);
    if (isFrame(marker)) {
      if (isExotic(marker)) return { kind: 'unsupported', type: 'jpeg-lossless' };
      if (length < 8) return damaged('its frame header is too short');
      frame ??= {
        bits: byteAt(bytes, at + 2),
        height: u16be(bytes, at + 3),
        width: u16be(bytes, at + 5),
        components: byteAt(bytes, at + 7),
      };
    } else if (marker === 0xe1 && length > 8 && startsWith(bytes, 'Exif\0\0', at + 2)) {
      exif ??= { offset: at + 8, length: length - 8 };
    }
    at = end;
  }
}

/** SOF0 to SOF15; 0xc4, 0xc8 and 0xcc in between are tables and a reserved code. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Lossless and hierarchical frames: no browser decodes them. */
function isExotic(marker: number): boolean {
  return (marker & 3) === 3 || (marker >= 0xc5 && marker <= 0xc7) || marker >= 0xcd;
}

function toResult(bytes: Uint8Array, frame: Frame, exif: PictureHeader['exif'] | undefined): SniffResult {
  const { width, height, bits, components } = frame;
  if (components !== 1 && components !== 3 && components !== 4)
    return damaged(`JPEG has no pictures of ${components} components`);
  return found({
    format: 'jpeg',
    width,
    height,
    orientation: exif ? readOrientation(bytes.subarray(exif.offset, exif.offset + exif.length)) : 1,
    mayHaveAlpha: false,
    animated: false,
    bitsPerChannel: bits,
    colour: components === 1 ? 'grey' : components === 3 ? 'rgb' : 'cmyk',
    ...(exif ? { exif } : {}),
  });
}
