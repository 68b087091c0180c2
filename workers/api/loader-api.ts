import { ImageToImageError, toErrorRecord } from '../../src/contract/errors.js';
import { failed, type Outcome, ok } from '../../src/contract/outcome.js';
import type { ProgressEvent } from '../../src/contract/progress.js';
import type { Delivery, ExternalData, LoaderApi, ModelAsset, ModelMessage } from '../../src/contract/worker-apis.js';
import { download, verifyBytes } from '../download.js';
import type { ModelStore } from '../model-store.js';

/** What the loader is built from. */
export interface LoaderParts {
  readonly store: ModelStore;
  /** Runs `work` while no other tab loads the same file, so that it is downloaded once. */
  exclusively<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Load {
  readonly controller: AbortController;
  readonly listeners: Map<string, (event: ProgressEvent) => void>;
  readonly bytes: Promise<Verified>;
}

/** Files up to this size, together, stay in memory, so that a replaced engine or the next stage needs no storage. */
const KEEP_BYTES = 16 * 1024 * 1024;

/** Bytes that are what their asset says, and how they were had. */
type Verified = { readonly bytes: ArrayBuffer } & Delivery;

/** The loader worker without its worker. */
export function createLoaderApi(parts: LoaderParts): Omit<LoaderApi, 'hello'> {
  const engines = new Map<string, MessagePort>();
  const loads = new Map<string, Load>();
  const kept = new Map<string, Verified>();
  /** Calls that are having several files fetched; a cancelled one may be between two of them. */
  const fetching = new Set<string>();
  /** Fetched for a call and in no store: they stay until an engine has them, however large, or they would be fetched twice. */
  const awaited = new Set<string>();
  /** Files of the call that is fetching: storing one must not push out another. */
  let needed: ReadonlySet<string> = new Set();

  /** The latest ones stay. */
  function keep(key: string, verified: Verified): void {
    kept.delete(key);
    kept.set(key, verified);
    let total = 0;
    for (const [each, { bytes }] of [...kept].reverse()) {
      if (awaited.has(each)) continue;
      total += bytes.byteLength;
      if (total > KEEP_BYTES) kept.delete(each);
    }
  }

  /** Nobody waits for this file any more; it stays only as any other would. */
  function release(key: string): void {
    const verified = kept.get(key);
    if (awaited.delete(key) && verified) keep(key, verified);
  }

  async function obtain(
    asset: ModelAsset,
    signal: AbortSignal,
    report: (event: ProgressEvent) => void,
  ): Promise<Verified> {
    const stored = isHandedIn(asset) ? undefined : await parts.store.read(asset.key);
    if (stored) {
      report({ phase: 'verify', done: 0, total: 1, unit: 'steps' });
      if (await verifyBytes(stored, asset)) return { bytes: stored, source: 'store', downloadedBytes: 0, stored: true };
      await parts.store.remove(asset.key);
    }
    let downloadedBytes = 0;
    // Reports count what is told here as fetched.
    const tellBytes = isHandedIn(asset) ? () => {} : report;
    // One clean second try: a damaged transfer heals, a wrong file on the server does not.
    for (let attempt = 0; attempt < 2; attempt++) {
      tellBytes({ phase: 'download', done: 0, total: asset.sizeBytes, unit: 'bytes' });
      const bytes = await download(asset, signal, (done) =>
        tellBytes({ phase: 'download', done, total: asset.sizeBytes, unit: 'bytes' }),
      );
      downloadedBytes += bytes.byteLength;
      report({ phase: 'verify', done: 0, total: 1, unit: 'steps' });
      if (await verifyBytes(bytes, asset)) {
        if (isHandedIn(asset)) return { bytes, source: 'memory', downloadedBytes: 0, stored: true };
        return { bytes, source: 'network', downloadedBytes, stored: await parts.store.write(asset.key, bytes, needed) };
      }
    }
    throw new ImageToImageError({
      code: 'integrity-mismatch',
      phase: 'verify',
      message: `The model file is not the one its manifest names (size or SHA-256 differ, twice). Nothing of it was run. Check what the server sends for ${asset.url.startsWith('data:') ? 'the inlined file' : (asset.url.split(/[?#]/, 1)[0] ?? '')}.`,
      details: { expectedSha256: asset.sha256 ?? null, expectedBytes: asset.sizeBytes },
    });
  }

  function startLoad(asset: ModelAsset): Load {
    const controller = new AbortController();
    const listeners: Load['listeners'] = new Map();
    const report = (event: ProgressEvent): void => {
      for (const listener of listeners.values()) listener(event);
    };
    const bytes = parts
      .exclusively(`tintype:model:${asset.key}`, controller.signal, () => obtain(asset, controller.signal, report))
      .finally(() => {
        if (loads.get(asset.key) === load) loads.delete(asset.key);
      });
    bytes.catch(() => {});
    const load: Load = { controller, listeners, bytes };
    loads.set(asset.key, load);
    return load;
  }

  async function bytesFor(
    callId: string,
    asset: ModelAsset,
    listener: (event: ProgressEvent) => void,
  ): Promise<Verified> {
    const known = kept.get(asset.key);
    if (known) return { ...known, source: 'memory', downloadedBytes: 0 };
    const load = loads.get(asset.key) ?? startLoad(asset);
    load.listeners.set(callId, listener);
    const result = await load.bytes;
    keep(asset.key, result);
    return result;
  }

  /** The files one after another, told as one download. `use` decides what stays of each: together they may be gigabytes. */
  async function forEachFile<T>(
    callId: string,
    assets: readonly ModelAsset[],
    listener: (event: ProgressEvent) => void,
    use: (verified: Verified, asset: ModelAsset) => T,
  ): Promise<readonly T[]> {
    const total = sum(assets.map(({ sizeBytes }) => sizeBytes));
    const all: T[] = [];
    let before = 0;
    for (const asset of assets) {
      const from = before;
      const isLast = all.length === assets.length - 1;
      const verified = await bytesFor(callId, asset, (event) => {
        if (event.phase === 'download') listener({ ...event, done: from + event.done, total });
        // Listeners only hear of phases in their order: this one ends the download.
        else if (isLast) listener(event);
      });
      all.push(use(verified, asset));
      before += asset.sizeBytes;
    }
    return all;
  }

  return {
    addEngine: async (engineId, port) => {
      engines.set(engineId, port);
      return ok(undefined);
    },
    removeEngine: async (engineId) => {
      engines.get(engineId)?.close();
      engines.delete(engineId);
      return ok(undefined);
    },
    deliver: (callId, asset, engineIds, events) =>
      settle(async () => {
        try {
          const all = await forEachFile(callId, filesOf(asset), tell(events), (verified) => verified);
          for (const engineId of engineIds) {
            const [bytes = new ArrayBuffer(0), ...others] = all.map((one) => one.bytes.slice(0));
            const externalData = (asset.externalData ?? []).map(
              ({ path }, index): ExternalData => ({ path, bytes: others[index] ?? new ArrayBuffer(0) }),
            );
            const message: ModelMessage = { key: asset.key, bytes, externalData };
            engines.get(engineId)?.postMessage(message, [bytes, ...others]);
          }
          for (const { key } of filesOf(asset)) release(key);
          return together(all);
        } finally {
          events.close();
        }
      }),
    prefetch: (callId, assets, events) =>
      settle(async () => {
        fetching.add(callId);
        const throwIfCancelled = (): void => {
          if (!fetching.has(callId)) throw new Error('The call was cancelled.');
        };
        try {
          const missing: ModelAsset[] = [];
          needed = new Set(assets.flatMap(filesOf).map(({ key }) => key));
          for (const asset of assets.flatMap(filesOf)) {
            if (isHandedIn(asset) || kept.has(asset.key) || (await parts.store.has(asset.key))) continue;
            missing.push(asset);
          }
          throwIfCancelled();
          const deliveries = await forEachFile(callId, missing, tell(events), (verified, { key }) => {
            throwIfCancelled();
            const { bytes: _, ...delivery } = verified;
            if (!delivery.stored) {
              awaited.add(key);
              keep(key, verified);
            }
            return delivery;
          });
          return together(deliveries);
        } finally {
          fetching.delete(callId);
          events.close();
        }
      }),
    read: (callId, asset) => settle(async () => (await bytesFor(callId, asset, () => {})).bytes.slice(0)),
    cancel: async (callId) => {
      for (const key of awaited) release(key);
      fetching.delete(callId);
      for (const [key, load] of loads) {
        if (!load.listeners.delete(callId) || load.listeners.size > 0) continue;
        load.controller.abort();
        // At once, so that a new call starts afresh instead of joining a load that is ending.
        loads.delete(key);
      }
      return ok(undefined);
    },
    // The key of a file without a SHA-256 begins with its URL: what was handed in is here.
    stored: (keys) => settle(() => Promise.all(keys.map((key) => key.startsWith('blob:') || parts.store.has(key)))),
    remove: (keys) =>
      settle(async () => {
        if (keys === 'all') {
          kept.clear();
          await parts.store.clear();
          return;
        }
        for (const key of keys) {
          kept.delete(key);
          await parts.store.remove(key);
        }
      }),
  };
}

/** A file of this device: it needs no download, and storing it again would take its place twice. */
function isHandedIn({ url }: ModelAsset): boolean {
  return url.startsWith('blob:');
}

function filesOf(asset: ModelAsset): readonly ModelAsset[] {
  return [asset, ...(asset.externalData ?? []).map((beside) => beside.asset)];
}

function tell(events: MessagePort): (event: ProgressEvent) => void {
  return (event) => events.postMessage(event);
}

function together(all: readonly Delivery[]): Delivery {
  const source = all.some((one) => one.source === 'network')
    ? 'network'
    : all.some((one) => one.source === 'store')
      ? 'store'
      : 'memory';
  const downloadedBytes = sum(all.map((one) => one.downloadedBytes));
  return { source, downloadedBytes, stored: all.every((one) => one.stored) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return ok(await work());
  } catch (caught) {
    return failed(
      toErrorRecord(caught, {
        code: 'model-unavailable',
        phase: 'download',
        message: 'The model could not be loaded. Call again.',
      }),
    );
  }
}
