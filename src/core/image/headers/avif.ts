import type { PictureHeader, SniffResult } from '../picture-header.js';
import { locateAvifExif } from './avif-exif.js';
import { type AvifMeta, readAvifMeta } from './avif-meta.js';
import { type Box, boxType, readBox } from './boxes.js';
import { byteAt, damaged, type FileStart, found, lacking, startsWith, u32be } from './file-start.js';

/** A larger `meta` box is hostile: it holds a few properties and the list of items. */
const MAX_META_BYTES = 16 * 1024 * 1024;

/** What an ISO media file claims to be, by the brands of its first box. */
export type MediaBrand = 'avif' | 'heic' | 'mp4';

/** Reads the brands of a file that begins with an `ftyp` box; undefined if it does not. */
export function readBrand(bytes: Uint8Array): MediaBrand | undefined {
  if (!startsWith(bytes, 'ftyp', 4)) return undefined;
  const end = Math.min(u32be(bytes, 0), bytes.length, 1024);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4)
    brands.push(String.fromCharCode(...bytes.subarray(at, at + 4)));
  if (brands.includes('avif') || brands.includes('avis')) return 'avif';
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))) return 'heic';
  return 'mp4';
}

/**
 * Reads the `meta` box: size, rotation, depth and alpha of the primary item, or the largest size if it has none of its
 * own. The size is the displayed one. ISO/IEC 23008-12 (HEIF) and the AV1 Image File Format.
 */
export function readAvifHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  const sequence = isSequence(bytes);
  for (let at = 0; ; ) {
    if (at + 16 > bytes.length && !(file.complete && at + 8 <= bytes.length)) {
      if (file.complete && sequence) return { kind: 'unsupported', type: 'avif-sequence' };
      return lacking(file, at + 16);
    }
    const box = readBox(bytes, at, file.complete ? bytes.length : Number.MAX_SAFE_INTEGER);
    if (!box) return damaged('a box has no valid length');
    if (box.type === boxType('meta')) {
      if (box.end - box.start > MAX_META_BYTES) return damaged('its list of items is far too long');
      return box.end > bytes.length ? lacking(file, box.end) : toResult(file, box, sequence);
    }
    if (box.end === Number.MAX_SAFE_INTEGER) return damaged('its last box is not its list of items');
    at = box.end;
  }
}

function isSequence(bytes: Uint8Array): boolean {
  const end = Math.min(u32be(bytes, 0), bytes.length, 1024);
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) if (startsWith(bytes, 'avis', at)) return true;
  return false;
}

function toResult(file: FileStart, box: Box, animated: boolean): SniffResult {
  const meta = readAvifMeta(file.bytes, box);
  const size = sizeOf(file.bytes, meta);
  if (!size) return damaged('it names no size');
  const own = meta.properties.filter((property) => property.primary);
  const turned = own.some(({ type, start }) => type === boxType('irot') && (byteAt(file.bytes, start) & 1) === 1);
  const exif = locateAvifExif(file, meta);
  if (exif && 'kind' in exif) return exif;
  const { bits, grey } = depthOf(file.bytes, meta);
  return found({
    format: 'avif',
    width: turned ? size.height : size.width,
    height: turned ? size.width : size.height,
    orientation: 1,
    mayHaveAlpha: meta.properties.some(
      ({ type, start, end }) => type === boxType('auxC') && isAlpha(file.bytes, start, end),
    ),
    animated,
    bitsPerChannel: bits,
    colour: grey ? 'grey' : 'rgb',
    ...(exif ? { exif } : {}),
  });
}

function sizeOf(bytes: Uint8Array, { properties }: AvifMeta): Pick<PictureHeader, 'width' | 'height'> | undefined {
  const sizes = properties.filter(({ type, start, end }) => type === boxType('ispe') && end - start >= 12);
  const own = sizes.filter((property) => property.primary);
  let best: Pick<PictureHeader, 'width' | 'height'> | undefined;
  for (const { start } of own.length > 0 ? own : sizes) {
    const size = { width: u32be(bytes, start + 4), height: u32be(bytes, start + 8) };
    if (!best || size.width * size.height > best.width * best.height) best = size;
  }
  return best;
}

/** From the AV1 configurations: a grid has none of its own, so all items count. */
function depthOf(bytes: Uint8Array, { properties }: AvifMeta): { readonly bits: number; readonly grey: boolean } {
  let bits = 8;
  let grey: boolean | undefined;
  for (const { type, start, end } of properties) {
    if (type !== boxType('av1C') || end - start < 4) continue;
    const flags = byteAt(bytes, start + 2);
    bits = Math.max(bits, (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12);
    // The alpha plane is grey too; a picture is only if all its items are.
    grey = (grey ?? true) && (flags & 0x10) !== 0;
  }
  return { bits, grey: grey ?? false };
}

/** "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" or HEVC's older name; anything unknown may be alpha as well. */
function isAlpha(bytes: Uint8Array, start: number, end: number): boolean {
  const name = String.fromCharCode(...bytes.subarray(start + 4, Math.min(end, start + 64)));
  return !name.includes('depth');
}
