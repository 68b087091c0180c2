import { inflateSync } from 'node:zlib';

/** Pixels of a picture: `height x width x 4` bytes, RGBA, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };
const HEADER_BYTES = 8;

/**
 * Reads a PNG for measurements: 8 bits a channel, grey or RGB, with or without alpha, not interlaced. For pictures of our
 * own only: nothing is checked that a stranger's file would need.
 */
export function decodePng(file: Uint8Array): Picture {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const data: Buffer[] = [];
  let header: Buffer = Buffer.alloc(0);
  for (let at = HEADER_BYTES; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') data.push(body);
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = CHANNELS[header.readUInt8(9)];
  if (header.readUInt8(8) !== 8 || !channels || header.readUInt8(12) !== 0) {
    throw new Error('Only PNG files of 8 bits a channel, without palette and not interlaced, are measured.');
  }
  const samples = unfilter(inflateSync(Buffer.concat(data)), width * channels, channels);
  return { width, height, rgba: toRgba(samples, channels) };
}

/** A part of a picture; the rectangle must lie inside. */
export function crop(
  { width, rgba }: Picture,
  left: number,
  top: number,
  size: { width: number; height: number },
): Picture {
  const out = new Uint8Array(size.width * size.height * 4);
  for (let row = 0; row < size.height; row++) {
    const from = ((top + row) * width + left) * 4;
    out.set(rgba.subarray(from, from + size.width * 4), row * size.width * 4);
  }
  return { ...size, rgba: out };
}

function unfilter(raw: Uint8Array, rowBytes: number, channels: number): Uint8Array {
  const rows = raw.length / (rowBytes + 1);
  const out = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    for (let at = 0; at < rowBytes; at++) {
      const to = row * rowBytes + at;
      const left = at >= channels ? (out[to - channels] ?? 0) : 0;
      const above = row > 0 ? (out[to - rowBytes] ?? 0) : 0;
      const corner = row > 0 && at >= channels ? (out[to - rowBytes - channels] ?? 0) : 0;
      out[to] = (raw[row * (rowBytes + 1) + 1 + at] ?? 0) + predicted(filter, left, above, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const guess = left + above - corner;
      const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(guess - value)) as [
        number,
        number,
        number,
      ];
      if (toLeft <= toAbove && toLeft <= toCorner) return left;
      return toAbove <= toCorner ? above : corner;
    }
    default:
      return 0;
  }
}

function toRgba(samples: Uint8Array, channels: number): Uint8Array {
  const pixels = samples.length / channels;
  const out = new Uint8Array(pixels * 4).fill(255);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      out[pixel * 4 + channel] = samples[pixel * channels + (channels < 3 ? 0 : channel)] ?? 0;
    }
  }
  return out;
}
