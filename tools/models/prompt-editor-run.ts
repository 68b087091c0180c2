import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manifest } from '../../models/instruct-pix2pix-micro/manifest.ts';
import type { Stage } from '../../src/contract/manifest.ts';
import type { Floats } from '../../src/core/diffusion/networks.ts';
import type { Graph } from '../../src/core/engine.ts';
import { runDiffusion } from '../../src/core/pipelines/diffusion.ts';
import { createPromptTokenizer } from '../../workers/prompt-tokenizer.ts';
import { openNodeGraph } from './node-graph.ts';
import type { Picture } from './png-picture.ts';

/** What a call may say besides picture and prompt; left out: one step, no guidance, seed 0. */
export interface EditOptions {
  readonly negativePrompt?: string;
  readonly steps?: number;
  readonly guidanceScale?: number;
  readonly imageGuidanceScale?: number;
  readonly seed?: number;
}

/** The committed prompt editor on onnxruntime's native build, through the library's own tokenizer and pipeline. */
export type PromptEditor = (picture: Picture, prompt: string, options?: EditOptions) => Promise<Picture>;

export function createPromptEditor(): PromptEditor {
  const [variant] = manifest.variants;
  const tokenizerFile = manifest.tokenizer.files['tokenizer.json'];
  if (!variant || !tokenizerFile) throw new Error('The manifest names no files.');
  const { tokenize } = createPromptTokenizer(
    { 'tokenizer.json': readFileSync(fileURLToPath(tokenizerFile.url), 'utf8') },
    manifest.tokenizer.maxTokens,
  );
  const graphs = new Map<Stage, Promise<Graph>>();
  const embeddings = new Map<string, Floats>();
  const open = (stage: Stage): Promise<Graph> => {
    const graph = graphs.get(stage) ?? openNodeGraph(fileURLToPath(variant.files[stage].url));
    graphs.set(stage, graph);
    return graph;
  };
  return async ({ width, height, rgba }, prompt, options = {}) => {
    const result = await runDiffusion({
      model: manifest,
      settings: {
        steps: options.steps ?? 1,
        guidanceScale: options.guidanceScale ?? 1,
        imageGuidanceScale: options.imageGuidanceScale ?? 1,
        strength: 1,
        seed: options.seed ?? 0,
      },
      picture: { width, height, data: Uint8Array.from(rgba) },
      tokens: { prompt: tokenize(prompt).ids, negative: tokenize(options.negativePrompt ?? '').ids },
      rows: 'batch',
      embeddings,
      open,
      throwIfCancelled() {},
      onStage() {},
      onStep() {},
    });
    return { width: result.width, height: result.height, rgba: result.data };
  };
}
