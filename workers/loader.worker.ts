import type { LoaderApi } from '../src/contract/worker-apis.js';
import { createLoaderApi } from './api/loader-api.js';
import { exposeWorker } from './expose.js';
import { createModelStore } from './model-store.js';

exposeWorker<LoaderApi>(
  createLoaderApi({
    store: createModelStore({ caches: globalThis.caches, origin: self.origin, now: () => Date.now() }),
    exclusively: async (name, signal, work) =>
      'locks' in navigator ? await navigator.locks.request(name, { signal }, work) : await work(),
  }),
);
