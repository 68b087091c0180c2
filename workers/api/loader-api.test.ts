import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProgressEvent } from '../../src/contract/progress.js';
import type { Delivery, ModelAsset, ModelMessage } from '../../src/contract/worker-apis.js';
import type { ModelStore } from '../model-store.js';
import { createLoaderApi } from './loader-api.js';

const MODEL = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 251);
const SHA256 = createHash('sha256').update(MODEL).digest('hex');

type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void;
const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server on loopback that answers as the test wants; `count` is 1 for the first request. */
async function serve(answer: Answer): Promise<{ asset: ModelAsset; requests: () => number }> {
  let count = 0;
  const server = createServer((request, response) => answer(response, request, ++count));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asset = { key: SHA256, url: `http://127.0.0.1:${port}/model.onnx`, sizeBytes: MODEL.length, sha256: SHA256 };
  return { asset, requests: () => count };
}

function memoryStore(): ModelStore & { readonly entries: Map<string, ArrayBuffer> } {
  const entries = new Map<string, ArrayBuffer>();
  return {
    entries,
    read: async (hash) => entries.get(hash),
    write: async (hash, bytes) => {
      entries.set(hash, bytes.slice(0));
      return true;
    },
    has: async (hash) => entries.has(hash),
    remove: async (hash) => {
      entries.delete(hash);
    },
    clear: async () => entries.clear(),
  };
}

interface Loader {
  readonly api: ReturnType<typeof createLoaderApi>;
  readonly store: ReturnType<typeof memoryStore>;
  readonly received: ModelMessage[];
  readonly progress: ProgressEvent[];
  deliver(callId: string, asset: ModelAsset): ReturnType<ReturnType<typeof createLoaderApi>['deliver']>;
}

async function loader(): Promise<Loader> {
  const store = memoryStore();
  const api = createLoaderApi({ store, exclusively: (_name, _signal, work) => work() });
  const received: ModelMessage[] = [];
  const progress: ProgressEvent[] = [];
  const engine = new MessageChannel();
  closers.push(() => engine.port2.close());
  engine.port2.onmessage = (event) => received.push(event.data as ModelMessage);
  await api.addEngine('engine', engine.port1 as unknown as Parameters<typeof api.addEngine>[1]);
  return {
    api,
    store,
    received,
    progress,
    deliver: (callId, asset) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = (event) => progress.push(event.data as ProgressEvent);
      return api.deliver(callId, asset, ['engine'], port2 as unknown as Parameters<typeof api.deliver>[3]);
    },
  };
}

const whole: Answer = (response) => response.end(MODEL);

type EventPort = Parameters<ReturnType<typeof createLoaderApi>['prefetch']>[2];

/** A port to tell progress on, and what came through it. */
function hearing(): { readonly events: ProgressEvent[]; readonly port: EventPort } {
  const { port1, port2 } = new MessageChannel();
  const events: ProgressEvent[] = [];
  port1.onmessage = (event) => events.push(event.data as ProgressEvent);
  closers.push(() => port1.close());
  return { events, port: port2 as unknown as EventPort };
}

