import { expect, it } from 'vitest';
import { numberLimits } from './number-limits.js';

const small = { num_inference_steps: 4, guidance_scale: 1, image_guidance_scale: 1, strength: 1 };

it('begins with what the model recommends', () => {
  const limits = numberLimits({ recommended: small });
  expect(limits.guidance).toEqual({ min: 1, max: 3, step: 0.1, recommended: 1 });
  expect(limits.steps).toEqual({ min: 1, max: 20, step: 1, recommended: 4 });
  expect(limits.strength.recommended).toBe(1);
});

it('makes room for models that recommend more, or less', () => {
  const limits = numberLimits({
    recommended: { ...small, num_inference_steps: 50, guidance_scale: 7.5, image_guidance_scale: 0 },
  });
  expect(limits.steps.max).toBe(100);
  expect(limits.guidance.max).toBe(15);
  expect(limits.imageGuidance).toMatchObject({ min: 0, max: 3 });
});

it('has usual limits for models that recommend nothing', () => {
  expect(numberLimits({}).guidance.recommended).toBe(1);
});
