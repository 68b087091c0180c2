import { ImageToImageError, toErrorRecord } from '../../src/contract/errors.js';
import { failed, type Outcome, ok } from '../../src/contract/outcome.js';
import type { ProgressEvent } from '../../src/contract/progress.js';
import type { Delivery, LoaderApi, ModelAsset, ModelMessage } from '../../src/contract/worker-apis.js';
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
  readonly bytes: Promise<{ readonly bytes: ArrayBuffer } & Delivery>;
}

/** Verified bytes up to this size stay in memory, so that a replaced engine needs no storage. */
const KEEP_BYTES = 16 * 1024 * 1024;

/** The loader worker without its worker. */
export function createLoaderApi(parts: LoaderParts): Omit<LoaderApi, 'hello'> {
  const engines = new Map<string, MessagePort>();
  const loads = new Map<string, Load>();
  let kept: { readonly sha256: string; readonly bytes: ArrayBuffer; readonly stored: boolean } | undefined;

  async function obtain(
    asset: ModelAsset,
    signal: AbortSignal,
    report: (event: ProgressEvent) => void,
  ): Promise<{ bytes: ArrayBuffer } & Delivery> {
    const stored = await parts.store.read(asset.sha256);
    if (stored) {
      report({ phase: 'verify', done: 0, total: 1, unit: 'steps' });
      if (await verifyBytes(stored, asset)) return { bytes: stored, source: 'store', downloadedBytes: 0, stored: true };
      await parts.store.remove(asset.sha256);
    }
    let downloadedBytes = 0;
    // One clean second try: a damaged transfer heals, a wrong file on the server does not.
    for (let attempt = 0; attempt < 2; attempt++) {
      report({ phase: 'download', done: 0, total: asset.sizeBytes, unit: 'bytes' });
      const bytes = await download(asset, signal, (done) =>
        report({ phase: 'download', done, total: asset.sizeBytes, unit: 'bytes' }),
      );
      downloadedBytes += bytes.byteLength;
      report({ phase: 'verify', done: 0, total: 1, unit: 'steps' });
      if (await verifyBytes(bytes, asset)) {
        return { bytes, source: 'network', downloadedBytes, stored: await parts.store.write(asset.sha256, bytes) };
      }
    }
    throw new ImageToImageError({
      code: 'integrity-mismatch',
      phase: 'verify',
      message: `The model file is not the one its manifest names (size or SHA-256 differ, twice). Nothing of it was run. Check what the server sends for ${asset.url.startsWith('data:') ? 'the inlined file' : (asset.url.split(/[?#]/, 1)[0] ?? '')}.`,
      details: { expectedSha256: asset.sha256, expectedBytes: asset.sizeBytes },
    });
  }

  function startLoad(asset: ModelAsset): Load {
    const controller = new AbortController();
    const listeners: Load['listeners'] = new Map();
    const report = (event: ProgressEvent): void => {
      for (const listener of listeners.values()) listener(event);
    };
    const bytes = parts
      .exclusively(`tintype:model:${asset.sha256}`, controller.signal, () => obtain(asset, controller.signal, report))
      .finally(() => {
        if (loads.get(asset.sha256) === load) loads.delete(asset.sha256);
      });
    bytes.catch(() => {});
    const load: Load = { controller, listeners, bytes };
    loads.set(asset.sha256, load);
    return load;
  }

  async function bytesFor(
    callId: string,
    asset: ModelAsset,
    listener: (event: ProgressEvent) => void,
  ): Promise<{ bytes: ArrayBuffer } & Delivery> {
    if (kept?.sha256 === asset.sha256)
      return { bytes: kept.bytes, source: 'memory', downloadedBytes: 0, stored: kept.stored };
    const load = loads.get(asset.sha256) ?? startLoad(asset);
    load.listeners.set(callId, listener);
    const result = await load.bytes;
    kept =
      result.bytes.byteLength <= KEEP_BYTES
        ? { sha256: asset.sha256, bytes: result.bytes, stored: result.stored }
        : undefined;
    return result;
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
          const { bytes, ...delivery } = await bytesFor(callId, asset, (event) => events.postMessage(event));
          for (const engineId of engineIds) {
            const copy = bytes.slice(0);
            const message: ModelMessage = { key: asset.sha256, bytes: copy };
            engines.get(engineId)?.postMessage(message, [copy]);
          }
          return delivery;
        } finally {
          events.close();
        }
      }),
    cancel: async (callId) => {
      for (const [sha256, load] of loads) {
        if (!load.listeners.delete(callId) || load.listeners.size > 0) continue;
        load.controller.abort();
        // At once, so that a new call starts afresh instead of joining a load that is ending.
        loads.delete(sha256);
      }
      return ok(undefined);
    },
    stored: (hashes) => settle(() => Promise.all(hashes.map((hash) => parts.store.has(hash)))),
    remove: (hashes) =>
      settle(async () => {
        if (hashes === 'all' || (kept && hashes.includes(kept.sha256))) kept = undefined;
        if (hashes === 'all') await parts.store.clear();
        else for (const hash of hashes) await parts.store.remove(hash);
      }),
  };
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
