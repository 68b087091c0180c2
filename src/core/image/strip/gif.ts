import { byteAt, startsWith } from '../headers/file-start.js';
import { PartialCopy } from './partial-copy.js';

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;

const PLAIN_TEXT = 0x01;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;

/** Length of a graphic control and of a loop mark, in bytes, from the mark of an extension to its end. */
const CONTROL_BYTES = 8;
const LOOP_BYTES = 19;

/**
 * Keeps frames, what controls them, loop marks and colour profiles, and nothing behind the trailer. Undefined where the
 * structure is broken, or where text is to be drawn into the picture. CompuServe GIF89a specification.
 */
export function stripGif(file: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const copy = new PartialCopy(file, 0);
  const start = 13 + tableBytes(byteAt(file, 10));
  copy.keep(0, start);
  for (let at = start; at < file.length; ) {
    const block = byteAt(file, at);
    if (block === TRAILER) {
      copy.write([TRAILER]);
      return copy.finish();
    }
    const isImage = block === IMAGE;
    if (!isImage && block !== EXTENSION) return undefined;
    const data = isImage ? at + 11 + tableBytes(byteAt(file, at + 9)) : at + 2;
    const end = endOfSubBlocks(file, data);
    if (end === undefined || (!isImage && mayNotBeSkipped(file, at, end))) return undefined;
    if (isImage || isKeptExtension(file, at, end)) copy.keep(at, end);
    at = end;
  }
  return undefined;
}

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** Where a chain of sub-blocks ends; undefined if it does not end within the file. */
function endOfSubBlocks(file: Uint8Array, start: number): number | undefined {
  for (let at = start; at < file.length; ) {
    const length = byteAt(file, at);
    at += 1 + length;
    if (length === 0) return at;
  }
  return undefined;
}

/** A broken graphic control; or a text, which the control before it may belong to. */
function mayNotBeSkipped(file: Uint8Array, at: number, end: number): boolean {
  const label = byteAt(file, at + 1);
  return label === PLAIN_TEXT || (label === GRAPHIC_CONTROL && end - at !== CONTROL_BYTES);
}

function isKeptExtension(file: Uint8Array, at: number, end: number): boolean {
  const label = byteAt(file, at + 1);
  if (label === GRAPHIC_CONTROL) return true;
  if (label !== APPLICATION || byteAt(file, at + 2) !== 11) return false;
  if (startsWith(file, 'ICCRGBG1012', at + 3)) return true;
  const loops = startsWith(file, 'NETSCAPE2.0', at + 3) || startsWith(file, 'ANIMEXTS1.0', at + 3);
  return loops && end - at === LOOP_BYTES;
}
