import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JSHandle, Page } from '@playwright/test';
import { fixturePath, readFixtureJson } from '../fixtures/diffusion/read-fixtures.js';
import type { Picture } from '../tools/models/png-picture.js';
import { repositoryRoot } from '../tools/repository.js';
import { countRequests, expect, test } from './harness.js';
import { drawPng, largestDifference } from './pixels.js';
import { toFloat16, withExternalData, withInt32Ids, withNaN } from './repository-graphs.js';
import { editInPage, openClient, pictureInPage, readInPage } from './repository-page.js';
import { type RepositoryFiles, serveRepositories, tinyPipeline, variantPipeline } from './repository-server.js';

const PARAMETERS = { prompt: 'a pencil sketch of a cat', num_inference_steps: 3, strength: 0.7, seed: 5 };

function painted(page: Page): Promise<JSHandle<Blob>> {
  return drawPng(page, { width: 24, height: 16 }, (x, y) => [x * 10, y * 15, (x * y) % 256, 255]);
}

/** Edits the same picture with each model, all read into one client. */
async function editWithEach(page: Page, models: readonly string[]): Promise<readonly Picture[]> {
  const manifests = [];
  for (const model of models) manifests.push(await readInPage(page, `models/${model}`));
  await openClient(page, manifests);
  const picture = await painted(page);
  const pictures: Picture[] = [];
  for (const model of models) {
    pictures.push((await pictureInPage(page, { model, picture, parameters: PARAMETERS })).picture);
  }
  return pictures;
}

function graphOf(files: RepositoryFiles, path: string): Uint8Array {
  const bytes = files.get(path);
  if (!bytes) throw new Error(`There is no ${path}.`);
  return bytes;
}

interface RecordedPort {
  readonly dtype: 'f32' | 'f16' | 'i32' | 'i64';
  readonly declared_shape: readonly (number | string)[];
}

test('the runtime tells names, types and sizes of all inputs as the file declares them', async ({ openApp }) => {
  const { variants } = readFixtureJson<{
    variants: readonly { readonly file: string; readonly inputs: Readonly<Record<string, RecordedPort>> }[];
  }>('tiny-pipelines/dtype-variants/index.json');
  const runtime = join(repositoryRoot, 'node_modules', 'onnxruntime-web', 'dist');
  const { page } = await openApp({
    files: new Map([
      ...['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'].map(
        (name) => [`ort/${name}`, readFileSync(join(runtime, name))] as const,
      ),
      ...variants.map(
        ({ file }) => [`graphs/${file}`, readFileSync(fixturePath(`tiny-pipelines/dtype-variants/${file}`))] as const,
      ),
    ]),
  });
  const told = await page.evaluate(
    async (files) => {
      const address = '/ort/ort.wasm.min.mjs';
      const ort: typeof import('onnxruntime-web/wasm') = await import(address);
      ort.env.wasm.numThreads = 1;
      const all: Record<string, unknown> = {};
      for (const file of files) {
        const session = await ort.InferenceSession.create(`/graphs/${file}`, { logSeverityLevel: 3 });
        all[file] = Object.fromEntries(
          session.inputMetadata.map((one) => [one.name, one.isTensor ? [one.type, one.shape] : 'no tensor']),
        );
        await session.release();
      }
      return all;
    },
    variants.map(({ file }) => file),
  );
  const types = { f32: 'float32', f16: 'float16', i32: 'int32', i64: 'int64' } as const;
  const declared = variants.map(({ file, inputs }) => [
    file,
    Object.fromEntries(
      Object.entries(inputs).map(([name, { dtype, declared_shape }]) => [name, [types[dtype], declared_shape]]),
    ),
  ]);
  expect(told).toEqual(Object.fromEntries(declared));
});

