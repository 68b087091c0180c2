import type { Report } from 'tintype';
import { expect, it } from 'vitest';
import { editInWords, fileSuffix, quoted } from './edit-words.js';

const report: Report = {
  where: 'in-page',
  reason: 'in-page-default',
  model: 'a-model',
  steps: 8,
  parameters: { guidance_scale: 1.5, image_guidance_scale: 1, strength: 1, seed: 0 },
  warnings: [],
  timingsMs: {},
  bytes: { down: 0, up: 0 },
  outcome: 'done',
};

it('tells the numbers that made the result', () => {
  expect(editInWords('add snow', report)).toBe('“add snow” · 8 steps · guidance 1.5 · seed 0');
  expect(
    editInWords('add snow', { ...report, steps: 1, parameters: { strength: 0.6, image_guidance_scale: 1.5 } }),
  ).toBe('“add snow” · 1 step · image guidance 1.5 · strength 0.6');
});

it('makes file names of any prompt', () => {
  expect(fileSuffix('  Make it: SNOW!', report)).toBe('make-it-snow-0');
  expect(fileSuffix('../..', report)).toBe('edited-0');
  expect(fileSuffix('x'.repeat(300), { ...report, parameters: {} })).toHaveLength(40);
});

it('cuts long prompts', () => {
  expect(quoted('add snow', 20)).toBe('“add snow”');
  expect(quoted('turn the image into a cartoon', 10)).toBe('“turn the…”');
});
