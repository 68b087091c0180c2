import type { DiffusionFamily, DiffusionManifest } from '../contract/manifest.js';
import type { ParameterName } from '../contract/parameters.js';
import { readScheduler, readTextLength, readUnet, readVae, type UnetConfig } from './components.js';
import { decideFamily, readPipelineClass } from './family.js';
import { defaultDtypes, findVariants, wishedDtypes } from './graph-files.js';
import { Fields, type JsonObject } from './json-object.js';
import { makeCard } from './model-card.js';
import type { RepositoryDtype, RepositoryOptions } from './options.js';
import { RECOMMENDED_PATH, recommend } from './recommended.js';
import type { Repository } from './repository.js';
import { findTokenizer } from './tokenizer-files.js';

const SUMMARIES: Readonly<Record<DiffusionFamily, string>> = {
  'instruct-pix2pix': 'Edits a picture as a written instruction says.',
  'image-to-image': 'Repaints a picture after a written description, as far as its strength lets it.',
  inpaint: 'Repaints the white part of a mask after a written description.',
};

const HONOURED: Readonly<Record<DiffusionFamily, readonly ParameterName[]>> = {
  'instruct-pix2pix': ['image_guidance_scale'],
  'image-to-image': ['strength'],
  inpaint: ['strength', 'mask_image'],
};

/** Working sizes up to this come out well with any model, at least as a trial; also the least `maxWorkPixels`. */
const LEAST_WORK_PIXELS = 512 * 512;

/** Beyond this times the pixels of their training, models begin to repeat themselves. */
const WORK_PIXELS_FACTOR = 1.5;

/**
 * The manifest of a repository in the diffusers layout, as optimum exports it.
 * @param index Its `model_index.json`.
 * @throws ImageToImageError `model-unavailable` naming the part that is missing, contradicts another, or is not run by Tintype.
 */
export async function readDiffusionRepository(
  repository: Repository,
  index: JsonObject,
  options: RepositoryOptions,
): Promise<DiffusionManifest> {
  const pipeline = readPipelineClass(index);
  // Small files first: what is wrong with them is told before the server is asked for a dozen large ones.
  const [scheduler, vae, unet, textLength, published] = await Promise.all([
    readScheduler(repository),
    readVae(repository),
    readUnet(repository),
    readTextLength(repository),
    repository.readJson(RECOMMENDED_PATH),
  ]);
  const family = decideFamily(pipeline, unet.inChannels, vae.latentChannels);
  const { inChannels, timeCondProjDim } = unet;
  const advice = new Fields(published ?? {}, RECOMMENDED_PATH);
  const [tokenizer, variants] = await Promise.all([
    findTokenizer(repository, textLength),
    findVariants(repository, wishedDtypes(options.dtype)),
  ]);
  const offered = variants.map(({ dtype }) => dtype as RepositoryDtype);
  return {
    ...makeCard(repository, options, {
      task: 'prompted-editing',
      summary: SUMMARIES[family],
      honours: honoured(family, timeCondProjDim),
    }),
    pipeline: 'diffusion',
    family,
    scheduler,
    tokenizer,
    vae,
    unet: { inChannels, timeCondProjDim },
    sizeMultiple: vae.downscale * 2 ** unet.halvings,
    maxWorkPixels: options.maxWorkPixels ?? workPixels(unet, vae.downscale, advice.count('max_comfortable_side')),
    recommended: recommend({ family, scheduler, timeCondProjDim, published, given: options.recommended }),
    variants,
    defaultDtype: defaultDtypes(offered, advice.text('variant')),
  };
}

/** A model with a guidance embedding has no second row that a negative prompt could steer. */
function honoured(family: DiffusionFamily, timeCondProjDim: number | null): readonly ParameterName[] {
  const always = ['prompt', 'guidance_scale', 'num_inference_steps', 'seed'] as const;
  return [...always, ...(timeCondProjDim === null ? (['negative_prompt'] as const) : []), ...HONOURED[family]];
}

function workPixels(unet: UnetConfig, downscale: number, comfortableSide: number | undefined): number {
  if (comfortableSide !== undefined) return comfortableSide ** 2;
  return Math.max(LEAST_WORK_PIXELS, WORK_PIXELS_FACTOR * (unet.sampleSize * downscale) ** 2);
}