test('graphs that differ only in the types and sizes of their ports give the same picture', async ({ openApp }) => {
  const plain = {
    text_encoder: 'text_encoder-int64',
    vae_encoder: 'vae_encoder-latent_parameters',
    unet: 'unet-f32-ts_float_scalar',
    vae_decoder: 'vae_decoder-latent_sample',
  };
  const whole = {
    ...plain,
    text_encoder: 'text_encoder-int32-f16',
    vae_encoder: 'vae_encoder-moments-f16',
    vae_decoder: 'vae_decoder-latent-image-f16',
  };
  const others = {
    'int32-ids': { ...plain, text_encoder: 'text_encoder-int32', unet: 'unet-f32-ts_int64_batch' },
    'static-ids': { ...plain, text_encoder: 'text_encoder-int64-static', unet: 'unet-f32-ts_int32_1' },
    'static-batch-1': { ...plain, unet: 'unet-f32-static_batch1' },
    'static-batch-2': { ...plain, unet: 'unet-f32-static_batch2' },
    'half-static-batch-2': { ...whole, unet: 'unet-f16-static_batch2' },
    'half-timestep': { ...whole, unet: 'unet-f16-ts_float16_1' },
    'half-float-timestep': { ...whole, unet: 'unet-f16-ts_float32_scalar' },
  };
  const graphs = { plain, ...others };
  const { page } = await openApp({
    files: serveRepositories(
      Object.fromEntries(Object.entries(graphs).map(([name, each]) => [name, variantPipeline(each)])),
    ),
  });
  const [expected, ...pictures] = await editWithEach(page, Object.keys(graphs));
  expect(new Set(expected?.rgba).size).toBeGreaterThan(16);
  const differences = Object.keys(others).map((name, at) => [
    name,
    largestDifference(pictures[at]?.rgba ?? new Uint8Array(), expected?.rgba ?? new Uint8Array()),
  ]);
  expect(differences.filter(([, levels]) => Number(levels) > 1)).toEqual([]);
});

test('a pipeline in float16, sums included, paints what the float32 one paints', async ({ openApp }) => {
  const full = tinyPipeline('img2img');
  const half = tinyPipeline('img2img');
  for (const path of [...half.keys()].filter((path) => path.endsWith('.onnx'))) {
    half.set(path.replace('.onnx', '_fp16.onnx'), toFloat16(graphOf(half, path)));
    half.delete(path);
  }
  const ids = tinyPipeline('img2img');
  ids.set('text_encoder/model.onnx', withInt32Ids(graphOf(ids, 'text_encoder/model.onnx')));
  const { page } = await openApp({ files: serveRepositories({ full, half, ids }) });
  const [expected, halved, byInt32] = await editWithEach(page, ['full', 'half', 'ids']);
  if (!expected || !halved || !byInt32) throw new Error('No pictures.');
  expect(byInt32.rgba).toEqual(expected.rgba);
  expect(halved.rgba).not.toEqual(expected.rgba);
  expect(largestDifference(halved.rgba, expected.rgba)).toBeLessThanOrEqual(2);
});

test('weights in a file beside the graph are found and used', async ({ openApp }) => {
  const inside = tinyPipeline('img2img');
  const beside = tinyPipeline('img2img');
  for (const stage of ['unet', 'text_encoder']) {
    const { graph, data } = withExternalData(graphOf(beside, `${stage}/model.onnx`), 'model.onnx_data');
    beside.set(`${stage}/model.onnx`, graph);
    beside.set(`${stage}/model.onnx_data`, data);
  }
  const { page, server } = await openApp({ files: serveRepositories({ inside, beside }) });
  const [expected, picture] = await editWithEach(page, ['inside', 'beside']);
  expect(picture?.rgba).toEqual(expected?.rgba);
  expect(countRequests(server, /beside\/unet\/model\.onnx_data/)).toBeGreaterThan(1);
});

test('a network that gives NaN ends its call with a typed error; the next model runs', async ({ openApp }) => {
  const good = tinyPipeline('img2img');
  const broken = (path: string): RepositoryFiles => {
    const files = tinyPipeline('img2img');
    return files.set(path, withNaN(graphOf(files, path)));
  };
  const repositories = {
    unet: broken('unet/model.onnx'),
    vae_decoder: broken('vae_decoder/model.onnx'),
    good,
  };
  const { page } = await openApp({ files: serveRepositories(repositories) });
  const manifests = [];
  for (const name of Object.keys(repositories)) manifests.push(await readInPage(page, `models/${name}`));
  await openClient(page, manifests);
  const picture = await painted(page);
  for (const stage of ['unet', 'vae_decoder']) {
    const { error, report } = await editInPage(page, { model: stage, picture, parameters: PARAMETERS });
    expect(error).toMatchObject({ code: 'inference-failed', phase: 'run', details: { reason: 'not-finite', stage } });
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'inference-failed' } });
  }
  expect((await editInPage(page, { model: 'good', picture, parameters: PARAMETERS })).error).toBeUndefined();
});
