import { afterEach, describe, expect, test, vi } from 'vitest';
import { base64Parts, decodeBase64 } from './base64-body.js';

const PIECE_BYTES = 3 * 2 ** 16;

function noise(length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length);
  for (let index = 0, state = 1; index < length; index++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    bytes[index] = state >> 16;
  }
  return bytes;
}

const LENGTHS = [0, 1, 2, 3, 4, 8191, 8193, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 2];

afterEach(() => {
  Reflect.deleteProperty(Uint8Array.prototype, 'toBase64');
});

describe('base64Parts', () => {
  test.each(LENGTHS)('%i bytes', async (length) => {
    const bytes = noise(length);
    const text = await (await base64Parts(new Blob([bytes]))).text();
    expect(text === bytes.toString('base64')).toBe(true);
  });

  test('the browser’s own encoder is used where there is one', async () => {
    const toBase64 = vi.fn(function (this: Uint8Array) {
      return Buffer.from(this).toString('base64');
    });
    Object.defineProperty(Uint8Array.prototype, 'toBase64', { value: toBase64, configurable: true });
    const bytes = noise(PIECE_BYTES + 1);
    expect((await (await base64Parts(new Blob([bytes]))).text()) === bytes.toString('base64')).toBe(true);
    expect(toBase64).toHaveBeenCalledTimes(2);
  });

  test('other work gets its turn in between', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    await base64Parts(new Blob([noise(20 * PIECE_BYTES)]));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test('stops with the signal’s own reason', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const encoding = base64Parts(new Blob([noise(20 * PIECE_BYTES)]), controller.signal);
    setTimeout(() => controller.abort(reason), 0);
    await expect(encoding).rejects.toBe(reason);
  });
});

describe('decodeBase64', () => {
  test.each(LENGTHS)('%i bytes', async (length) => {
    const bytes = noise(length);
    const decoded = await decodeBase64(bytes.toString('base64'));
    expect(decoded && Buffer.compare(bytes, decoded)).toBe(0);
  });

  test('line breaks and missing padding do no harm', async () => {
    expect(await decodeBase64('AAEC\r\nAw ==\n')).toEqual(new Uint8Array([0, 1, 2, 3]));
    expect(await decodeBase64('AAECAw')).toEqual(new Uint8Array([0, 1, 2, 3]));
  });

  test.each(['AAE*', 'A', 'AA==BB==', '{"a":1}'])('%s is no base64', async (text) => {
    expect(await decodeBase64(text)).toBeUndefined();
  });
});
