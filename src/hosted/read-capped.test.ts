import { describe, expect, test } from 'vitest';
import { readCapped } from './read-capped.js';

const read = (response: Response, maxBytes = 1000): ReturnType<typeof readCapped> =>
  readCapped(response, { maxBytes, signal: new AbortController().signal });

function announced(body: BodyInit | null, length: string, type: ResponseType = 'basic', coding?: string): Response {
  const headers = { 'content-length': length, ...(coding === undefined ? {} : { 'content-encoding': coding }) };
  return Object.defineProperty(new Response(body, { headers }), 'type', { value: type });
}

describe('readCapped', () => {
  test('a body as long as the cap is whole, one byte more is too large', async () => {
    expect(await read(new Response('12345'), 5)).toEqual({ kind: 'whole', bytes: new TextEncoder().encode('12345') });
    expect(await read(new Response('123456'), 5)).toEqual({
      kind: 'too-large',
      bytes: new TextEncoder().encode('12345'),
    });
    expect(await read(new Response(null), 0)).toEqual({ kind: 'whole', bytes: new Uint8Array() });
  });

  test('no length is believed: neither one that is too short nor one that is no number', async () => {
    expect(await read(announced('12345', '3'))).toMatchObject({ kind: 'whole' });
    expect(await read(announced('12345', 'many'))).toMatchObject({ kind: 'whole' });
    expect(await read(announced('12345', '3'), 4)).toMatchObject({ kind: 'too-large' });
  });

  test('fewer bytes than announced are a body that was cut, unless they were compressed', async () => {
    expect(await read(announced('12345', '6'))).toEqual({ kind: 'cut', receivedBytes: 5, totalBytes: 6 });
    expect(await read(announced(null, '6'))).toMatchObject({ kind: 'cut' });
    expect(await read(announced('12345', '6', 'basic', 'gzip'))).toMatchObject({ kind: 'whole' });
    expect(await read(announced('12345', '6', 'basic', 'identity'))).toMatchObject({ kind: 'cut' });
  });

  test('another origin may hide that it compressed: then only what compression cannot explain is cut', async () => {
    expect(await read(announced('1', '21', 'cors'))).toMatchObject({ kind: 'whole' });
    expect(await read(announced('1', '100', 'cors'))).toMatchObject({ kind: 'cut' });
    const long = 'x'.repeat(1_000_000);
    expect(await read(announced(long, '1000300', 'cors'), 2_000_000)).toMatchObject({ kind: 'whole' });
    expect(await read(announced(long, '1002000', 'cors'), 2_000_000)).toMatchObject({ kind: 'cut' });
  });

  test('more bytes than announced are reported without a total', async () => {
    const told: unknown[] = [];
    const onBytes = (...counts: unknown[]): unknown => told.push(counts);
    const { signal } = new AbortController();
    await readCapped(announced('12345', '3'), { maxBytes: 9, signal, onBytes });
    await readCapped(announced('12345', '5'), { maxBytes: 9, signal, onBytes });
    expect(told).toEqual([
      [5, undefined],
      [5, 5],
    ]);
  });

  test('an abort lets go of a stream that does not know of it', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    let wasCancelled = false;
    const stream = new ReadableStream({
      cancel() {
        wasCancelled = true;
      },
    });
    const reading = readCapped(new Response(stream), { maxBytes: 9, signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(wasCancelled).toBe(true);
  });
});
