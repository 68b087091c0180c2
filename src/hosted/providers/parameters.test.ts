import { expect, test } from 'vitest';
import { effectiveParameters, HOSTED_PARAMETERS, ignoredParameters } from './parameters.js';

test('what each provider does otherwise than to honour a parameter', () => {
  const others = Object.keys(HOSTED_PARAMETERS).map((answerer) => {
    const support = effectiveParameters(answerer as keyof typeof HOSTED_PARAMETERS);
    return [answerer, Object.fromEntries(Object.entries(support).filter(([, value]) => value !== 'honoured'))];
  });
  expect(Object.fromEntries(others)).toEqual({
    'hf-inference': {},
    endpoint: {},
    'fal-ai': { target_size: 'mapped', image_guidance_scale: 'ignored', mask_image: 'mapped' },
    replicate: { target_size: 'ignored', mask_image: 'mapped' },
    wavespeed: { target_size: 'mapped', image_guidance_scale: 'ignored' },
    together: {
      num_inference_steps: 'mapped',
      target_size: 'mapped',
      strength: 'ignored',
      image_guidance_scale: 'ignored',
      mask_image: 'ignored',
    },
  });
});

test('only what was passed is warned about', () => {
  const passed = { prompt: 'x', target_size: { width: 8, height: 8 }, strength: undefined, own_extra: 1 };
  expect(ignoredParameters('replicate', passed)).toEqual([
    {
      code: 'parameter-ignored',
      name: 'target_size',
      message: 'The interface of replicate has no target_size; models there ignore what they do not know.',
    },
  ]);
  expect(ignoredParameters('endpoint', passed)).toEqual([]);
});
