import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DiffusionManifest } from '../contract/manifest.js';
import type { RepositoryOptions } from './options.js';
import { readRepository } from './read-repository.js';

const TINY = fileURLToPath(new URL('../../fixtures/diffusion/tiny-pipelines/', import.meta.url));

type Files = Map<string, Blob>;

const pipelines = new Map<string, Files>();
beforeAll(async () => {
  const index = JSON.parse(await readFile(`${TINY}index.json`, 'utf8'));
  for (const [name, { files }] of Object.entries<{ files: Record<string, string> }>(index.pipelines)) {
    const entries = Object.entries(files).map(
      async ([path, at]) => [path, new Blob([await readFile(TINY + at)])] as const,
    );
    pipelines.set(name, new Map(await Promise.all(entries)));
  }
});

/** A tiny pipeline with some files changed: fields set in JSON, a file replaced, or (null) taken away. */
async function tiny(name: string, changes: Record<string, object | Blob | null> = {}): Promise<Files> {
  const files = new Map(pipelines.get(name));
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) files.delete(path);
    else if (change instanceof Blob) files.set(path, change);
    else {
      const before = JSON.parse((await files.get(path)?.text()) ?? '{}');
      files.set(path, new Blob([JSON.stringify({ ...before, ...change })]));
    }
  }
  return files;
}

async function read(
  files: Parameters<typeof readRepository>[0],
  options?: RepositoryOptions,
): Promise<DiffusionManifest> {
  const manifest = await readRepository(files, options);
  if (manifest.pipeline !== 'diffusion') throw new Error('not a diffusion model');
  return manifest;
}

async function refusal(files: Files, options?: RepositoryOptions): Promise<string> {
  const error = await readRepository(files, options).then(
    () => undefined,
    (caught) => caught,
  );
  expect(error).toMatchObject({ code: 'model-unavailable', phase: 'validate' });
  return error.message;
}

const graph = new Blob(['graph']);

describe('the four tiny pipelines', () => {
  test('InstructPix2Pix', async () => {
    const manifest = await read(await tiny('ip2p'));
    expect(manifest).toMatchObject({
      schema: 1,
      id: 'local-model',
      task: 'prompted-editing',
      pipeline: 'diffusion',
      family: 'instruct-pix2pix',
      scheduler: { _class_name: 'EulerAncestralDiscreteScheduler', beta_start: 0.00085, steps_offset: 1 },
      vae: { latentChannels: 4, scalingFactor: 0.18215, shiftFactor: 0, downscale: 4 },
      unet: { inChannels: 8, timeCondProjDim: null },
      sizeMultiple: 8,
      maxWorkPixels: 512 * 512,
      recommended: { num_inference_steps: 20, guidance_scale: 7.5, image_guidance_scale: 1.5 },
      defaultDtype: { wasm: 'f32', webgpu: 'f32' },
      licence: 'NOASSERTION',
    });
    expect([...manifest.honours].sort()).toEqual([
      'guidance_scale',
      'image_guidance_scale',
      'negative_prompt',
      'num_inference_steps',
      'prompt',
      'seed',
    ]);
    expect(manifest.tokenizer.maxTokens).toBe(77);
    expect(Object.keys(manifest.tokenizer.files)).toEqual([
      'tokenizer.json',
      'tokenizer_config.json',
      'special_tokens_map.json',
    ]);
  });

  test('image to image', async () => {
    const manifest = await read(await tiny('img2img'));
    expect(manifest).toMatchObject({ family: 'image-to-image', recommended: { strength: 0.8, guidance_scale: 7.5 } });
    expect(manifest.honours).toContain('strength');
    expect(manifest.honours).not.toContain('mask_image');
  });

  test('inpainting', async () => {
    const manifest = await read(await tiny('inpaint'));
    expect(manifest).toMatchObject({ family: 'inpaint', unet: { inChannels: 9 }, recommended: { strength: 1 } });
    expect(manifest.honours).toContain('mask_image');
  });

  test('LCM with a guidance embedding, its class with ORT before it', async () => {
    const manifest = await read(await tiny('lcm'));
    expect(manifest).toMatchObject({
      family: 'image-to-image',
      unet: { timeCondProjDim: 32 },
      recommended: { num_inference_steps: 4, guidance_scale: 8.5, strength: 0.8 },
    });
    // One row only: nothing that a negative prompt could do.
    expect(manifest.honours).not.toContain('negative_prompt');
  });
});