describe('the loader worker', () => {
  test('downloads, verifies, stores, and posts the bytes to the engine', async () => {
    const { asset } = await serve(whole);
    const { deliver, store, received, progress } = await loader();
    const outcome = await deliver('call', asset);
    expect(outcome).toEqual({
      ok: true,
      value: { source: 'network', downloadedBytes: MODEL.length, stored: true } satisfies Delivery,
    });
    await vi.waitFor(() => expect(received).toHaveLength(1));
    expect(new Uint8Array(received[0]?.bytes as ArrayBuffer)).toEqual(MODEL);
    expect(store.entries.has(SHA256)).toBe(true);
    await vi.waitFor(() =>
      expect(progress).toContainEqual({ phase: 'download', done: MODEL.length, total: MODEL.length, unit: 'bytes' }),
    );
  });

  test('does not ask the network for what is stored, nor the store for what is in memory', async () => {
    const { asset, requests } = await serve(whole);
    const first = await loader();
    first.store.entries.set(SHA256, MODEL.slice().buffer);
    expect(await first.deliver('1', asset)).toMatchObject({ ok: true, value: { source: 'store', downloadedBytes: 0 } });
    expect(await first.deliver('2', asset)).toMatchObject({ ok: true, value: { source: 'memory' } });
    expect(requests()).toBe(0);
  });

  test('a stored file that was tampered with is dropped and fetched again', async () => {
    const { asset, requests } = await serve(whole);
    const { deliver, store } = await loader();
    const evil = MODEL.slice();
    evil[500] = (evil[500] ?? 0) ^ 1;
    store.entries.set(SHA256, evil.buffer);
    expect(await deliver('1', asset)).toMatchObject({ ok: true, value: { source: 'network' } });
    expect(requests()).toBe(1);
    expect(new Uint8Array(store.entries.get(SHA256) as ArrayBuffer)).toEqual(MODEL);
  });

  const wrongBodies: Record<string, Uint8Array> = {
    'one flipped bit': MODEL.map((byte, at) => (at === 77 ? byte ^ 4 : byte)),
    'cut short': MODEL.slice(0, 5_000),
    'too long': new Uint8Array([...MODEL, 0]),
    'an HTML page': new TextEncoder().encode('<!doctype html><title>Not found</title>'),
  };
  for (const [name, body] of Object.entries(wrongBodies)) {
    test(`refuses a wrong file (${name}) after one clean second try, and keeps nothing`, async () => {
      const { asset, requests } = await serve((response) => response.end(body));
      const { deliver, store, received } = await loader();
      expect(await deliver('1', asset)).toMatchObject({ ok: false, error: { code: 'integrity-mismatch' } });
      expect(requests()).toBe(2);
      expect(store.entries.size).toBe(0);
      expect(received).toEqual([]);
    });
  }

  test('a damaged transfer heals with the second try', async () => {
    const { asset } = await serve((response, _request, count) => response.end(count === 1 ? MODEL.slice(1) : MODEL));
    const { deliver } = await loader();
    expect(await deliver('1', asset)).toMatchObject({ ok: true });
  });

  test('a refusing server is model-unavailable, and the next call starts afresh', async () => {
    const { asset } = await serve((response, _request, count) => {
      response.statusCode = count === 1 ? 503 : 200;
      response.end(MODEL);
    });
    const { deliver } = await loader();
    expect(await deliver('1', asset)).toMatchObject({ ok: false, error: { code: 'model-unavailable' } });
    expect(await deliver('2', asset)).toMatchObject({ ok: true });
  });

  test('a connection cut in the middle is model-unavailable and stores nothing', async () => {
    const { asset } = await serve((response) => {
      response.setHeader('content-length', MODEL.length);
      response.write(MODEL.slice(0, 20_000));
      setTimeout(() => response.destroy(), 20);
    });
    const { deliver, store } = await loader();
    expect(await deliver('1', asset)).toMatchObject({
      ok: false,
      error: { code: 'model-unavailable', phase: 'download' },
    });
    expect(store.entries.size).toBe(0);
  });

  test('two calls for one file share one download; cancelling one leaves it to the other', async () => {
    const { asset, requests } = await serve((response) => setTimeout(() => response.end(MODEL), 50));
    const { deliver, api } = await loader();
    const both = [deliver('1', asset), deliver('2', asset)];
    await vi.waitFor(() => expect(requests()).toBe(1));
    await api.cancel('1');
    expect(await both[1]).toMatchObject({ ok: true });
    expect(requests()).toBe(1);
  });

  test('cancelling the only call ends its request, and a new call is not caught up in it', async () => {
    let closed = false;
    const { asset, requests } = await serve((response, _request, count) => {
      if (count > 1) return whole(response, _request, count);
      response.write(MODEL.slice(0, 1_000));
      response.on('close', () => {
        closed = true;
      });
      return undefined;
    });
    const { deliver, api } = await loader();
    const first = deliver('1', asset);
    await vi.waitFor(() => expect(requests()).toBe(1));
    await api.cancel('1');
    expect(await deliver('2', asset)).toMatchObject({ ok: true });
    expect(await first).toMatchObject({ ok: false });
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  test('fetches several files as one download, and none of them twice', async () => {
    const { asset, requests } = await serve(whole);
    const { api } = await loader();
    const twice = [asset, { ...asset, url: `${asset.url}?other`, key: 'other' }];
    const { events, port } = hearing();
    expect(await api.prefetch('1', twice, port)).toMatchObject({
      ok: true,
      value: { source: 'network', downloadedBytes: 2 * MODEL.length },
    });
    await vi.waitFor(() => expect(events.at(-1)?.phase).toBe('verify'));
    const downloads = events.filter(({ phase }) => phase === 'download');
    expect(downloads.at(-1)).toMatchObject({ done: 2 * MODEL.length, total: 2 * MODEL.length });
    expect(downloads.every(({ done }, at) => done >= (downloads[at - 1]?.done ?? 0))).toBe(true);
    expect(await api.prefetch('2', twice, hearing().port)).toMatchObject({ ok: true, value: { downloadedBytes: 0 } });
    expect(requests()).toBe(2);
  });

  test('a cancel before the first file, or between two that another call waits for too, fetches no more', async () => {
    const { asset, requests } = await serve((response) => setTimeout(() => response.end(MODEL), 50));
    const { api, deliver } = await loader();
    const assets = [asset, { ...asset, url: `${asset.url}?other`, key: 'other' }];
    const early = api.prefetch('1', assets, hearing().port);
    // What is stored is still being looked up.
    await api.cancel('1');
    expect(await early).toMatchObject({ ok: false });
    expect(requests()).toBe(0);
    const shared = deliver('2', asset);
    const later = api.prefetch('3', assets, hearing().port);
    await vi.waitFor(() => expect(requests()).toBe(1));
    await api.cancel('3');
    expect(await shared).toMatchObject({ ok: true });
    expect(await later).toMatchObject({ ok: false });
    expect(requests()).toBe(1);
  });

  test('tells what is stored and forgets it', async () => {
    const { asset } = await serve(whole);
    const { deliver, api } = await loader();
    await deliver('1', asset);
    expect(await api.stored([SHA256, 'other'])).toEqual({ ok: true, value: [true, false] });
    await api.remove([SHA256]);
    expect(await api.stored([SHA256])).toEqual({ ok: true, value: [false] });
  });

  test('large files that cannot be stored are fetched once all the same, and not kept for ever', async () => {
    const big = new Uint8Array(9 * 2 ** 20).fill(7);
    const sha256 = createHash('sha256').update(big).digest('hex');
    let count = 0;
    const { asset } = await serve((response) => {
      count++;
      response.end(big);
    });
    const { api, store, deliver } = await loader();
    store.write = async () => false;
    // Three keys of one file: together more than stays in memory.
    const assets = ['a', 'b', 'c'].map((key) => ({ ...asset, key, sha256, sizeBytes: big.length }));
    expect(await api.prefetch('1', assets, hearing().port)).toMatchObject({ ok: true, value: { stored: false } });
    for (const one of assets) expect(await deliver('1', one)).toMatchObject({ ok: true, value: { source: 'memory' } });
    expect(count).toBe(3);
    expect(await deliver('2', assets[0] as ModelAsset)).toMatchObject({ ok: true, value: { source: 'network' } });
    expect(count).toBe(4);
  });
});
