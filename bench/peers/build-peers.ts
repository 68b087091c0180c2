import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { repositoryRoot } from '../../tools/repository.js';
import { writeTransformersRepository } from './transformers-repository.js';

/** What the page imports of here, by the name of its file. */
const ENTRIES = ['upscalerjs', 'transformers', 'quality'] as const;

/** Our networks that transformers.js is given. */
const TRANSFORMERS_MODELS = ['esrgan-slim-x2', 'tintype-sr-x2'] as const;

/** What the peers fetch while they run, from `node_modules` to below the served folder's `peers`: nothing from a CDN. */
const COPIES: Readonly<Record<string, string>> = {
  '@upscalerjs/esrgan-slim/models/x2': 'upscalerjs/esrgan-slim/x2',
  ...copiesOf('@tensorflow/tfjs-backend-wasm/dist', 'tfjs', [
    'tfjs-backend-wasm.wasm',
    'tfjs-backend-wasm-simd.wasm',
    'tfjs-backend-wasm-threaded-simd.wasm',
  ]),
  ...copiesOf('onnxruntime-web/dist', 'ort', [
    'ort-wasm-simd-threaded.asyncify.mjs',
    'ort-wasm-simd-threaded.asyncify.wasm',
  ]),
};

/**
 * Builds the peers' sides apart from the bench's page, as `peers/{entry}.js` in the folder that is served, with everything
 * they fetch. Not minified: the threaded back end of TensorFlow.js hands its own source as text to its workers, and a
 * minified name of the chunk around it is not there ("e is not defined", and the call never settles).
 */
export async function buildPeers(folder: string): Promise<void> {
  const peers = join(folder, 'peers');
  const here = join(repositoryRoot, 'bench', 'peers');
  await build({
    root: here,
    configFile: false,
    logLevel: 'warn',
    base: '/peers/',
    worker: { format: 'es' },
    build: {
      outDir: peers,
      emptyOutDir: true,
      copyPublicDir: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      chunkSizeWarningLimit: 100_000,
      rollupOptions: {
        input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(here, `${entry}.ts`)])),
        output: { entryFileNames: '[name].js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  for (const [from, to] of Object.entries(COPIES)) {
    mkdirSync(join(peers, to, '..'), { recursive: true });
    cpSync(join(repositoryRoot, 'node_modules', from), join(peers, to), { recursive: true });
  }
  for (const model of TRANSFORMERS_MODELS) writeTransformersRepository(join(peers, 'hub'), model);
}

function copiesOf(from: string, to: string, files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [`${from}/${file}`, `${to}/${file}`]));
}
