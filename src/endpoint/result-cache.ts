/** Results in memory, up to a number of bytes; those not used for longest go first. */
export class ResultCache {
  readonly #maxBytes: number;
  /** The least recently used first. */
  readonly #results = new Map<string, Blob>();
  #bytes = 0;

  /** @param maxBytes Of all results together; 0 keeps none. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The result under this key, which becomes the most recently used. */
  get(key: string): Blob | undefined {
    const found = this.#results.get(key);
    if (found === undefined) return undefined;
    this.#results.delete(key);
    this.#results.set(key, found);
    return found;
  }

  /** Keeps a result, in place of one of the same key; not at all where it is larger than the whole cache. */
  set(key: string, result: Blob): void {
    this.#delete(key);
    if (result.size > this.#maxBytes) return;
    for (const oldest of this.#results.keys()) {
      if (this.#bytes + result.size <= this.#maxBytes) break;
      this.#delete(oldest);
    }
    this.#results.set(key, result);
    this.#bytes += result.size;
  }

  #delete(key: string): void {
    this.#bytes -= this.#results.get(key)?.size ?? 0;
    this.#results.delete(key);
  }
}

/** SHA-256 over all that a deterministic result depends on; the order of parameters does not count. */
export async function resultKey(
  model: string,
  picture: Uint8Array<ArrayBuffer>,
  parameters: Readonly<Record<string, unknown>> | undefined,
): Promise<string> {
  const facts = JSON.stringify([model, await sha256(picture), parameters ?? {}], sortedKeys);
  return sha256(new TextEncoder().encode(facts));
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
