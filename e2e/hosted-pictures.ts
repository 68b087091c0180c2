import { crc32 } from 'node:zlib';
import type { JSHandle, Page } from '@playwright/test';

/** Bytes made here, as a Blob in the page. */
export async function blobOf(page: Page, bytes: Uint8Array, type = ''): Promise<JSHandle<Blob>> {
  const base64 = Buffer.from(bytes).toString('base64');
  return await page.evaluateHandle(
    ([base64, type]) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type }),
    [base64, type] as const,
  );
}

/** A Blob's bytes. */
export async function bytesOf(page: Page, blob: JSHandle<Blob>): Promise<Buffer> {
  const letters = await page.evaluate(async (blob) => {
    let letters = '';
    for (const byte of new Uint8Array(await blob.arrayBuffer())) letters += String.fromCharCode(byte);
    return btoa(letters);
  }, blob);
  return Buffer.from(letters, 'base64');
}

/** In every piece of metadata that {@link withPlace} adds. */
export const CAMERA = 'Camera of Jane Doe, serial 0815';

/** A JPEG with EXIF as telephones write it before its first segment: an orientation, the camera, and the place. */
export function withPlace(jpeg: Uint8Array, orientation: number): Buffer {
  const entry = (tag: number, type: number, count: number, value: number): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    // A short stands in the first two of the four bytes.
    if (type === 3) bytes.writeUInt16BE(value, 8);
    else bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const count = Buffer.from([0, 3]);
  const end = Buffer.alloc(4);
  const gpsAt = 8 + 2 + 3 * 12 + 4;
  const textAt = gpsAt + 2 + 3 * 12 + 4;
  const placeAt = textAt + CAMERA.length + 1;
  const tiff = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    count,
    entry(0x010f, 2, CAMERA.length + 1, textAt),
    entry(0x0112, 3, 1, orientation),
    entry(0x8825, 4, 1, gpsAt),
    end,
    count,
    entry(0x0001, 2, 2, 0x4e_00_00_00),
    entry(0x0002, 5, 3, placeAt),
    entry(0x001d, 2, CAMERA.length + 1, textAt),
    end,
    Buffer.from(`${CAMERA}\0`, 'latin1'),
    PLACE,
  ]);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 4);
  return Buffer.concat([head, body, jpeg.subarray(2)]);
}

/** 50° 56' 28.83", as three fractions. */
export const PLACE = Buffer.from([0, 0, 0, 50, 0, 0, 0, 1, 0, 0, 0, 56, 0, 0, 0, 1, 0, 0, 11, 67, 0, 0, 0, 100]);

/** An opaque PNG of noise that nothing has packed: as large a file as one likes, made at once. */
export function storedPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width * 3 + 1));
  let noise = 1;
  for (let at = 0; at < rows.length; at++) {
    noise = (noise * 16_807) % 2_147_483_647;
    rows[at] = noise;
  }
  for (let y = 0; y < height; y++) rows[y * (width * 3 + 1)] = 0;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', stored(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A zlib stream of stored blocks. */
function stored(data: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])];
  for (let at = 0; at < data.length; at += 65_535) {
    const block = data.subarray(at, at + 65_535);
    const head = Buffer.from([at + 65_535 >= data.length ? 1 : 0, 0, 0, 0, 0]);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(adler32(data));
  return Buffer.concat([...parts, sum]);
}

function adler32(data: Buffer): number {
  let low = 1;
  let high = 0;
  for (let at = 0; at < data.length; ) {
    // As many as cannot overflow.
    for (const end = Math.min(at + 3800, data.length); at < end; at++) {
      low += data[at] ?? 0;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return (high * 65_536 + low) >>> 0;
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
