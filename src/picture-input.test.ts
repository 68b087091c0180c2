import { describe, expect, test } from 'vitest';
import { toTransferable } from './picture-input.js';

const bytes = Uint8Array.from([1, 2, 3, 4]);

async function bytesOf(input: Parameters<typeof toTransferable>[0]): Promise<number[]> {
  return [...new Uint8Array(await ((await toTransferable(input)) as Blob).arrayBuffer())];
}

describe('toTransferable', () => {
  test('a Blob is passed on as it is', async () => {
    const blob = new Blob([bytes]);
    expect(await toTransferable(blob)).toBe(blob);
  });

  test('buffers and views are copied, only the part that the view shows, and stay usable', async () => {
    const buffer = bytes.slice().buffer;
    expect(await bytesOf(buffer)).toEqual([1, 2, 3, 4]);
    expect(await bytesOf(new Uint8Array(buffer, 1, 2))).toEqual([2, 3]);
    expect(await bytesOf(new DataView(buffer, 2))).toEqual([3, 4]);
    expect(buffer.byteLength).toBe(4);
  });

  test('shared memory is copied', async () => {
    const shared = new SharedArrayBuffer(2);
    new Uint8Array(shared).set([7, 8]);
    expect(await bytesOf(new Uint8Array(shared))).toEqual([7, 8]);
    expect(await bytesOf(shared as unknown as ArrayBuffer)).toEqual([7, 8]);
  });

  test('base64, with and without data: URL', async () => {
    expect(await bytesOf('AQIDBA==')).toEqual([1, 2, 3, 4]);
    expect(await bytesOf('data:image/png;base64,AQIDBA==')).toEqual([1, 2, 3, 4]);
    expect(await bytesOf('data:,ab')).toEqual([97, 98]);
    // A JPEG's looks like a path.
    expect(await bytesOf('/9j/4AAQ')).toEqual([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]);
  });

  test('an address is refused with advice, and never fetched', async () => {
    for (const address of ['https://example.com/a.png', '/a.png', './a.png', 'blob:x']) {
      await expect(toTransferable(address)).rejects.toThrow(/Fetch it yourself/);
    }
  });

  test('text that is neither is invalid-input', async () => {
    await expect(toTransferable('not base64!')).rejects.toMatchObject({ code: 'invalid-input' });
  });

  test('anything else is a TypeError that lists the kinds', async () => {
    for (const other of [42, {}, [], null, () => {}]) {
      await expect(toTransferable(other as unknown as string)).rejects.toThrow(TypeError);
    }
  });
});
