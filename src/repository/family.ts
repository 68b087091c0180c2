import type { DiffusionFamily } from '../contract/manifest.js';
import type { JsonObject } from './json-object.js';
import { unusable } from './refusal.js';

/**
 * Pipeline classes without their `ORT` or `Onnx`. `any`: the class is exporters' name for every Stable Diffusion (optimum has none
 * for InstructPix2Pix), so the channels alone decide.
 */
const CLASSES: ReadonlyMap<string, DiffusionFamily | 'any'> = new Map([
  ['StableDiffusionPipeline', 'any'],
  ['StableDiffusionImg2ImgPipeline', 'image-to-image'],
  ['LatentConsistencyModelPipeline', 'image-to-image'],
  ['LatentConsistencyModelImg2ImgPipeline', 'image-to-image'],
  ['StableDiffusionInpaintPipeline', 'inpaint'],
  ['StableDiffusionInpaintPipelineLegacy', 'inpaint'],
  ['StableDiffusionInstructPix2PixPipeline', 'instruct-pix2pix'],
]);

/** What `model_index.json` says of the kind of model. */
export interface PipelineClass {
  /** As the file has it, or a word for "none". */
  readonly name: string;
  readonly family: DiffusionFamily | 'any';
}

/** @throws ImageToImageError `model-unavailable` for layouts and classes that Tintype does not run. */
export function readPipelineClass(index: JsonObject): PipelineClass {
  const name = typeof index._class_name === 'string' ? index._class_name : '(none)';
  const plain = name.replace(/^(ORT|Onnx)/, '');
  if (plain.includes('XL') || isPart(index.text_encoder_2)) {
    throw unusable(
      `${name} has two text encoders (SDXL), which Tintype does not run. Use a Stable Diffusion 1 or 2 model.`,
    );
  }
  if (isPart(index.transformer)) {
    throw unusable(
      `${name} has a transformer in place of a U-Net (Flux, Stable Diffusion 3 and kin), which Tintype does not run. Use a Stable Diffusion 1 or 2 model.`,
    );
  }
  const family = CLASSES.get(plain);
  if (family) return { name, family };
  throw unusable(
    `model_index.json names the class ${name}; Tintype runs ${[...CLASSES.keys()].join(', ')}. If the model is one of these, say so with configs: { model_index: { _class_name } }.`,
    { class: name },
  );
}

/** `[null, null]` stands for a part that a pipeline could have and this one has not. */
function isPart(entry: unknown): boolean {
  return Array.isArray(entry) && entry.some((item) => item !== null);
}

/**
 * Decides by the U-Net's input: latents alone, with the picture's latents (twice), or with mask and masked picture (twice and one).
 * @throws ImageToImageError `model-unavailable` where the class says something else.
 */
export function decideFamily(pipeline: PipelineClass, inChannels: number, latentChannels: number): DiffusionFamily {
  const byChannels = new Map<number, readonly DiffusionFamily[]>([
    [latentChannels, ['image-to-image', 'inpaint']],
    [2 * latentChannels, ['instruct-pix2pix']],
    [2 * latentChannels + 1, ['inpaint']],
  ]);
  const possible = byChannels.get(inChannels) ?? [];
  const family = possible.find((candidate) => pipeline.family === 'any' || pipeline.family === candidate);
  if (family) return family;
  const fits = possible.length > 0 ? `fits ${possible.join(' and ')}` : 'fits no pipeline that Tintype has';
  throw unusable(
    `The U-Net takes ${inChannels} channels, which with ${latentChannels} latent channels ${fits}, but model_index.json says ${pipeline.name}. Correct in_channels in unet/config.json or the class, or pass them in \`configs\`.`,
    { class: pipeline.name, inChannels, latentChannels },
  );
}
