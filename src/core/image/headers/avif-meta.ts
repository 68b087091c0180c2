import { type Box, boxType, readBoxes } from './boxes.js';
import { byteAt, u16be, u32be } from './file-start.js';

/** A property of some item. */
export interface ItemProperty extends Box {
  /** Whether it belongs to the primary item. */
  readonly primary: boolean;
}

/** What of a `meta` box is of interest. */
export interface AvifMeta {
  readonly properties: readonly ItemProperty[];
  /** The item that holds EXIF data. */
  readonly exifItem: number | undefined;
  readonly itemLocations: Box | undefined;
}

/** Most properties an association can name: 15 bits. */
const MAX_PROPERTIES = 0x7fff;

/** Reads the parts of a `meta` box that lies wholly in the bytes; broken parts are left out. */
export function readAvifMeta(bytes: Uint8Array, meta: Box): AvifMeta {
  let primaryItem: number | undefined;
  let exifItem: number | undefined;
  let itemLocations: Box | undefined;
  let itemProperties: Box | undefined;
  for (const box of readBoxes(bytes, meta.start + 4, meta.end)) {
    const wide = byteAt(bytes, box.start) > 0;
    if (box.type === boxType('pitm')) primaryItem ??= wide ? u32be(bytes, box.start + 4) : u16be(bytes, box.start + 4);
    else if (box.type === boxType('iinf')) exifItem ??= findExifItem(bytes, box);
    else if (box.type === boxType('iloc')) itemLocations ??= box;
    else if (box.type === boxType('iprp')) itemProperties ??= box;
  }
  const properties = itemProperties ? readProperties(bytes, itemProperties, primaryItem) : [];
  return { properties, exifItem, itemLocations };
}

function findExifItem(bytes: Uint8Array, box: Box): number | undefined {
  const start = box.start + 4 + (byteAt(bytes, box.start) === 0 ? 2 : 4);
  for (const entry of readBoxes(bytes, start, box.end)) {
    const version = byteAt(bytes, entry.start);
    if (entry.type !== boxType('infe') || version < 2) continue;
    const wide = version > 2;
    const type = u32be(bytes, entry.start + (wide ? 10 : 8));
    if (type === boxType('Exif')) return wide ? u32be(bytes, entry.start + 4) : u16be(bytes, entry.start + 4);
  }
  return undefined;
}

function readProperties(bytes: Uint8Array, box: Box, primaryItem: number | undefined): ItemProperty[] {
  const all: Box[] = [];
  const primary = new Set<number>();
  for (const part of readBoxes(bytes, box.start, box.end)) {
    if (part.type === boxType('ipco')) {
      for (const property of readBoxes(bytes, part.start, part.end)) {
        if (all.length >= MAX_PROPERTIES) break;
        all.push(property);
      }
    } else if (part.type === boxType('ipma') && primaryItem !== undefined) {
      collectAssociations(bytes, part, primaryItem, primary);
    }
  }
  return all.map((property, index) => ({ ...property, primary: primary.has(index + 1) }));
}

/** Adds the numbers, from 1, of the item's properties. */
function collectAssociations(bytes: Uint8Array, box: Box, item: number, into: Set<number>): void {
  const wideItem = byteAt(bytes, box.start) > 0;
  const wideIndex = (byteAt(bytes, box.start + 3) & 1) === 1;
  let left = u32be(bytes, box.start + 4);
  for (let at = box.start + 8; left > 0 && at + 3 <= box.end; left--) {
    const id = wideItem ? u32be(bytes, at) : u16be(bytes, at);
    at += wideItem ? 4 : 2;
    const count = byteAt(bytes, at++);
    for (let index = 0; index < count && at < box.end; index++, at += wideIndex ? 2 : 1) {
      if (id === item) into.add(wideIndex ? u16be(bytes, at) & 0x7fff : byteAt(bytes, at) & 0x7f);
    }
  }
}
