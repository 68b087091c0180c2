import { ImageToImageError } from './contract/errors.js';
import type { DiffusionManifest } from './contract/manifest.js';
import type { ImageToImageParameters, ParameterName } from './contract/parameters.js';
import type { Report, Warning } from './contract/report.js';
import type { DiffusionSettings } from './contract/worker-apis.js';
import { schedulerFor } from './core/diffusion/scheduler-for.js';
import { stepsAfterStrength } from './core/schedulers/steps-after-strength.js';
import type { ImageToImageOptions } from './options.js';

/**
 * Fills in what the caller left out: the model's recommended values, and a fresh seed.
 * @throws ImageToImageError `unsupported-parameter` for a `strength` that leaves no step, or more steps than the schedule has.
 */
export function resolveSettings(
  manifest: DiffusionManifest,
  parameters: ImageToImageParameters | undefined = {},
): DiffusionSettings {
  const { recommended } = manifest;
  const settings: DiffusionSettings = {
    steps: parameters.num_inference_steps ?? recommended.num_inference_steps,
    guidanceScale: parameters.guidance_scale ?? recommended.guidance_scale,
    imageGuidanceScale: parameters.image_guidance_scale ?? recommended.image_guidance_scale,
    strength: honours(manifest, 'strength') ? (parameters.strength ?? recommended.strength) : 1,
    seed: parameters.seed ?? freshSeed(),
  };
  if (leavesSteps(manifest, settings)) {
    // Refuses what the schedule cannot do.
    stepsToRun(manifest, settings);
    return settings;
  }
  const least = Math.min(1, Math.ceil(1000 / settings.steps) / 1000);
  throw new ImageToImageError({
    code: 'unsupported-parameter',
    phase: 'validate',
    message: `strength ${settings.strength} of ${settings.steps} steps leaves no step to run. Pass a strength of at least ${least}, or more num_inference_steps.`,
    details: { parameter: 'strength', strength: settings.strength, num_inference_steps: settings.steps },
  });
}

/** The settings by the names of the parameters, those only that the model honours. */
export function namedSettings(manifest: DiffusionManifest, settings: DiffusionSettings): Report['parameters'] {
  const named = {
    num_inference_steps: settings.steps,
    guidance_scale: settings.guidanceScale,
    image_guidance_scale: settings.imageGuidanceScale,
    strength: settings.strength,
    seed: settings.seed,
  };
  return Object.fromEntries(Object.entries(named).filter(([name]) => honours(manifest, name as ParameterName)));
}

/**
 * Runs of the U-Net that the schedule takes.
 * @throws ImageToImageError `unsupported-parameter` for more steps than the schedule has.
 */
export function stepsToRun(manifest: DiffusionManifest, settings: DiffusionSettings): number {
  return schedulerFor(manifest, settings).timesteps.length;
}

/** Models with a guidance embedding cut a grid of their own, which always leaves some. */
function leavesSteps({ family, unet }: DiffusionManifest, { steps, strength }: DiffusionSettings): boolean {
  const isCut = family !== 'instruct-pix2pix' && (unet.timeCondProjDim === null || strength === 0);
  return !isCut || stepsAfterStrength(steps, strength) > 0;
}

/**
 * Refuses a call that says nothing of what is to be done.
 * @throws ImageToImageError `unsupported-parameter`
 */
export function checkPrompt(manifest: DiffusionManifest, parameters: ImageToImageParameters | undefined): void {
  const { prompt, mask_image } = parameters ?? {};
  if (prompt === undefined || (prompt.trim() === '' && manifest.family === 'instruct-pix2pix')) {
    throw missing('prompt', `${manifest.id} needs a prompt that says what to change. Pass parameters.prompt.`);
  }
  if (manifest.family === 'inpaint' && mask_image === undefined) {
    throw missing(
      'mask_image',
      `${manifest.id} fills what a mask marks. Pass parameters.mask_image, white where the picture may change.`,
    );
  }
}

/** Parameters and options that are known but have no effect in this very call. */
export function withoutEffect(
  manifest: DiffusionManifest,
  parameters: ImageToImageParameters | undefined = {},
  settings: DiffusionSettings,
  options: Pick<ImageToImageOptions, 'onTile' | 'tile'>,
): readonly Warning[] {
  const warnings: Warning[] = [];
  const ignored = (name: ParameterName, why: string): void => {
    if (parameters[name] === undefined || !honours(manifest, name)) return;
    warnings.push({ code: 'parameter-ignored', name, message: `${name} had no effect: ${why}` });
  };
  const byEmbedding = manifest.unet.timeCondProjDim !== null;
  const off =
    settings.guidanceScale <= 1 || (manifest.family === 'instruct-pix2pix' && settings.imageGuidanceScale < 1);
  if (byEmbedding) ignored('negative_prompt', 'this model is guided by an embedding and has no row for it.');
  else if (off) {
    const why = 'guidance is off. It is on with guidance_scale above 1';
    const both = manifest.family === 'instruct-pix2pix' ? `${why} and image_guidance_scale of at least 1.` : `${why}.`;
    ignored('negative_prompt', both);
    ignored('image_guidance_scale', both);
    if (settings.guidanceScale !== 1) ignored('guidance_scale', both);
  }
  for (const name of ['onTile', 'tile'] as const) {
    if (options[name] === undefined) continue;
    const message = `${name} had no effect: prompted models work on the whole picture at once.`;
    warnings.push({ code: 'option-ignored', name, message });
  }
  return warnings;
}

function honours(manifest: DiffusionManifest, name: ParameterName): boolean {
  return manifest.honours.includes(name);
}

function missing(parameter: ParameterName, message: string): ImageToImageError {
  return new ImageToImageError({ code: 'unsupported-parameter', phase: 'validate', message, details: { parameter } });
}

/** 32 random bits: easy to read aloud, and all that torch's generator uses. */
function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
