import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nodeGraph } from '../../fixtures/diffusion/node-graphs.js';
import { manifest } from '../../models/instruct-pix2pix-micro/manifest.js';
import type { Stage } from '../../src/contract/manifest.js';
import { ok } from '../../src/contract/outcome.js';
import type { Picture } from '../../src/contract/picture.js';
import type { DiffusionJob, JobEvent, JobResult } from '../../src/contract/worker-apis.js';
import type { Tensors } from '../../src/core/engine.js';
import type { Codec } from '../codec.js';
import { EnginePool } from '../engine-pool.js';
import { createPromptTokenizer } from '../prompt-tokenizer.js';
import { type PromptMemory, runDiffusionJob } from './diffusion-job.js';
import { createRunningJob } from './job-context.js';

// The embedded editor over onnxruntime-node, with the page and the codecs played by a few lines.

const FOLDER = new URL('../../models/instruct-pix2pix-micro/', import.meta.url);
const KEYS: Readonly<Record<Stage, string>> = {
  text_encoder: 'text_encoder',
  vae_encoder: 'vae_encoder',
  unet: 'unet',
  vae_decoder: 'vae_decoder',
};

interface Result {
  readonly result: JobResult;
  readonly output: Picture;
  /** `phase done/total` of each event of progress, and `preview step/total`. */
  readonly told: readonly string[];
  readonly events: readonly JobEvent[];
}

function remember(): PromptMemory {
  const files = { 'tokenizer.json': readFileSync(new URL('tokenizer.json', FOLDER), 'utf8') };
  return { tokenizer: createPromptTokenizer(files, manifest.tokenizer.maxTokens), embeddings: new Map() };
}

function scene(width: number, height: number, alpha = 255): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const [u, v] = [(at % width) / width, Math.floor(at / width) / height];
    data.set(v < 0.6 ? [90 + 60 * v, 140 + 40 * v, 215, alpha] : [60, 110 + 40 * u, 45, alpha], at * 4);
  }
  return { width, height, data };
}

async function run(
  source: Picture,
  changed: Partial<DiffusionJob> = {},
  {
    memory = remember(),
    spoil,
  }: { readonly memory?: PromptMemory; readonly spoil?: (outputs: Tensors) => Tensors } = {},
): Promise<Result> {
  const output: { -readonly [Key in keyof Picture]: Picture[Key] } = { width: 0, height: 0, data: new Uint8Array() };
  const codec = {
    decode: async () => ({ picture: source, type: 'image/png', mayHaveAlpha: true, warnings: [] }),
    createSurface: (width: number, height: number) => {
      Object.assign(output, { width, height, data: new Uint8Array(width * height * 4) });
      return {
        write: (window: { readonly data: Uint8Array; readonly y: number }) =>
          output.data.set(window.data, window.y * width * 4),
        encode: async () => ({ blob: new Blob([], { type: 'image/png' }), warnings: [] }),
        close: () => {},
      };
    },
  } as unknown as Codec;
  const pool = new EnginePool();
  const events: JobEvent[] = [];
  const postMessage = (event: JobEvent): void => {
    events.push(event);
    if (event.type === 'graph-wanted') void open(event.stage);
  };
  async function open(stage: Stage): Promise<void> {
    const graph = await nodeGraph(fileURLToPath(new URL(`${stage}.onnx`, FOLDER)));
    const attached = { key: KEYS[stage], ports: graph.ports };
    if (pool.reopened('engine', attached)) return;
    pool.attach('engine', attached, { run: async (key, inputs) => ok(await answer(key, inputs)) }, () => {});
  }
  async function answer(key: string, inputs: Tensors): Promise<Tensors> {
    const graph = await nodeGraph(fileURLToPath(new URL(`${key}.onnx`, FOLDER)));
    const outputs = await graph.run(() => inputs);
    return key === 'unet' && spoil ? spoil(outputs) : outputs;
  }
  const port = { postMessage, close: () => {} } as unknown as MessagePort;
  const { context } = createRunningJob(codec, pool, port);
  const result = await runDiffusionJob({ ...JOB, ...changed }, context, memory);
  const told = events.flatMap((event) => {
    if (event.type === 'preview') return [`preview ${event.preview.step}/${event.preview.total}`];
    return event.type === 'progress' ? [`${event.progress.phase} ${event.progress.done}/${event.progress.total}`] : [];
  });
  return { result, output, told, events };
}

