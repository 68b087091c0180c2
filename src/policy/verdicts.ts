import { ORT_VERSION } from '../contract/engine-build.js';
import type { Verdict } from './choose-device.js';

/** What a verdict holds for. Another model file, runtime, adapter or number of engines is measured anew. */
export interface VerdictScope {
  readonly modelHashes: readonly string[];
  readonly adapter: string;
  readonly engines: number;
  /** Of the tile that was timed. */
  readonly sidePx: number;
}

/** The measured verdicts of this origin: in memory, and in localStorage where the browser lets us. */
export interface Verdicts {
  get(scope: VerdictScope): Verdict | undefined;
  /** @param lasting False for a failure, which may pass: only these verdicts hold it, not the storage. */
  set(scope: VerdictScope, verdict: Verdict, lasting: boolean): void;
  /** Forgets those of one model file, or all. */
  forget(hashes: readonly string[] | 'all'): void;
}

const PREFIX = 'tintype:device:';

/** @param openStorage May throw (an opaque origin, storage switched off). */
export function createVerdicts(openStorage: () => Storage | undefined): Verdicts {
  const memory = new Map<string, Verdict>();
  const attempt = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      const storage = openStorage();
      return storage && work(storage);
    } catch {
      return undefined;
    }
  };
  return {
    get(scope) {
      const key = keyOf(scope);
      return memory.get(key) ?? parse(attempt((storage) => storage.getItem(key)));
    },
    set(scope, verdict, lasting) {
      memory.set(keyOf(scope), verdict);
      if (lasting) attempt((storage) => storage.setItem(keyOf(scope), JSON.stringify(verdict)));
    },
    forget(hashes) {
      const concerned = (key: string): boolean =>
        key.startsWith(PREFIX) && (hashes === 'all' || hashes.some((hash) => key.includes(hash)));
      for (const key of [...memory.keys()].filter(concerned)) memory.delete(key);
      attempt((storage) => {
        for (const key of Object.keys(storage).filter(concerned)) storage.removeItem(key);
      });
    },
  };
}

function keyOf({ modelHashes, adapter, engines, sidePx }: VerdictScope): string {
  return PREFIX + JSON.stringify([...modelHashes, ORT_VERSION, adapter, engines, sidePx]);
}

/** Others may write to the same storage: what is not a verdict is none. */
function parse(text: string | null | undefined): Verdict | undefined {
  try {
    const { device, msPerMegapixel } = JSON.parse(text ?? 'null');
    const { wasm, webgpu } = msPerMegapixel;
    if ((device !== 'wasm' && device !== 'webgpu') || !(wasm > 0) || !(webgpu > 0)) return undefined;
    return { device, msPerMegapixel: { wasm: Number(wasm), webgpu: Number(webgpu) } };
  } catch {
    return undefined;
  }
}
