import { describe, expect, test } from 'vitest';
import type { ModelManifest } from './contract/manifest.js';
import type { ImageToImageArgs } from './contract/parameters.js';
import type { ClientOptions, ImageToImageOptions } from './options.js';
import {
  hostedOnlyWarnings,
  pageOnlyWarnings,
  parameterWarnings,
  validateCall,
  validateClientOptions,
} from './validate.js';

const inputs = new Blob();

function refusal(parameters: unknown): unknown {
  try {
    validateCall({ inputs, parameters } as ImageToImageArgs, {});
    return undefined;
  } catch (caught) {
    return caught;
  }
}

describe('validateCall', () => {
  test('accepts what the hosted API accepts', () => {
    const parameters = {
      prompt: 'a cat',
      negative_prompt: ['dog', 'blurry'],
      guidance_scale: 7.5,
      num_inference_steps: 20,
      target_size: { width: 640, height: 480 },
      strength: 0.5,
      seed: 0,
      something_else: true,
    };
    expect(refusal(parameters)).toBeUndefined();
    expect(refusal(undefined)).toBeUndefined();
  });

  test.each([
    ['a text where an object belongs', 'prompt', TypeError, 'parameters'],
    ['a number as prompt', { prompt: 1 }, TypeError, 'prompt'],
    ['a mixed negative_prompt', { negative_prompt: ['a', 1] }, TypeError, 'negative_prompt'],
    ['a text as guidance_scale', { guidance_scale: '7' }, TypeError, 'guidance_scale'],
    ['a guidance_scale that is no number', { guidance_scale: Number.NaN }, RangeError, 'guidance_scale'],
    ['a negative guidance_scale', { guidance_scale: -1 }, RangeError, 'guidance_scale'],
    ['half a step', { num_inference_steps: 1.5 }, RangeError, 'num_inference_steps'],
    ['no step', { num_inference_steps: 0 }, RangeError, 'num_inference_steps'],
    ['strength above 1', { strength: 1.1 }, RangeError, 'strength'],
    ['a negative seed', { seed: -1 }, RangeError, 'seed'],
    ['a size without height', { target_size: { width: 4 } }, TypeError, 'target_size.height'],
    ['half a pixel', { target_size: { width: 4, height: 0.5 } }, RangeError, 'target_size.height'],
    [
      'an endless side',
      { target_size: { width: 4, height: Number.POSITIVE_INFINITY } },
      RangeError,
      'target_size.height',
    ],
    ['too long a side', { target_size: { width: 70_000, height: 1 } }, RangeError, 'target_size.width'],
  ])('refuses %s, naming the field', (_what, parameters, kind, field) => {
    const caught = refusal(parameters);
    expect(caught).toBeInstanceOf(kind);
    expect((caught as Error).message).toContain(field);
  });

  test('refuses a call without a picture', () => {
    expect(() => validateCall({} as ImageToImageArgs, {})).toThrow(/inputs/);
    expect(() => validateCall(undefined as unknown as ImageToImageArgs, {})).toThrow(TypeError);
  });

  test.each<[string, unknown]>([
    ['mode', { mode: 'sometimes' }],
    ['output.type', { output: { type: 'image/tiff' } }],
    ['output.quality', { output: { quality: 92 } }],
    ['metadata', { metadata: 'copy' }],
    ['device', { device: 'gpu' }],
    ['tile.maxSidePx', { tile: { maxSidePx: 8 } }],
    ['onTile', { onTile: 'yes' }],
    ['consent', { consent: 'yes' }],
    ['signal', { signal: {} }],
  ])('refuses a bad %s, naming it', (field, options) => {
    expect(() => validateCall({ inputs }, options as ImageToImageOptions)).toThrow(field);
  });
});

test('validateClientOptions names the bad option', () => {
  expect(() => validateClientOptions({ maxEngines: 0 })).toThrow(/maxEngines/);
  expect(() => validateClientOptions({ idleMs: -1 })).toThrow(/idleMs/);
  expect(() => validateClientOptions({ maxInputPixels: 2 ** 40 })).toThrow(/maxInputPixels/);
  expect(() => validateClientOptions({} satisfies ClientOptions)).not.toThrow();
});

describe('warnings', () => {
  const manifest = { id: 'tintype-sr-x2', honours: ['strength'] } as unknown as ModelManifest;

  test('every parameter without effect is named, those with effect are not', () => {
    const parameters = {
      prompt: 'x',
      strength: 0.5,
      seed: undefined,
      target_size: { width: 1, height: 1 },
      promt: 'typo',
    };
    expect(parameterWarnings(manifest, parameters).map(({ code, name }) => `${code} ${name}`)).toEqual([
      'parameter-ignored prompt',
      'parameter-unknown promt',
    ]);
    expect(parameterWarnings(manifest, undefined)).toEqual([]);
  });

  test('hosted-only options are named', () => {
    const names = hostedOnlyWarnings({ use_cache: false, billTo: 'us', mode: 'local-only' }).map(({ name }) => name);
    expect(names).toEqual(['billTo', 'use_cache']);
  });

  test('options of the page are named where a call goes to the hosted side', () => {
    const names = pageOnlyWarnings({ device: 'wasm', mode: 'remote-only', billTo: 'us' }).map(({ name }) => name);
    expect(names).toEqual(['device']);
  });
});
