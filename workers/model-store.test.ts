import { describe, expect, test } from 'vitest';
import { createModelStore } from './model-store.js';

/** A Cache API in memory, with a quota. */
function memoryCaches(quotaBytes = Number.POSITIVE_INFINITY): CacheStorage {
  const entries = new Map<string, ArrayBuffer>();
  const used = (): number => [...entries.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);
  const cache = {
    match: async (url: string) => (entries.has(url) ? new Response(entries.get(url)) : undefined),
    put: async (url: string, response: Response) => {
      const bytes = await response.arrayBuffer();
      const before = entries.get(url)?.byteLength ?? 0;
      if (used() - before + bytes.byteLength > quotaBytes) throw new DOMException('full', 'QuotaExceededError');
      entries.set(url, bytes);
    },
    delete: async (url: string) => entries.delete(url),
    keys: async () => [...entries.keys()].map((url) => ({ url })),
  };
  return {
    open: async () => cache,
    delete: async () => {
      entries.clear();
      return true;
    },
  } as unknown as CacheStorage;
}

function clock(): () => number {
  let now = 0;
  return () => ++now;
}

const origin = 'https://page.example';

describe('the model store', () => {
  test('gives back what was stored, and knows what it has', async () => {
    const store = createModelStore({ caches: memoryCaches(), origin, now: clock() });
    expect(await store.has('aa')).toBe(false);
    expect(await store.write('aa', new Uint8Array([1, 2]).buffer)).toBe(true);
    expect(await store.has('aa')).toBe(true);
    expect(new Uint8Array((await store.read('aa')) as ArrayBuffer)).toEqual(new Uint8Array([1, 2]));
    await store.remove('aa');
    expect(await store.read('aa')).toBeUndefined();
  });

  test('over quota, forgets the least recently used model and tries again', async () => {
    const store = createModelStore({ caches: memoryCaches(2_500), origin, now: clock() });
    await store.write('old', new ArrayBuffer(1_000));
    await store.write('new', new ArrayBuffer(1_000));
    await store.read('old');
    expect(await store.write('third', new ArrayBuffer(1_000))).toBe(true);
    expect([await store.has('old'), await store.has('new'), await store.has('third')]).toEqual([true, false, true]);
  });

  test('says so when nothing makes enough room', async () => {
    const store = createModelStore({ caches: memoryCaches(500), origin, now: clock() });
    expect(await store.write('aa', new ArrayBuffer(1_000))).toBe(false);
  });

  test('without a Cache API nothing is stored and nothing fails', async () => {
    const store = createModelStore({ origin, now: clock() });
    expect(await store.write('aa', new ArrayBuffer(1))).toBe(false);
    expect(await store.read('aa')).toBeUndefined();
    expect(await store.has('aa')).toBe(false);
    await store.remove('aa');
    await store.clear();
  });

  test('a Cache API that refuses to open counts as none', async () => {
    const caches = { open: () => Promise.reject(new DOMException('no', 'SecurityError')) } as unknown as CacheStorage;
    const store = createModelStore({ caches, origin, now: clock() });
    expect(await store.write('aa', new ArrayBuffer(1))).toBe(false);
    expect(await store.read('aa')).toBeUndefined();
  });
});
