import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { manifest } from '../../models/instruct-pix2pix-micro/manifest.ts';
import type { Stage } from '../../src/contract/manifest.ts';
import type { GraphPorts } from '../../src/contract/tensor.ts';
import { createPromptTokenizer } from '../../workers/prompt-tokenizer.ts';
import { buildEditor } from './editor-manifest.ts';
import { EDITOR_SPEC } from './editor-spec.ts';
import { editorTable } from './models-document.ts';
import { openNodeGraph } from './node-graph.ts';
import { readOpTypes } from './onnx-file.ts';
import { TRUE_EDITS } from './true-edits.ts';
import { unetMacsPerPixel } from './unet-cost.ts';

/** Vite's default for `build.assetsInlineLimit`. */
const INLINED_BELOW_BYTES = 4096;

const FOLDER = new URL('../../models/instruct-pix2pix-micro/', import.meta.url);
const FIXTURES = new URL('../../fixtures/instruct-pix2pix-micro/', import.meta.url);
const { vae, unet, tokenizer } = manifest;
const [variant] = manifest.variants;
const STAGES: readonly Stage[] = ['text_encoder', 'vae_encoder', 'unet', 'vae_decoder'];

function fileOf(stage: Stage): string {
  return fileURLToPath(new URL(`${stage}.onnx`, FOLDER));
}

async function portsOf(stage: Stage): Promise<GraphPorts> {
  return (await openNodeGraph(fileOf(stage))).ports;
}

function sizesOf(ports: GraphPorts['inputs'], name: string): readonly (number | undefined)[] {
  const port = ports.find((one) => one.name === name);
  return (port?.dims ?? []).map((size) => (typeof size === 'number' ? size : undefined));
}

describe('the prompt editor', () => {
  it('has its table in docs/models.md', async () => {
    const document = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
    expect(document).toContain(editorTable(await buildEditor(EDITOR_SPEC)));
  });

  it('is in the catalogue, in one form for every device', () => {
    expect(catalogue).toContain(manifest);
    expect(manifest.variants).toHaveLength(1);
    expect([manifest.defaultDtype.wasm, manifest.defaultDtype.webgpu]).toEqual([variant?.dtype, variant?.dtype]);
  });

  it('has graphs of any batch and size with the channels that the manifest says', async () => {
    const encoder = await portsOf('vae_encoder');
    expect(sizesOf(encoder.inputs, 'sample')).toEqual([undefined, 3, undefined, undefined]);
    expect(sizesOf(encoder.outputs, 'latent_parameters')[1]).toBe(2 * vae.latentChannels);
    const denoiser = await portsOf('unet');
    expect(sizesOf(denoiser.inputs, 'sample')).toEqual([undefined, unet.inChannels, undefined, undefined]);
    expect(sizesOf(denoiser.inputs, 'timestep')).toEqual([]);
    expect(denoiser.inputs.map(({ name }) => name)).not.toContain('timestep_cond');
    expect(sizesOf(denoiser.outputs, 'out_sample')[1]).toBe(vae.latentChannels);
    const decoder = await portsOf('vae_decoder');
    expect(sizesOf(decoder.inputs, 'latent_sample')[1]).toBe(vae.latentChannels);
    expect(sizesOf(decoder.outputs, 'sample')[1]).toBe(3);
    const text = await portsOf('text_encoder');
    expect(sizesOf(text.outputs, 'last_hidden_state')[2]).toBe(sizesOf(denoiser.inputs, 'encoder_hidden_states')[2]);
  });

  it('enlarges from latents as the manifest says', async () => {
    const { run } = await openNodeGraph(fileOf('vae_decoder'));
    const dims = [1, vae.latentChannels, 2, 3];
    const data = new Float32Array(vae.latentChannels * 6);
    const { sample } = await run(() => ({ latent_sample: { dtype: 'float32', dims, data } }));
    expect(sample?.dims).toEqual([1, 3, 2 * vae.downscale, 3 * vae.downscale]);
  });

  it.each(STAGES)('has no integer operators in %s, which WebGPU has no kernels for', (stage) => {
    const ops = readOpTypes(readFileSync(fileOf(stage)));
    expect(ops.length).toBeGreaterThan(0);
    expect(ops.filter((op) => /Integer|Quantize|QLinear/.test(op))).toEqual([]);
  });

  it('has no file so small that a bundler would inline it as a data: URL', () => {
    const graphs = Object.values(variant?.files ?? {});
    const texts = Object.values(tokenizer.files);
    expect(graphs).toHaveLength(4);
    for (const { url, sizeBytes } of [...graphs, ...texts])
      expect(sizeBytes, url).toBeGreaterThanOrEqual(INLINED_BELOW_BYTES);
  });

  it('counts multiply-adds as PyTorch does', async () => {
    // tools/training/instruct/eval.json: 1.672e9 at 256 px by torch's flop counter.
    const macs = await unetMacsPerPixel(readFileSync(fileOf('unet')), manifest);
    expect(macs * 256 ** 2).toBeGreaterThan(1.66e9);
    expect(macs * 256 ** 2).toBeLessThan(1.69e9);
  });

  it('cuts prompts into the tokens that it was trained on', () => {
    const cases = readJson<
      { prompt: string; negative_prompt: string; input_ids: number[]; negative_input_ids: number[] }[]
    >(new URL('cases.json', FIXTURES));
    const files = { 'tokenizer.json': readFileSync(new URL('tokenizer.json', FOLDER), 'utf8') };
    const { tokenize } = createPromptTokenizer(files, tokenizer.maxTokens);
    for (const { prompt, input_ids, negative_prompt, negative_input_ids } of cases) {
      expect(tokenize(prompt).ids).toEqual(input_ids);
      expect(tokenize(negative_prompt).ids).toEqual(negative_input_ids);
    }
  });

  it('lists every edit that it learned once', () => {
    const edits = readJson<{ edit: string; prompt: string }[]>(new URL('edits.json', FIXTURES));
    expect(edits.map(({ edit }) => edit).sort()).toEqual([...TRUE_EDITS.keys()].sort());
    expect(new Set(edits.map(({ prompt }) => prompt)).size).toBe(27);
  });
});

function readJson<T>(url: URL): T {
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}
