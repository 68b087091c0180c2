import * as ort from 'onnxruntime-web/wasm';
import type { Picture } from './png-picture.ts';

/** A model opened on onnxruntime-web's WASM with one thread, as an engine worker has it. */
export interface WasmSession {
  /** Runs a baked graph. Gives RGBA bytes of the enlarged size. */
  run(picture: Picture): Promise<Picture>;
  release(): Promise<void>;
}

/** Opens a baked file. @param file is copied by the runtime. */
export async function openSession(file: Uint8Array): Promise<WasmSession> {
  const session = await openRaw(file);
  const [input, output] = [session.inputNames[0] ?? '', session.outputNames[0] ?? ''];
  return {
    async run({ width, height, rgba }) {
      const results = await session.run({ [input]: new ort.Tensor('uint8', rgba, [1, height, width, 4]) });
      const result = results[output];
      const [, outHeight = 0, outWidth = 0, channels] = result?.dims ?? [];
      if (!result || channels !== 4) throw new Error(`The result has the shape ${result?.dims.join(' x ')}.`);
      return { width: outWidth, height: outHeight, rgba: result.data as Uint8Array };
    },
    release: () => session.release(),
  };
}

/** A float32 tensor. */
export interface Planes {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Runs a baked graph with further outputs on a picture, and gives what those hold. */
export async function openInspector(
  file: Uint8Array,
): Promise<(picture: Picture) => Promise<Readonly<Record<string, Planes>>>> {
  const session = await openRaw(file);
  const [input = ''] = session.inputNames;
  const names = session.outputNames.slice(1);
  return async ({ width, height, rgba }) => {
    const results = await session.run({ [input]: new ort.Tensor('uint8', rgba, [1, height, width, 4]) }, names);
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
    );
  };
}

/** Runs a float32 graph on planes once. @param planes `[1, 3, height, width]`, 0..255. */
export async function runPlanes(
  file: Uint8Array,
  planes: Float32Array,
  size: { readonly width: number; readonly height: number },
): Promise<Float32Array> {
  const session = await openRaw(file);
  const input = session.inputNames[0] ?? '';
  const results = await session.run({ [input]: new ort.Tensor('float32', planes, [1, 3, size.height, size.width]) });
  await session.release();
  const result = results[session.outputNames[0] ?? ''];
  if (!result) throw new Error('The graph gave nothing.');
  return result.data as Float32Array;
}

function openRaw(file: Uint8Array): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  return ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
}
