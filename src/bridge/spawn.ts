import type { WorkerFactories } from '../options.js';

/**
 * The only place that makes workers. Bundlers look for exactly this form and emit each worker as a file of its own; the
 * `.js` is right in `dist` and is resolved to `.ts` by Vite where it serves the sources.
 */
export const spawnWorker: Required<{ [Kind in keyof WorkerFactories]: () => Worker }> = {
  loader: () =>
    new Worker(new URL('../../workers/loader.worker.js', import.meta.url), { type: 'module', name: 'tintype-loader' }),
  pipeline: () =>
    new Worker(new URL('../../workers/pipeline.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-pipeline',
    }),
  engine: () =>
    new Worker(new URL('../../workers/engine.wasm.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-engine',
    }),
};
