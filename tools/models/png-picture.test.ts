import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crop, decodePng } from './png-picture.ts';

/** Two by five RGB pixels; each row is stored with another filter, all of them saying the same two colours. */
const FILTERED_ROWS = [
  [0, 10, 20, 30, 40, 50, 60],
  [1, 10, 20, 30, 30, 30, 30],
  [2, 0, 0, 0, 0, 0, 0],
  [3, 5, 10, 15, 15, 15, 15],
  [4, 0, 0, 0, 0, 0, 0],
];

describe('decodePng', () => {
  it('undoes every filter', () => {
    const picture = decodePng(png(2, 5, FILTERED_ROWS.flat()));
    const row = [10, 20, 30, 255, 40, 50, 60, 255];
    expect(picture).toEqual({ width: 2, height: 5, rgba: Uint8Array.from([row, row, row, row, row].flat()) });
  });

  it('refuses other depths', () => {
    const file = png(1, 1, [0, 0, 0, 0]);
    file.writeUInt8(16, 8 + 8 + 8);
    expect(() => decodePng(file)).toThrow('8 bits');
  });
});

describe('crop', () => {
  it('takes the rectangle that it is asked for', () => {
    const picture = { width: 2, height: 2, rgba: Uint8Array.from({ length: 16 }, (_, at) => at) };
    expect(crop(picture, 1, 0, { width: 1, height: 2 }).rgba).toEqual(Uint8Array.of(4, 5, 6, 7, 12, 13, 14, 15));
  });
});

function png(width: number, height: number, filtered: readonly number[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.alloc(8), chunk('IHDR', header), chunk('IDAT', deflateSync(Uint8Array.from(filtered)))]);
}

/** A chunk without its checksum, which the reader does not look at. */
function chunk(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
}