const JOB: DiffusionJob = {
  id: 'job',
  picture: new Blob(),
  manifest,
  device: 'wasm',
  maxInputPixels: 1e6,
  output: { type: 'image/png', quality: 0.9, background: '#fff' },
  metadata: 'strip',
  engines: { most: 1, warm: 0, earlierMacs: 0 },
  prompt: 'invert the image',
  negativePrompt: '',
  settings: { steps: 2, guidanceScale: 1, imageGuidanceScale: 1, strength: 1, seed: 0 },
  graphs: KEYS,
  rows: 'loop',
  wantPreviews: false,
};

test('a picture is edited, and every stage and step is told in order', async () => {
  const source = scene(32, 24);
  const memory = remember();
  const { result, output, told } = await run(source, { wantPreviews: true }, { memory });
  expect(told).toEqual([
    'decode 0/1',
    'text-encoder 0/1',
    'text-encoder 1/1',
    'vae-encoder 0/1',
    'vae-encoder 1/1',
    'denoise 0/2',
    'denoise 1/2',
    'preview 1/2',
    'denoise 2/2',
    'vae-decoder 0/1',
    'vae-decoder 1/1',
    'encode 0/1',
  ]);
  let sum = 0;
  for (const [at, value] of output.data.entries()) {
    if (at % 4 < 3) sum += Math.abs(value - (255 - (source.data[at] ?? 0)));
  }
  expect(sum / (32 * 24 * 3)).toBeLessThan(6);
  expect(result).toMatchObject({
    facts: {
      input: { width: 32, height: 24 },
      output: { width: 32, height: 24 },
      workSize: { width: 32, height: 24 },
      steps: 2,
    },
    warnings: [],
    macs: 2 * 32 * 24 * (manifest.unetMacsPerPixel ?? 0),
  });
  // The same prompt again: its embedding is known.
  const again = await run(source, {}, { memory });
  expect(again.told.filter((one) => one.startsWith('text-encoder'))).toEqual([]);
  expect(again.output).toEqual(output);
});

test('rows at once and one by one give the same picture', async () => {
  const settings = { ...JOB.settings, guidanceScale: 1.7, imageGuidanceScale: 1.2 };
  const changed = { settings, prompt: 'add film grain', negativePrompt: 'make it blue' };
  const [looped, batched] = [
    await run(scene(32, 24), { ...changed, rows: 'loop' }),
    await run(scene(32, 24), { ...changed, rows: 'batch' }),
  ];
  let most = 0;
  for (const [at, value] of looped.output.data.entries())
    most = Math.max(most, Math.abs(value - (batched.output.data[at] ?? 0)));
  expect(most).toBeLessThanOrEqual(1);
  expect(looped.result.macs).toBe(batched.result.macs);
});

test('the working size fits the networks, the result the wish; alpha is the source’s', async () => {
  const { result, output } = await run(scene(50, 37, 77), { manifest: { ...manifest, maxWorkPixels: 32 * 24 } });
  expect([output.width, output.height]).toEqual([50, 37]);
  expect(result.facts.workSize).toEqual({ width: 32, height: 16 });
  expect(result.warnings.map(({ code }) => code)).toEqual(['work-size-reduced']);
  expect(output.data.filter((value, at) => at % 4 === 3 && value !== 77)).toHaveLength(0);
  const wished = await run(scene(50, 37), { targetSize: { width: 21, height: 40 } });
  expect([wished.output.width, wished.output.height]).toEqual([21, 40]);
  expect(wished.result.facts.workSize).toEqual({ width: 16, height: 40 });
  expect(wished.result.warnings).toEqual([]);
});

test('what was cut off a prompt is told, of a negative prompt where it has a row', async () => {
  const long = `${'please '.repeat(80)}and add fog`;
  const names = async (guidanceScale: number): Promise<readonly (string | undefined)[]> => {
    const settings = { ...JOB.settings, steps: 1, guidanceScale };
    const { result } = await run(scene(16, 16), { settings, prompt: long, negativePrompt: long });
    expect(
      result.warnings.every(({ code, message }) => code === 'prompt-cut' && message.endsWith('please and add fog')),
    ).toBe(true);
    return result.warnings.map(({ name }) => name);
  };
  expect(await names(1)).toEqual(['prompt']);
  // InstructPix2Pix's row without the text is that of the negative prompt.
  expect(await names(2)).toEqual(['prompt', 'negative_prompt']);
});

test('a network that gives NaN ends the job with a typed error after the first step', async () => {
  let steps = 0;
  const spoil = (outputs: Tensors): Tensors => {
    steps++;
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [
        name,
        { ...tensor, data: new Float32Array(tensor.data.length).fill(Number.NaN) },
      ]),
    );
  };
  await expect(run(scene(16, 16), {}, { spoil })).rejects.toMatchObject({ code: 'inference-failed' });
  expect(steps).toBe(1);
});
