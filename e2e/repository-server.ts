// The files of model repositories, as a test's server is to serve them.
import { readFileSync } from 'node:fs';
import { fixturePath, readFixtureJson } from '../fixtures/diffusion/read-fixtures.js';
import { networkOf } from '../tools/models/build-model.js';
import type { Graph } from '../tools/models/graph.js';
import { MODEL_SPECS } from '../tools/models/model-specs.js';
import { writeOnnx } from '../tools/models/onnx-file.js';
import { asSwin2sr } from '../tools/models/swin2sr-graph.js';

/** The files of one repository, by their path in it. Tests add to them, replace and take away. */
export type RepositoryFiles = Map<string, Uint8Array>;

/** Repositories under `models/` of a server, by folder; one map, so that what a test takes away later is missed there. */
export function serveRepositories(repositories: Readonly<Record<string, RepositoryFiles>>): RepositoryFiles {
  const all = Object.entries(repositories).flatMap(([folder, files]) =>
    [...files].map(([path, bytes]) => [`models/${folder}/${path}`, bytes] as const),
  );
  return new Map(all);
}

/** A pipeline of random weights in the layout of optimum: `ip2p`, `img2img`, `inpaint` or `lcm`. */
export function tinyPipeline(name: string): RepositoryFiles {
  const { pipelines } = readFixtureJson<{
    pipelines: Readonly<Record<string, { files: Readonly<Record<string, string>> }>>;
  }>('tiny-pipelines/index.json');
  const files = pipelines[name]?.files;
  if (files === undefined) throw new Error(`There is no tiny pipeline "${name}".`);
  return new Map(
    Object.entries(files).map(([path, file]) => [path, readFileSync(fixturePath(`tiny-pipelines/${file}`))]),
  );
}

/** One graph for each network of {@link variantPipeline}, by the names of `dtype-variants/`. */
export interface VariantGraphs {
  readonly text_encoder: string;
  readonly vae_encoder: string;
  readonly unet: string;
  readonly vae_decoder: string;
}

/**
 * An image-to-image repository of the hand-made graphs in `dtype-variants/`: those of one kind compute the same, whatever the types of
 * their inputs and outputs.
 */
export function variantPipeline(graphs: VariantGraphs): RepositoryFiles {
  const files = tinyPipeline('img2img');
  for (const [stage, name] of Object.entries(graphs)) {
    files.set(`${stage}/model.onnx`, readFileSync(fixturePath(`tiny-pipelines/dtype-variants/${name}.onnx`)));
  }
  files.set('unet/config.json', jsonFile({ in_channels: 4, block_out_channels: [8], sample_size: 16 }));
  return files;
}

/** The sides of swin2sr's windows, to whose multiple its processor pads. */
export const WINDOW_PX = 8;

/**
 * `tintype-sr-x2` with float32 weights as a repository for transformers.js, which takes models of type swin2sr only. Its processor pads
 * as that of a real one does.
 */
export function swin2srRepository(): RepositoryFiles {
  return new Map([
    [
      'config.json',
      jsonFile({
        architectures: ['Swin2SRForImageSuperResolution'],
        model_type: 'swin2sr',
        upscale: 2,
        upsampler: 'pixelshuffle',
      }),
    ],
    [
      'preprocessor_config.json',
      jsonFile({
        image_processor_type: 'Swin2SRImageProcessor',
        do_rescale: true,
        rescale_factor: 1 / 255,
        do_pad: true,
        pad_size: WINDOW_PX,
      }),
    ],
    ['onnx/model.onnx', writeOnnx(asSwin2sr(sharpNetwork()))],
  ]);
}

/** `tintype-sr-x2`: float32 RGB planes of 0 to 255 in and out. */
export function sharpNetwork(): Graph {
  const spec = MODEL_SPECS.find(({ id }) => id === 'tintype-sr-x2');
  if (!spec) throw new Error('There is no model tintype-sr-x2.');
  return networkOf(spec);
}

function jsonFile(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
