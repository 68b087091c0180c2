import type { ImageToImageParameters, ParameterName } from 'tintype';

/** What the controls say. Numbers are undefined where the model is to decide. */
export interface EditValues {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly guidance: number | undefined;
  readonly imageGuidance: number | undefined;
  readonly steps: number | undefined;
  readonly strength: number | undefined;
  readonly seed: number | undefined;
}

/** The call's parameters: what was said, and what the model honours, for other controls are not shown. */
export function editParameters(values: EditValues, honours: readonly ParameterName[]): ImageToImageParameters {
  const all: ImageToImageParameters = {
    prompt: values.prompt.trim() || undefined,
    negative_prompt: values.negativePrompt.trim() || undefined,
    guidance_scale: values.guidance,
    image_guidance_scale: values.imageGuidance,
    num_inference_steps: values.steps,
    strength: values.strength,
    seed: values.seed,
  };
  const honoured = honours.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]);
  return Object.fromEntries(honoured);
}
