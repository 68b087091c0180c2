import { expect, it } from 'vitest';
import { type EditValues, editParameters } from './edit-parameters.js';

const values: EditValues = {
  prompt: ' add snow\n',
  negativePrompt: ' ',
  guidance: 1.5,
  imageGuidance: 1.2,
  steps: 8,
  strength: 0.8,
  seed: undefined,
};

it('gives what the model honours, by the names of the hosted call', () => {
  expect(
    editParameters(values, ['prompt', 'negative_prompt', 'guidance_scale', 'num_inference_steps', 'seed']),
  ).toEqual({
    prompt: 'add snow',
    guidance_scale: 1.5,
    num_inference_steps: 8,
  });
});

it('leaves out what was not said', () => {
  expect(
    editParameters({ ...values, prompt: ' ', guidance: undefined }, ['prompt', 'negative_prompt', 'guidance_scale']),
  ).toEqual({});
});

it('passes a seed of 0 and a negative prompt on', () => {
  expect(
    editParameters({ ...values, seed: 0, negativePrompt: 'blue' }, ['seed', 'negative_prompt', 'strength']),
  ).toEqual({
    seed: 0,
    negative_prompt: 'blue',
    strength: 0.8,
  });
});
