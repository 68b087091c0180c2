/** What the store needs of its realm; all optional, for private modes and insecure contexts lack some. */
export interface StoreEnvironment {
  readonly caches?: CacheStorage | undefined;
  /** Origin under which entries are keyed. Nothing is ever requested there. */
  readonly origin: string;
  now(): number;
}

const CACHE_NAME = 'tintype-models-v1';

/**
 * Model files by key: the SHA-256, so that an entry is right or wrong but never stale, or the URL and version of a file whose hash
 * nobody told. A cache that can be made again, never the only copy of anything: every failure here degrades to "not stored".
 */
export interface ModelStore {
  /** The stored bytes, unverified: the caller checks the hash again, for any script of this origin can write here. */
  read(key: string): Promise<ArrayBuffer | undefined>;
  /**
   * Stores verified bytes, making room by forgetting the least recently used models. False when that did not work.
   * @param needed Keys that are not forgotten for it.
   */
  write(key: string, bytes: ArrayBuffer, needed?: ReadonlySet<string>): Promise<boolean>;
  has(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
  clear(): Promise<void>;
}

/** Opens the store on the Cache API; without one, nothing is stored and all reads miss. */
export function createModelStore(environment: StoreEnvironment): ModelStore {
  const keyOf = (key: string): string => `${environment.origin}/.tintype/models/${encodeURIComponent(key)}`;
  const usageKey = `${environment.origin}/.tintype/last-used.json`;

  async function open(): Promise<Cache | undefined> {
    try {
      return await environment.caches?.open(CACHE_NAME);
    } catch {
      return undefined;
    }
  }

  async function lastUsed(cache: Cache): Promise<Record<string, number>> {
    try {
      return ((await (await cache.match(usageKey))?.json()) ?? {}) as Record<string, number>;
    } catch {
      return {};
    }
  }

  async function touch(cache: Cache, key: string): Promise<void> {
    const usage = { ...(await lastUsed(cache)), [key]: environment.now() };
    await cache.put(usageKey, Response.json(usage)).catch(() => {});
  }

  /** Forgets the least recently used model that is not needed; false when there is none. */
  async function evictOne(cache: Cache, needed: ReadonlySet<string>): Promise<boolean> {
    const usage = await lastUsed(cache);
    const candidates = (await cache.keys())
      .map((request) => request.url)
      .filter((url) => url !== usageKey && !needed.has(keyIn(url)))
      .sort((a, b) => (usage[keyIn(a)] ?? 0) - (usage[keyIn(b)] ?? 0));
    const oldest = candidates[0];
    return oldest !== undefined && cache.delete(oldest);
  }

  async function put(cache: Cache, key: string, bytes: ArrayBuffer, needed: ReadonlySet<string>): Promise<boolean> {
    for (;;) {
      try {
        const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.byteLength) };
        await cache.put(keyOf(key), new Response(bytes, { headers }));
        return true;
      } catch {
        // Mostly over quota, which `navigator.storage.estimate()` does not foresee reliably: make room and try again.
        if (!(await evictOne(cache, needed).catch(() => false))) return false;
      }
    }
  }

  return {
    async read(key) {
      const cache = await open();
      try {
        const bytes = await (await cache?.match(keyOf(key)))?.arrayBuffer();
        if (cache && bytes) await touch(cache, key);
        return bytes;
      } catch {
        return undefined;
      }
    },
    async write(key, bytes, needed = new Set()) {
      const cache = await open();
      if (!cache || !(await put(cache, key, bytes, new Set([key, ...needed])))) return false;
      await touch(cache, key);
      return true;
    },
    async has(key) {
      const found = await (await open())?.match(keyOf(key)).catch(() => undefined);
      return found !== undefined;
    },
    async remove(key) {
      await (await open())?.delete(keyOf(key));
    },
    async clear() {
      await environment.caches?.delete(CACHE_NAME).catch(() => false);
    },
  };
}

function keyIn(url: string): string {
  return decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
}
