import type { SniffResult } from '../picture-header.js';
import { byteAt, damaged, type FileStart, found, lacking, startsWith, u16le } from './file-start.js';

/** What the blocks behind the screen descriptor say. */
interface Blocks {
  readonly frames: number;
  /** A loop mark of Netscape's extension: the file means to be animated. */
  readonly loops: boolean;
  /** The end or a second frame was reached, so that `frames` is sure. */
  readonly sure: boolean;
  readonly transparent: boolean;
  /** Right and lower edge of the first frame. */
  readonly right: number;
  readonly bottom: number;
  readonly covers: boolean;
}

/**
 * Reads the screen's size and the first frame's place; counts frames up to two as far as the bytes go. A first frame
 * that is larger than the screen widens it, as decoders do. CompuServe GIF89a specification.
 */
export function readGifHeader(file: FileStart): SniffResult {
  const { bytes } = file;
  if (bytes.length < 13) return lacking(file, 13);
  const width = u16le(bytes, 6);
  const height = u16le(bytes, 8);
  const blocks = readBlocks(file, 13 + tableBytes(byteAt(bytes, 10)), width, height);
  if ('kind' in blocks) return blocks;
  return found({
    format: 'gif',
    width: Math.max(width, blocks.right),
    height: Math.max(height, blocks.bottom),
    orientation: 1,
    mayHaveAlpha: blocks.transparent || !blocks.covers,
    animated: blocks.frames > 1 || (!blocks.sure && blocks.loops),
    bitsPerChannel: 8,
    colour: 'palette',
  });
}

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function readBlocks(file: FileStart, start: number, width: number, height: number): Blocks | SniffResult {
  const { bytes } = file;
  let frames = 0;
  let loops = false;
  let transparent = false;
  let right = 0;
  let bottom = 0;
  let covers = false;
  const result = (sure: boolean): Blocks => ({ frames, loops, sure, transparent, right, bottom, covers });
  for (let at = start; ; ) {
    if (at + 10 > bytes.length && frames === 0 && bytes[at] !== 0x3b) return lacking(file, at + 10);
    const block = byteAt(bytes, at);
    if (block === 0x2c) {
      frames++;
      if (frames > 1) return result(true);
      right = u16le(bytes, at + 1) + u16le(bytes, at + 5);
      bottom = u16le(bytes, at + 3) + u16le(bytes, at + 7);
      covers = u16le(bytes, at + 1) === 0 && u16le(bytes, at + 3) === 0 && right >= width && bottom >= height;
      at = skipSubBlocks(bytes, at + 11 + tableBytes(byteAt(bytes, at + 9)));
    } else if (block === 0x21) {
      const label = byteAt(bytes, at + 1);
      if (label === 0xf9 && frames === 0) transparent = (byteAt(bytes, at + 3) & 1) === 1;
      if (label === 0xff && startsWith(bytes, 'NETSCAPE2.0', at + 3)) loops = true;
      at = skipSubBlocks(bytes, at + 2);
    } else {
      // The end mark, or garbage, where decoders stop.
      if (frames === 0) return damaged('it holds no frame');
      return result(at < bytes.length || file.complete);
    }
  }
}

/** Where the chain of sub-blocks that begins at `at` ends; the end of the bytes or beyond if it does not end within. */
function skipSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const length = byteAt(bytes, at);
    at += 1 + length;
    if (length === 0) return at;
  }
  return Math.max(at, bytes.length);
}
