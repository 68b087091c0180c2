import type { DiffusionFamily, RecommendedParameters } from '../contract/manifest.js';
import type { SchedulerConfig } from '../contract/scheduler-config.js';
import { Fields, type JsonObject } from './json-object.js';

/** Schedulers of models that were distilled to few steps. */
const FEW_STEP_SCHEDULERS: readonly string[] = ['LCMScheduler', 'TCDScheduler'];

/** Where the repository may say how to use it; not a standard, only Tintype's own models have it. */
export const RECOMMENDED_PATH = 'recommended.json';

/** What recommendations follow from. */
export interface RecommendedSources {
  readonly family: DiffusionFamily;
  readonly scheduler: SchedulerConfig;
  readonly timeCondProjDim: number | null;
  /** The repository's `recommended.json`. */
  readonly published: JsonObject | undefined;
  readonly given: Partial<RecommendedParameters> | undefined;
}

/** The caller's values over the repository's over those usual for the kind of model (diffusers' pipelines, with 20 steps). */
export function recommend({
  family,
  scheduler,
  timeCondProjDim,
  published,
  given,
}: RecommendedSources): RecommendedParameters {
  const isFewStep = FEW_STEP_SCHEDULERS.includes(scheduler._class_name);
  const usual: RecommendedParameters = {
    num_inference_steps: isFewStep ? 4 : 20,
    guidance_scale: timeCondProjDim !== null ? 8.5 : isFewStep ? 1 : 7.5,
    image_guidance_scale: 1.5,
    strength: family === 'image-to-image' ? 0.8 : 1,
  };
  const fields = new Fields(published ?? {}, RECOMMENDED_PATH);
  const choose = (name: keyof RecommendedParameters): number => given?.[name] ?? fields.number(name) ?? usual[name];
  return {
    num_inference_steps: choose('num_inference_steps'),
    guidance_scale: choose('guidance_scale'),
    image_guidance_scale: choose('image_guidance_scale'),
    strength: choose('strength'),
  };
}
