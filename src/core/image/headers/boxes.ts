import { u32be } from './file-start.js';

/** A box of an ISO media file: `start` to `end` is what it holds, without its own length and type. */
export interface Box {
  /** Four letters as a big-endian number, see {@link boxType}. */
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** The number for four letters. */
export function boxType(letters: string): number {
  let type = 0;
  for (let index = 0; index < 4; index++) type = type * 256 + letters.charCodeAt(index);
  return type;
}

/**
 * Reads a box's length and type. ISO/IEC 14496-12.
 * @param limit Where the box around it ends; also the end of a box that says it goes on to the end.
 * @returns undefined if it would end before it begins or behind `limit`.
 */
export function readBox(bytes: Uint8Array, at: number, limit: number): Box | undefined {
  if (at + 8 > limit) return undefined;
  const size = u32be(bytes, at);
  const start = at + (size === 1 ? 16 : 8);
  let end = at + size;
  if (size === 0) end = limit;
  if (size === 1) end = at + u32be(bytes, at + 8) * 0x100000000 + u32be(bytes, at + 12);
  if (end < start || end > limit) return undefined;
  return { type: u32be(bytes, at + 4), start, end };
}

/** The boxes between two places, up to the first broken one. Each is at least 8 bytes, so this ends. */
export function* readBoxes(bytes: Uint8Array, start: number, end: number): Generator<Box, void, undefined> {
  for (let at = start; at + 8 <= end; ) {
    const box = readBox(bytes, at, end);
    if (!box) return;
    yield box;
    at = box.end;
  }
}
