import { describe, expect, test } from 'vitest';
import { manifest as editor } from '../models/instruct-pix2pix-micro/manifest.js';
import type { DiffusionManifest } from './contract/manifest.js';
import type { ImageToImageParameters } from './contract/parameters.js';
import { checkPrompt, namedSettings, resolveSettings, stepsToRun, withoutEffect } from './prompted-settings.js';

/** Starts from the picture, as far as `strength` says. */
const painter: DiffusionManifest = {
  ...editor,
  id: 'painter',
  family: 'image-to-image',
  honours: ['prompt', 'negative_prompt', 'guidance_scale', 'num_inference_steps', 'strength', 'seed'],
  recommended: { num_inference_steps: 20, guidance_scale: 7.5, image_guidance_scale: 1, strength: 0.8 },
};

/** Guided by an embedding, as latent consistency models are. */
const quick: DiffusionManifest = { ...painter, id: 'quick', unet: { ...painter.unet, timeCondProjDim: 256 } };

const filler: DiffusionManifest = {
  ...painter,
  id: 'filler',
  family: 'inpaint',
  honours: [...painter.honours, 'mask_image'],
};

function refusal(work: () => unknown): unknown {
  try {
    return work();
  } catch (caught) {
    return caught;
  }
}

describe('resolveSettings', () => {
  test('takes what is given, else what the model recommends', () => {
    expect(resolveSettings(painter, { seed: 5 })).toEqual({
      steps: 20,
      guidanceScale: 7.5,
      imageGuidanceScale: 1,
      strength: 0.8,
      seed: 5,
    });
    const given = { num_inference_steps: 3, guidance_scale: 0, image_guidance_scale: 2, strength: 1, seed: 0 };
    expect(resolveSettings(painter, given)).toEqual({
      steps: 3,
      guidanceScale: 0,
      imageGuidanceScale: 2,
      strength: 1,
      seed: 0,
    });
    expect(resolveSettings(editor, { strength: 0.1 }).strength).toBe(1);
  });

  test('draws another seed of 32 bits each time', () => {
    const seeds = Array.from({ length: 20 }, () => resolveSettings(editor).seed);
    expect(new Set(seeds).size).toBeGreaterThan(15);
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  });

  test('refuses a strength that leaves no step, and the least it names leaves one', () => {
    for (const steps of [1, 3, 7, 20, 1000]) {
      const thrown = refusal(() => resolveSettings(painter, { num_inference_steps: steps, strength: 0.9 / steps }));
      expect(thrown).toMatchObject({ code: 'unsupported-parameter', details: { parameter: 'strength' } });
      const least = Number(/at least ([\d.]+),/.exec((thrown as Error).message)?.[1]);
      expect(least).toBeLessThanOrEqual(1);
      const settings = resolveSettings(painter, { num_inference_steps: steps, strength: least });
      expect(stepsToRun(painter, settings)).toBeGreaterThan(0);
    }
  });
});

test('stepsToRun counts what strength leaves, where the family knows it', () => {
  expect(stepsToRun(painter, resolveSettings(painter))).toBe(16);
  expect(stepsToRun(painter, resolveSettings(painter, { strength: 1 }))).toBe(20);
  expect(stepsToRun(editor, resolveSettings(editor))).toBe(4);
});

test('namedSettings tells the numbers that the model honours', () => {
  expect(namedSettings(editor, resolveSettings(editor, { seed: 2 }))).toEqual({
    num_inference_steps: 4,
    guidance_scale: 1,
    image_guidance_scale: 1,
    seed: 2,
  });
  expect(Object.keys(namedSettings(painter, resolveSettings(painter)) ?? {})).not.toContain('image_guidance_scale');
  expect(namedSettings(painter, resolveSettings(painter))).toMatchObject({ strength: 0.8 });
});

describe('checkPrompt', () => {
  test.each([
    [editor, undefined, 'prompt'],
    [editor, {}, 'prompt'],
    [editor, { prompt: ' \n\t' }, 'prompt'],
    [painter, {}, 'prompt'],
    [filler, { prompt: 'a cat' }, 'mask_image'],
  ] as const)('$id refuses $1', (manifest, parameters, parameter) => {
    const thrown = refusal(() => checkPrompt(manifest, parameters));
    expect(thrown).toMatchObject({ code: 'unsupported-parameter', phase: 'validate', details: { parameter } });
    expect((thrown as Error).message).toContain(`parameters.${parameter}`);
  });

  test('an empty prompt has a meaning where the picture is painted anew', () => {
    expect(refusal(() => checkPrompt(painter, { prompt: '' }))).toBeUndefined();
    expect(refusal(() => checkPrompt(filler, { prompt: '', mask_image: 'AAAA' }))).toBeUndefined();
  });
});

describe('withoutEffect', () => {
  function told(
    manifest: DiffusionManifest,
    parameters: ImageToImageParameters,
    options = {},
  ): readonly (string | undefined)[] {
    const settings = resolveSettings(manifest, parameters);
    return withoutEffect(manifest, parameters, settings, options).map(({ name }) => name);
  }

  test.each<readonly [string, DiffusionManifest, ImageToImageParameters, readonly string[]]>([
    ['nothing was asked for', editor, {}, []],
    ['the editor is not guided by itself', editor, { negative_prompt: 'a' }, ['negative_prompt']],
    ['guidance of 1 is none, and may be said', editor, { guidance_scale: 1, negative_prompt: '' }, ['negative_prompt']],
    ['guidance below 1 is none', editor, { guidance_scale: 0.5 }, ['guidance_scale']],
    ['guided', editor, { guidance_scale: 1.5, negative_prompt: 'a', image_guidance_scale: 1.2 }, []],
    [
      'the picture scale below 1 turns it off',
      editor,
      { guidance_scale: 2, image_guidance_scale: 0.9, negative_prompt: ['a'] },
      ['negative_prompt', 'image_guidance_scale', 'guidance_scale'],
    ],
    ['the painter is guided by itself', painter, { negative_prompt: 'a' }, []],
    ['the painter without guidance', painter, { guidance_scale: 1, negative_prompt: 'a' }, ['negative_prompt']],
    ['an embedding has no row for it', quick, { guidance_scale: 8, negative_prompt: 'a' }, ['negative_prompt']],
    // What the model does not honour at all is told elsewhere, once.
    ['not honoured', painter, { guidance_scale: 1, image_guidance_scale: 2 }, []],
  ])('%s', (_, manifest, parameters, names) => {
    expect(told(manifest, parameters)).toEqual(names);
  });

  test('tiles are none of a prompted model', () => {
    expect(told(editor, {}, { tile: { maxSidePx: 64 }, onTile: () => {} })).toEqual(['onTile', 'tile']);
  });
});
