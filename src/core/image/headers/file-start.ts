import type { PictureHeader, SniffResult } from '../picture-header.js';

/** The first bytes of a file, or all of them. */
export interface FileStart {
  readonly bytes: Uint8Array;
  /** Whether the file ends where `bytes` end. */
  readonly complete: boolean;
}

/** The answer when a header needs the file's first `end` bytes and they are not all there. */
export function lacking(file: FileStart, end: number): SniffResult {
  return file.complete ? damaged('the file ends inside its header') : { kind: 'need-more', minBytes: end };
}

/** The answer for a broken file. */
export function damaged(reason: string): SniffResult {
  return { kind: 'damaged', reason };
}

/** The answer for a good header; a picture without area is damaged. */
export function found(header: PictureHeader): SniffResult {
  const { width, height } = header;
  return width < 1 || height < 1 ? damaged(`its header says ${width} x ${height} pixels`) : { kind: 'picture', header };
}

/** Big-endian, as PNG, JPEG and AVIF write; bytes beyond the end count as 0, callers check lengths where it matters. */
export function u16be(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
}

/** Like {@link u16be}, 0 to 2^32 - 1. */
export function u32be(bytes: Uint8Array, at: number): number {
  return u16be(bytes, at) * 0x10000 + u16be(bytes, at + 2);
}

/** Little-endian, as WebP, GIF and BMP write; bytes beyond the end count as 0. */
export function u16le(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
}

/** Like {@link u16le}, three bytes. */
export function u24le(bytes: Uint8Array, at: number): number {
  return u16le(bytes, at) | (byteAt(bytes, at + 2) << 16);
}

/** Like {@link u16le}, 0 to 2^32 - 1. */
export function u32le(bytes: Uint8Array, at: number): number {
  return u16le(bytes, at) + u16le(bytes, at + 2) * 0x10000;
}

/** One byte; 0 beyond the end. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Whether these ASCII characters stand at this place. */
export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}
