import { env } from '@huggingface/transformers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FeedForwardManifest } from '../contract/manifest.js';
import { createBlobSource } from './blob-source.js';
import type { RepositoryOptions } from './options.js';
import { importTransformers, type Transformers } from './peer.js';
import { readRepository } from './read-repository.js';
import { openRepository } from './repository.js';
import { readTransformersRepository } from './transformers-repository.js';

/** As published for Swin2SR (classical, twice), less what nobody here reads. */
const CONFIG = {
  model_type: 'swin2sr',
  upscale: 2,
  upsampler: 'pixelshuffle',
  num_channels: 3,
  embed_dim: 180,
  depths: [6, 6, 6, 6, 6, 6],
  num_heads: [6, 6, 6, 6, 6, 6],
  mlp_ratio: 2,
  window_size: 8,
};

const PREPROCESSOR = {
  image_processor_type: 'Swin2SRImageProcessor',
  do_pad: true,
  do_rescale: true,
  pad_size: 8,
  rescale_factor: 0.00392156862745098,
};

function json(value: object): Blob {
  return new Blob([JSON.stringify(value)]);
}

function repository(config: object = {}, preprocessor: object = {}): Map<string, Blob> {
  return new Map([
    ['config.json', json({ ...CONFIG, ...config })],
    ['preprocessor_config.json', json({ ...PREPROCESSOR, ...preprocessor })],
    ['onnx/model.onnx', new Blob(['graph'])],
    ['onnx/model_quantized.onnx', new Blob(['int8'])],
  ]);
}

async function read(files: Map<string, Blob>, options?: RepositoryOptions): Promise<FeedForwardManifest> {
  return (await readRepository(files, options)) as FeedForwardManifest;
}

