import * as tf from '@tensorflow/tfjs';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import esrganSlim from '@upscalerjs/esrgan-slim/2x';
import upscalerPackage from 'upscaler';
import type { Side, SideResult } from '../page/side.js';

/** The only model of its catalogue that is measured: its default model at this scale. */
const MODEL = 'esrgan-slim-x2';

/** Its types are read as CommonJS, for its package.json does not say `module`; its files are ES modules all the same. */
const Upscaler = upscalerPackage as unknown as typeof upscalerPackage.default;

type Instance = InstanceType<typeof Upscaler>;

/**
 * UpscalerJS on its WASM back end, as a competent user would set it up for speed:
 * - the whole picture at once: 640 x 480 took 5.4 s of processor time whole, 6.6 s in patches of 256 and 8.2 s of 512
 *   (padding 10, the network's reach, which hides the seams); 128 and 64 took 1.5 and 2.4 times as long as whole. The
 *   largest that fits lies between 1 MP, which runs, and 12 MP: "memory access out of bounds";
 * - a tensor out, drawn onto a canvas of our own: the default, a data: URL, has to be decoded again to become a Blob;
 * - SIMD, and as many threads as the back end agrees to: none without isolation, and never more than half of the cores.
 *   With more cores pretended, two threads took no less time on two busy cores than one.
 */
export function createSide(): Side {
  let upscaler: Instance | undefined;
  let patch: { readonly patchSize: number; readonly padding: number } | undefined;
  return {
    name: 'upscalerjs',
    async prepare({ model, engines, picture, patchSize }) {
      if (model !== MODEL) throw new Error(`UpscalerJS is measured with ${MODEL}, not ${model}.`);
      setWasmPaths('/peers/tfjs/');
      setThreadsCount(engines);
      if (!(await tf.setBackend('wasm'))) throw new Error('The WASM back end of TensorFlow.js did not start.');
      if (typeof patchSize === 'number') patch = { patchSize, padding: PADDING };
      upscaler = new Upscaler({ model: { ...esrganSlim, path: '/peers/upscalerjs/esrgan-slim/x2/model.json' } });
      await upscaler.ready;
      console.info(`UpscalerJS runs on ${tf.getBackend()} with ${getThreadsCount()} threads.`);
      if (picture instanceof Blob) await enlarge(upscaler, picture, patch);
    },
    async run(picture) {
      if (upscaler === undefined) throw new Error('Not prepared.');
      return enlarge(upscaler, picture, patch);
    },
    async dispose() {
      await upscaler?.dispose();
    },
  };
}

/** The network's reach is 10 pixels. */
const PADDING = 10;

async function enlarge(
  upscaler: Instance,
  picture: Blob,
  patch: { readonly patchSize: number; readonly padding: number } | undefined,
): Promise<SideResult> {
  const started = performance.now();
  const bitmap = await createImageBitmap(picture);
  const decoded = performance.now();
  const tensor = await upscaler.upscale(bitmap, { ...patch, output: 'tensor' });
  bitmap.close();
  const enlarged = performance.now();
  const [height, width] = tensor.shape;
  const values = await tensor.data();
  tensor.dispose();
  const blob = await encode(values, width, height);
  const encodeMs = performance.now() - enlarged;
  return { blob, timingsMs: { decode: decoded - started, tiles: enlarged - decoded, encode: encodeMs } };
}

/** `tf.browser.toPixels` would do, but refuses floats above 1; this is its loop. */
async function encode(rgb: ArrayLike<number>, width: number, height: number): Promise<Blob> {
  const pixels = new ImageData(width, height);
  const { data } = pixels;
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    data[to] = rgb[from] ?? 0;
    data[to + 1] = rgb[from + 1] ?? 0;
    data[to + 2] = rgb[from + 2] ?? 0;
    data[to + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error(`No canvas of ${width} x ${height}.`);
  context.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
