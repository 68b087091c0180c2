import { env, type ImageToImagePipeline, pipeline, type RawImage } from '@huggingface/transformers';
import type { Side, SideResult } from '../page/side.js';

/**
 * transformers.js' `image-to-image` pipeline on our weights, as a competent user would set it up for speed: float32 weights
 * as the task asks for, WASM, files from the own origin, threads wherever the page is isolated. Its usual runtime, asyncify:
 * the plain one was no faster (384 x 256: 2.0 s of processor time either way).
 */
export function createSide(): Side {
  let enlarge: ImageToImagePipeline | undefined;
  return {
    name: 'transformers.js',
    async prepare({ model, engines, picture }) {
      env.remoteHost = `${location.origin}/peers/hub/`;
      // A second copy of what the bench serves from memory anyway; no run is any faster for it.
      env.useBrowserCache = false;
      env.useWasmCache = false;
      const { wasm } = env.backends.onnx;
      if (wasm === undefined) throw new Error('transformers.js came without its WASM runtime.');
      const runtime = `${location.origin}/peers/ort/ort-wasm-simd-threaded.asyncify`;
      wasm.wasmPaths = { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` };
      // By itself it takes half of the cores, which on two is one.
      wasm.numThreads = crossOriginIsolated ? engines : 1;
      enlarge = await pipeline('image-to-image', model, { device: 'wasm', dtype: 'fp32' });
      if (picture instanceof Blob) await enlargeOnce(enlarge, picture);
    },
    async run(picture) {
      if (enlarge === undefined) throw new Error('Not prepared.');
      return enlargeOnce(enlarge, picture);
    },
    async dispose() {
      await enlarge?.dispose();
    },
  };
}

async function enlargeOnce(enlarge: ImageToImagePipeline, picture: Blob): Promise<SideResult> {
  const started = performance.now();
  const image: RawImage = await enlarge(picture);
  const enlarged = performance.now();
  const blob = await image.toBlob('image/png');
  return { blob, timingsMs: { tiles: enlarged - started, encode: performance.now() - enlarged } };
}
