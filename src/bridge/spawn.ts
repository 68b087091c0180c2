import type { EngineBuild } from '../contract/engine-build.js';
import type { WorkerFactories } from '../options.js';

const spawnEngine: Readonly<Record<EngineBuild, () => Worker>> = {
  wasm: () =>
    new Worker(new URL('../../workers/engine.wasm.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-engine',
    }),
  jspi: () =>
    new Worker(new URL('../../workers/engine.jspi.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-engine',
    }),
  asyncify: () =>
    new Worker(new URL('../../workers/engine.asyncify.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-engine',
    }),
};

/**
 * The only place that makes workers. Bundlers look for exactly this form and emit each worker as a file of its own; the
 * `.js` is right in `dist` and is resolved to `.ts` by Vite where it serves the sources.
 */
export const spawnWorker: {
  readonly [Kind in keyof WorkerFactories]-?: NonNullable<WorkerFactories[Kind]>;
} = {
  loader: () =>
    new Worker(new URL('../../workers/loader.worker.js', import.meta.url), { type: 'module', name: 'tintype-loader' }),
  pipeline: () =>
    new Worker(new URL('../../workers/pipeline.worker.js', import.meta.url), {
      type: 'module',
      name: 'tintype-pipeline',
    }),
  engine: (build) => spawnEngine[build](),
};