async function refusal(files: Map<string, Blob>): Promise<string> {
  const error = await readRepository(files).then(
    () => undefined,
    (caught) => caught,
  );
  expect(error).toMatchObject({ code: 'model-unavailable', phase: 'validate' });
  return error.message;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a transformers.js repository', () => {
  test('becomes a feed-forward manifest', async () => {
    const manifest = await read(repository(), { id: 'swin' });
    expect(manifest).toMatchObject({
      id: 'swin',
      task: 'super-resolution',
      pipeline: 'feed-forward',
      honours: [],
      input: 'pixel_values',
      output: 'reconstruction',
      floatPixels: { rescale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], outputScale: 255 },
      scale: 2,
      receptiveFieldPx: 32,
      tile: { overlapPx: 32, multiple: 8 },
      defaultDtype: { wasm: 'w8', webgpu: 'f32' },
    });
    expect(manifest.variants).toMatchObject([
      { dtype: 'f32', sizeBytes: 5 },
      { dtype: 'w8', sizeBytes: 4 },
    ]);
    // The classical model has 12 million weights, most of them used once per pixel.
    expect(manifest.macsPerPixel).toBeGreaterThan(12e6);
    expect(manifest.macsPerPixel).toBeLessThan(20e6);
  });

  test('a processor that normalises, and a tile rule and costs of the caller', async () => {
    const normalising = { do_normalize: true, image_mean: [0.4, 0.5, 0.6], image_std: 0.5, do_pad: false };
    const options = { overlapPx: 16, macsPerPixel: 1e6, activationBytesPerPixel: 2e3 };
    const manifest = await read(repository({ window_size: 12 }, normalising), options);
    expect(manifest.floatPixels).toMatchObject({ mean: [0.4, 0.5, 0.6], std: [0.5, 0.5, 0.5] });
    expect(manifest).toMatchObject({
      tile: { overlapPx: 16, multiple: 12 },
      macsPerPixel: 1e6,
      activationBytesPerPixel: 2e3,
    });
  });

  test('weights beside a graph are found', async () => {
    const files = repository().set('onnx/model.onnx_data', new Blob(['weights']));
    const { variants } = await read(files, { dtype: 'f32' });
    expect(variants[0]?.externalData).toMatchObject([{ path: 'model.onnx_data', sizeBytes: 7 }]);
  });

  test('a model without upsampler keeps the size', async () => {
    expect(await read(repository({ upsampler: '', upscale: 4 }))).toMatchObject({ scale: 1, task: 'restoration' });
  });

  test('the library loads nothing, and its settings stay as they are', async () => {
    const asked: unknown[] = [];
    const before = { ...env };
    vi.stubGlobal('fetch', async (url: unknown) => {
      asked.push(url);
      throw new Error('no network');
    });
    env.fetch = globalThis.fetch;
    try {
      await read(repository());
    } finally {
      env.fetch = before.fetch;
    }
    expect(asked).toEqual([]);
    expect({ ...env }).toEqual(before);
  });

  test.each([
    [{ model_type: 'depth_anything' }, {}, /depth_anything is not for image to image.*swin2sr/],
    [{ model_type: undefined }, {}, /no model_type/],
    [{ num_channels: 1 }, {}, /num_channels in config.json must be 3/],
    [{ upscale: undefined }, {}, /upscale in config.json must be/],
    [{}, { do_resize: true, size: { width: 224, height: 224 } }, /do_resize/],
    [{}, { do_flip_channel_order: true }, /do_flip_channel_order/],
    [{}, { image_processor_type: 'NoSuchImageProcessor' }, /has no image processor NoSuchImageProcessor/],
    [{}, { image_processor_type: 'RawImage' }, /has no image processor RawImage/],
    [{}, { do_normalize: true, image_mean: [0.5], image_std: 0.5 }, /image_mean in preprocessor_config.json/],
    // Of another class, it pads to that very size.
    [{}, { image_processor_type: 'CLIPImageProcessor', pad_size: { width: 64, height: 64 } }, /pad_size/],
    // The class resizes unless it is told not to.
    [{}, { image_processor_type: 'ViTImageProcessor', size: 20, do_pad: false }, /gives float32 \[1, 3, /],
  ])('with %o and %o it is refused', async (config, preprocessor, message) => {
    expect(await refusal(repository(config, preprocessor))).toMatch(message);
  });

  test('a processor that computes something else is refused, with both numbers', async () => {
    const real = await importTransformers();
    class Brighter extends real.Swin2SRImageProcessor {
      override rescale(pixels: Float32Array): void {
        super.rescale(pixels);
        pixels[0] = (pixels[0] ?? 0) + 0.01;
      }
    }
    const importBrighter = async (): Promise<Transformers> => ({ ...real, Swin2SRImageProcessor: Brighter });
    const opened = openRepository(createBlobSource(repository()), {});
    const config = (await opened.readConfig('config')) ?? {};
    const reading = readTransformersRepository(opened, config, {}, importBrighter);
    await expect(reading).rejects.toThrow(/becomes 0.0\d+, where Tintype computes 0/);
  });

  test('missing files are named', async () => {
    const bare = repository();
    bare.delete('preprocessor_config.json');
    expect(await refusal(bare)).toMatch(/preprocessor_config.json is missing/);
    const empty = repository();
    empty.delete('onnx/model.onnx');
    empty.delete('onnx/model_quantized.onnx');
    expect(await refusal(empty)).toMatch(/not found onnx\/model.onnx, onnx\/model_fp16.onnx/);
  });

  test('without the library it says what to install', async () => {
    vi.resetModules();
    vi.doMock('@huggingface/transformers', () => {
      throw new Error('Cannot find package');
    });
    try {
      const { importTransformers: importMissing } = await import('./peer.js');
      const importing = importMissing();
      await expect(importing).rejects.toMatchObject({ code: 'environment-unsupported' });
      await expect(importing).rejects.toThrow(/npm install @huggingface\/transformers/);
    } finally {
      vi.doUnmock('@huggingface/transformers');
    }
  });
});
