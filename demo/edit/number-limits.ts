import type { ModelInfo } from 'tintype';

/** What a number field takes, and what it begins with. */
export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly recommended: number;
}

/** The numbers that can be set. */
export type EditNumber = 'guidance' | 'imageGuidance' | 'steps' | 'strength';

/** Beyond these most models give nothing of use; a model that recommends more gets more room. */
const USUAL: Readonly<Record<EditNumber, NumberLimits>> = {
  guidance: { min: 1, max: 3, step: 0.1, recommended: 1 },
  imageGuidance: { min: 1, max: 3, step: 0.1, recommended: 1 },
  steps: { min: 1, max: 20, step: 1, recommended: 4 },
  strength: { min: 0.05, max: 1, step: 0.05, recommended: 0.8 },
};

/** The limits for a model, around what it recommends. */
export function numberLimits({
  recommended,
}: Pick<ModelInfo, 'recommended'>): Readonly<Record<EditNumber, NumberLimits>> {
  if (recommended === undefined) return USUAL;
  const { guidance_scale, image_guidance_scale, num_inference_steps, strength } = recommended;
  return {
    guidance: around(USUAL.guidance, guidance_scale),
    imageGuidance: around(USUAL.imageGuidance, image_guidance_scale),
    steps: around(USUAL.steps, num_inference_steps),
    // 1 is all there is.
    strength: { ...USUAL.strength, recommended: strength },
  };
}

function around({ min, max, step }: NumberLimits, recommended: number): NumberLimits {
  return { min: Math.min(min, recommended), max: recommended < max ? max : 2 * recommended, step, recommended };
}