describe('what decides the family', () => {
  const classOf = (name: string) => ({ 'model_index.json': { _class_name: name } });

  test.each([
    ['img2img', 'ORTStableDiffusionImg2ImgPipeline', 'image-to-image'],
    ['img2img', 'OnnxStableDiffusionPipeline', 'image-to-image'],
    ['img2img', 'StableDiffusionInpaintPipeline', 'inpaint'],
    ['inpaint', 'ORTStableDiffusionInpaintPipeline', 'inpaint'],
    ['ip2p', 'ORTStableDiffusionPipeline', 'instruct-pix2pix'],
    ['inpaint', 'StableDiffusionPipeline', 'inpaint'],
  ])('the U-Net of %s under the class %s is %s', async (pipeline, name, family) => {
    expect((await read(await tiny(pipeline, classOf(name)))).family).toBe(family);
  });

  test.each([
    ['ip2p', 'StableDiffusionInpaintPipeline', /takes 8 channels.*fits instruct-pix2pix.*InpaintPipeline/],
    ['img2img', 'StableDiffusionInstructPix2PixPipeline', /takes 4 channels.*fits image-to-image and inpaint/],
    ['inpaint', 'LatentConsistencyModelPipeline', /takes 9 channels.*fits inpaint/],
  ])('the U-Net of %s under the class %s is a contradiction', async (pipeline, name, message) => {
    expect(await refusal(await tiny(pipeline, classOf(name)))).toMatch(message);
  });

  test('channels are counted in latents, not in fours', async () => {
    const vae = { latent_channels: 12, scaling_factor: 1.6, block_out_channels: [12, 12] };
    const changes = {
      'vae_encoder/config.json': vae,
      'vae_decoder/config.json': vae,
      'unet/config.json': { in_channels: 24 },
    };
    const manifest = await read(await tiny('ip2p', changes));
    expect(manifest).toMatchObject({
      family: 'instruct-pix2pix',
      vae: { latentChannels: 12, scalingFactor: 1.6, downscale: 2 },
      sizeMultiple: 4,
    });
    expect(await refusal(await tiny('ip2p', { 'unet/config.json': { in_channels: 7 } }))).toMatch(/fits no pipeline/);
  });

  test.each([
    [{ _class_name: 'ORTStableDiffusionXLImg2ImgPipeline' }, /SDXL/],
    [{ text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'] }, /two text encoders/],
    [{ _class_name: 'FluxPipeline', transformer: ['diffusers', 'FluxTransformer2DModel'] }, /transformer in place/],
    [{ _class_name: 'WuerstchenPipeline' }, /class WuerstchenPipeline; Tintype runs StableDiffusionPipeline/],
  ])('%o is refused by name', async (index, message) => {
    expect(await refusal(await tiny('img2img', { 'model_index.json': index }))).toMatch(message);
  });

  test('a part that a pipeline could have and this one has not does not count', async () => {
    const index = { text_encoder_2: [null, null], transformer: [null, null] };
    expect((await read(await tiny('img2img', { 'model_index.json': index }))).family).toBe('image-to-image');
  });
});

describe('missing and strange parts', () => {
  test.each([
    ['unet/model.onnx', /unet\/model.onnx/],
    ['text_encoder/model.onnx', /text_encoder\/model.onnx/],
    ['vae_encoder/model.onnx', /vae_encoder\/model.onnx.*Text-to-image exports/],
    ['vae_decoder/model.onnx', /vae_decoder\/model.onnx/],
    ['unet/config.json', /unet\/config.json is missing.*configs: { unet/],
    ['scheduler/scheduler_config.json', /scheduler_config.json is missing/],
  ])('without %s it is refused by name', async (path, message) => {
    expect(await refusal(await tiny('ip2p', { [path]: null }))).toMatch(message);
  });

  test.each([
    ['unet/config.json', { addition_embed_type: 'text_time' }, /addition_embed_type/],
    ['unet/config.json', { block_out_channels: [] }, /block_out_channels in unet\/config.json must be/],
    ['unet/config.json', { in_channels: '8' }, /in_channels in unet\/config.json must be a whole number.*got "8"/],
    ['vae_decoder/config.json', { scaling_factor: 0.13025 }, /different VAEs: scalingFactor is 0.18215 and 0.13025/],
    ['text_encoder/config.json', { model_type: 't5' }, /text encoder is t5/],
    ['tokenizer/tokenizer_config.json', { tokenizer_class: 'T5Tokenizer' }, /tokenizer is T5Tokenizer/],
    [
      'scheduler/scheduler_config.json',
      { _class_name: 'HeunDiscreteScheduler' },
      /_class_name: "HeunDiscreteScheduler".*EulerDiscreteScheduler/,
    ],
    ['scheduler/scheduler_config.json', { beta_start: 'low' }, /beta_start: "low"/],
    ['scheduler/scheduler_config.json', { _class_name: 'PNDMScheduler', skip_prk_steps: false }, /skip_prk_steps/],
    ['unet/config.json', new Blob(['version https://git-lfs']), /unet\/config.json is not JSON/],
    ['unet/config.json', new Blob(['[]']), /holds no JSON object/],
  ])('%s with %o is refused', async (path, change, message) => {
    expect(await refusal(await tiny('ip2p', { [path]: change }))).toMatch(message);
  });

  test('nothing at all', async () => {
    expect(await refusal(new Map([['README.md', graph]]))).toMatch(/Neither model_index.json nor config.json/);
  });

  test('the VAE may be described in one place: by one half, or as a whole', async () => {
    const expected = (await read(await tiny('ip2p'))).vae;
    expect((await read(await tiny('ip2p', { 'vae_encoder/config.json': null }))).vae).toEqual(expected);
    const whole = pipelines.get('ip2p')?.get('vae_encoder/config.json') ?? graph;
    const changes = { 'vae_encoder/config.json': null, 'vae_decoder/config.json': null, 'vae/config.json': whole };
    expect((await read(await tiny('ip2p', changes))).vae).toEqual(expected);
  });

  test('a tiny autoencoder counts its blocks elsewhere and scales nothing; an old one does not name its scale', async () => {
    const small = { _class_name: 'AutoencoderTiny', encoder_block_out_channels: [64, 64, 64, 64], latent_channels: 4 };
    const taesd = new Blob([JSON.stringify(small)]);
    const files = await tiny('img2img', { 'vae_encoder/config.json': taesd, 'vae_decoder/config.json': taesd });
    expect((await read(files)).vae).toEqual({ latentChannels: 4, scalingFactor: 1, shiftFactor: 0, downscale: 8 });
    const old = { scaling_factor: undefined };
    const older = await tiny('img2img', { 'vae_encoder/config.json': old, 'vae_decoder/config.json': old });
    expect((await read(older)).vae.scalingFactor).toBe(0.18215);
  });

  test('numbers that Python writes and JSON has not are null', async () => {
    const text =
      '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "note": "NaN \\" Infinity", "n": NaN}';
    const files = await tiny('img2img', { 'scheduler/scheduler_config.json': new Blob([text]) });
    expect((await read(files)).scheduler).toEqual({
      _class_name: 'DPMSolverMultistepScheduler',
      lambda_min_clipped: null,
      note: 'NaN " Infinity',
      n: null,
    });
  });
});

describe('tokenizers', () => {
  test('vocab.json and merges.txt do where there is no tokenizer.json', async () => {
    const { tokenizer } = await read(await tiny('ip2p', { 'tokenizer/tokenizer.json': null }));
    expect(Object.keys(tokenizer.files).slice(0, 2)).toEqual(['vocab.json', 'merges.txt']);
    expect(tokenizer.files['tokenizer.json']).toBeUndefined();
  });

  test('neither is an error that names both', async () => {
    const changes = { 'tokenizer/tokenizer.json': null, 'tokenizer/merges.txt': null };
    expect(await refusal(await tiny('ip2p', changes))).toMatch(/tokenizer.json, or tokenizer\/vocab.json and/);
  });

  test('length: the smaller of what tokenizer and text encoder say', async () => {
    const lengthWith = async (model_max_length: number, max_position_embeddings: number) => {
      const changes = {
        'tokenizer/tokenizer_config.json': { model_max_length },
        'text_encoder/config.json': { max_position_embeddings },
      };
      return (await read(await tiny('ip2p', changes))).tokenizer.maxTokens;
    };
    expect(await lengthWith(1e30, 77)).toBe(77);
    expect(await lengthWith(64, 77)).toBe(64);
    const bare = { 'tokenizer/tokenizer_config.json': null, 'text_encoder/config.json': null };
    expect((await read(await tiny('ip2p', bare))).tokenizer.maxTokens).toBe(77);
  });
});

describe('dtypes', () => {
  const all = (suffix: string) =>
    Object.fromEntries(
      ['unet', 'text_encoder', 'vae_encoder', 'vae_decoder'].map((stage) => [`${stage}/model${suffix}.onnx`, graph]),
    );

  test('all that are complete are offered; each device has its own default', async () => {
    const changes = { ...all('_fp16'), ...all('_quantized'), ...all('_q4f16') };
    const manifest = await read(await tiny('ip2p', changes));
    expect(manifest.variants.map(({ dtype }) => dtype)).toEqual(['f32', 'f16', 'w8', 'q4f16']);
    expect(manifest.defaultDtype).toEqual({ wasm: 'w8', webgpu: 'f16' });
  });

  test('small networks stand in with float32, for q4f16 with float16 first; the U-Net never', async () => {
    const changes = {
      'unet/model_fp16.onnx': graph,
      'unet/model_q4f16.onnx': graph,
      'text_encoder/model_fp16.onnx': new Blob(['encoder']),
      'vae_decoder/model_quantized.onnx': graph,
    };
    const { variants } = await read(await tiny('ip2p', changes));
    expect(variants.map(({ dtype }) => dtype)).toEqual(['f32', 'f16', 'q4f16']);
    const [f32, f16, q4f16] = variants;
    expect(f16?.files.vae_decoder).toEqual(f32?.files.vae_decoder);
    expect(f16?.files.unet.sizeBytes).toBe(5);
    expect(q4f16?.files.text_encoder.sizeBytes).toBe(7);
    expect(q4f16?.files.vae_encoder).toEqual(f32?.files.vae_encoder);
  });

  test('one that is named is the only one, or refused', async () => {
    const files = await tiny('ip2p', all('_fp16'));
    const manifest = await read(files, { dtype: 'f16' });
    expect(manifest.variants.map(({ dtype }) => dtype)).toEqual(['f16']);
    expect(manifest.defaultDtype).toEqual({ wasm: 'f16', webgpu: 'f16' });
    expect(await refusal(files, { dtype: 'q4' })).toMatch(/not found unet\/model_q4.onnx/);
    await expect(read(files, { dtype: 'u8' as 'w8' })).rejects.toThrow(RangeError);
  });
});

describe('what the caller says', () => {
  test('files and configs make up for another layout', async () => {
    const files = await tiny('ip2p');
    for (const stage of ['unet', 'text_encoder', 'vae_encoder', 'vae_decoder']) {
      files.set(`onnx/${stage}.onnx`, files.get(`${stage}/model.onnx`) ?? graph);
      files.delete(`${stage}/model.onnx`);
      files.delete(`${stage}/config.json`);
    }
    files.set('onnx/unet.onnx_data', new Blob(['weights']));
    files.delete('model_index.json');
    const manifest = await read(files, {
      files: {
        'unet/model.onnx': 'onnx/unet.onnx',
        'text_encoder/model.onnx': 'onnx/text_encoder.onnx',
        'vae_encoder/model.onnx': 'onnx/vae_encoder.onnx',
        'vae_decoder/model.onnx': 'onnx/vae_decoder.onnx',
      },
      configs: {
        model_index: { _class_name: 'StableDiffusionInstructPix2PixPipeline' },
        unet: { in_channels: 8, block_out_channels: [4, 8] },
        vae_encoder: { block_out_channels: [4, 4, 8] },
        scheduler: { _class_name: 'EulerDiscreteScheduler' },
      },
    });
    expect(manifest).toMatchObject({
      family: 'instruct-pix2pix',
      sizeMultiple: 8,
      // Over the file's fields, not instead of them.
      scheduler: { _class_name: 'EulerDiscreteScheduler', beta_end: 0.012 },
    });
    expect(manifest.variants[0]?.files.unet.externalData?.map(({ path }) => path)).toEqual(['unet.onnx_data']);
  });

  test('a path that is named and not there is an error, not a missing file', async () => {
    const options = { files: { 'unet/model_q4.onnx': 'unet/q4.onnx' } };
    expect(await refusal(await tiny('ip2p'), options)).toMatch(/names unet\/q4.onnx, which is not in/);
  });

  test('recommendations: the caller before recommended.json before the usual', async () => {
    const published = { num_inference_steps: 4, guidance_scale: 1, max_comfortable_side: 640, variant: 'model.onnx' };
    const files = await tiny('ip2p', { 'recommended.json': published, 'unet/model_fp16.onnx': graph });
    const manifest = await read(files, { recommended: { guidance_scale: 2 } });
    expect(manifest.recommended).toEqual({
      num_inference_steps: 4,
      guidance_scale: 2,
      image_guidance_scale: 1.5,
      strength: 1,
    });
    expect(manifest.maxWorkPixels).toBe(640 * 640);
    expect(manifest.defaultDtype).toEqual({ wasm: 'f32', webgpu: 'f32' });
  });

  test('the largest working size follows the training', async () => {
    const files = await tiny('img2img', { 'unet/config.json': { sample_size: [96, 192] } });
    expect((await read(files)).maxWorkPixels).toBe(1.5 * (192 * 4) ** 2);
    expect((await read(files, { maxWorkPixels: 1e6 })).maxWorkPixels).toBe(1e6);
  });

  test('the card', async () => {
    const card = { id: 'mine', title: 'Mine', summary: 'It is mine.', licence: 'MIT', attribution: 'Me' };
    expect(await read(await tiny('ip2p'), card)).toMatchObject(card);
    expect(await read(await tiny('ip2p'), { id: 'mine' })).toMatchObject({ title: 'mine', licence: 'NOASSERTION' });
  });

  test('wrong options are misuse', async () => {
    const files = await tiny('ip2p');
    for (const options of [{ maxWorkPixels: 0 }, { recommended: { strength: Number.NaN } }, { overlapPx: 1.5 }]) {
      await expect(readRepository(files, options)).rejects.toThrow(RangeError);
    }
    await expect(readRepository(files, { id: '' })).rejects.toThrow(TypeError);
    await expect(readRepository(42 as unknown as string)).rejects.toThrow(TypeError);
  });
});

describe('files handed in', () => {
  test('a folder of a directory picker: its name is left out of paths and becomes the id', async () => {
    const files = [...(await tiny('ip2p'))].map(([path, blob]) => {
      const file = new File([blob], path.split('/').at(-1) ?? '', { lastModified: 7 });
      return Object.defineProperty(file, 'webkitRelativePath', { value: `my-model/${path}` });
    });
    const manifest = await read(files);
    expect(manifest.id).toBe('my-model');
    expect(manifest.made).toBe('As found in the folder "my-model"');
    expect(manifest.variants[0]?.files.unet.version).toBe('7');
  });

  test('the blob: URLs hold the bytes', async () => {
    const files = await tiny('ip2p');
    const { variants } = await read(files);
    const unet = variants[0]?.files.unet;
    const bytes = await (await fetch(unet?.url ?? '')).arrayBuffer();
    expect(unet?.url).toMatch(/^blob:/);
    expect(bytes).toEqual(await files.get('unet/model.onnx')?.arrayBuffer());
    expect(bytes.byteLength).toBe(unet?.sizeBytes);
  });

  test('without a graph that is refused, no blob: URL is left behind', async () => {
    const made: string[] = [];
    const original = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      const url = original(blob);
      made.push(url);
      return url;
    };
    try {
      await refusal(await tiny('ip2p', { 'vae_encoder/model.onnx': null }));
    } finally {
      URL.createObjectURL = original;
    }
    expect(made.length).toBeGreaterThan(0);
    for (const url of made) await expect(fetch(url)).rejects.toThrow();
  });

  test('what is no file is misuse', async () => {
    await expect(readRepository(new Map([['a', 'text' as unknown as Blob]]))).rejects.toThrow(TypeError);
  });
});
