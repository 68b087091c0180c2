/** What the store needs of its realm; all optional, for private modes and insecure contexts lack some. */
export interface StoreEnvironment {
  readonly caches?: CacheStorage | undefined;
  /** Origin under which entries are keyed. Nothing is ever requested there. */
  readonly origin: string;
  now(): number;
}

const CACHE_NAME = 'tintype-models-v1';

/**
 * Model files by content: the key is the SHA-256, so an entry is right or wrong but never stale. A cache that can be made
 * again, never the only copy of anything: every failure here degrades to "not stored".
 */
export interface ModelStore {
  /** The stored bytes, unverified: the caller checks the hash again, for any script of this origin can write here. */
  read(sha256: string): Promise<ArrayBuffer | undefined>;
  /** Stores verified bytes, making room by forgetting the least recently used models. False when that did not work. */
  write(sha256: string, bytes: ArrayBuffer): Promise<boolean>;
  has(sha256: string): Promise<boolean>;
  remove(sha256: string): Promise<void>;
  clear(): Promise<void>;
}

/** Opens the store on the Cache API; without one, nothing is stored and all reads miss. */
export function createModelStore(environment: StoreEnvironment): ModelStore {
  const keyOf = (sha256: string): string => `${environment.origin}/.tintype/models/${sha256}`;
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

  async function touch(cache: Cache, sha256: string): Promise<void> {
    const usage = { ...(await lastUsed(cache)), [sha256]: environment.now() };
    await cache.put(usageKey, Response.json(usage)).catch(() => {});
  }

  /** Forgets the least recently used model other than `keep`; false when there is none. */
  async function evictOne(cache: Cache, keep: string): Promise<boolean> {
    const usage = await lastUsed(cache);
    const candidates = (await cache.keys())
      .map((request) => request.url)
      .filter((url) => url !== usageKey && url !== keyOf(keep))
      .sort((a, b) => (usage[hashIn(a)] ?? 0) - (usage[hashIn(b)] ?? 0));
    const oldest = candidates[0];
    return oldest !== undefined && cache.delete(oldest);
  }

  async function put(cache: Cache, sha256: string, bytes: ArrayBuffer): Promise<boolean> {
    for (;;) {
      try {
        const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.byteLength) };
        await cache.put(keyOf(sha256), new Response(bytes, { headers }));
        return true;
      } catch {
        // Mostly over quota, which `navigator.storage.estimate()` does not foresee reliably: make room and try again.
        if (!(await evictOne(cache, sha256).catch(() => false))) return false;
      }
    }
  }

  return {
    async read(sha256) {
      const cache = await open();
      try {
        const bytes = await (await cache?.match(keyOf(sha256)))?.arrayBuffer();
        if (cache && bytes) await touch(cache, sha256);
        return bytes;
      } catch {
        return undefined;
      }
    },
    async write(sha256, bytes) {
      const cache = await open();
      if (!cache || !(await put(cache, sha256, bytes))) return false;
      await touch(cache, sha256);
      return true;
    },
    async has(sha256) {
      const found = await (await open())?.match(keyOf(sha256)).catch(() => undefined);
      return found !== undefined;
    },
    async remove(sha256) {
      await (await open())?.delete(keyOf(sha256));
    },
    async clear() {
      await environment.caches?.delete(CACHE_NAME).catch(() => false);
    },
  };
}

function hashIn(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
