import { describe, expect, it } from 'vitest';
import { assertDims, blendLatents, concatChannels, latentDims, sampleLatents, unscaleLatents } from './latents.js';

const vae = { latentChannels: 16, scalingFactor: 0.25, shiftFactor: 0.5, downscale: 4 };

describe('latentDims', () => {
  it("follows the model's own facts", () => {
    expect(latentDims(vae, { width: 40, height: 24 })).toEqual([1, 16, 6, 10]);
  });

  it('refuses sides that are no multiples', () => {
    expect(() => latentDims(vae, { width: 42, height: 24 })).toThrow('42 x 24');
    expect(() => latentDims(vae, { width: 40, height: 23 })).toThrow(RangeError);
  });
});

describe('scaling', () => {
  const dims = [1, 1, 1, 2];
  const mean = { dims, data: Float32Array.of(1, 2) };

  it('a sample is shifted, then scaled', () => {
    const deviation = { dims, data: Float32Array.of(2, 4) };
    expect(sampleLatents({ mean, deviation }, Float32Array.of(-1, 3), vae)).toEqual({
      dims,
      data: Float32Array.of((1 - 2 - 0.5) / 4, (2 + 12 - 0.5) / 4),
    });
  });

  it('without a deviation the mean is the sample', () => {
    expect(sampleLatents({ mean }, Float32Array.of(9, 9), vae).data).toEqual(Float32Array.of(0.125, 0.375));
  });

  it('the decoder gets them back as they were', () => {
    const sample = sampleLatents({ mean }, new Float32Array(2), vae);
    expect(unscaleLatents(sample.data, dims, vae)).toEqual(mean);
  });
});

it('a blend takes each channel by the same mask', () => {
  const mask = { dims: [1, 1, 1, 2], data: Float32Array.of(0, 1) };
  const blended = blendLatents(mask, Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20, 30, 40));
  expect(blended).toEqual(Float32Array.of(1, 20, 3, 40));
});

it('channels are put after one another', () => {
  const latents = { dims: [1, 2, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
  const mask = { dims: [1, 1, 1, 2], data: Float32Array.of(5, 6) };
  expect(concatChannels([latents])).toBe(latents);
  expect(concatChannels([latents, mask])).toEqual({ dims: [1, 3, 1, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
});

it('an output of another shape is named', () => {
  expect(() => assertDims({ dims: [1, 4, 8, 8] }, [1, 4, 8, 8], 'It')).not.toThrow();
  expect(() => assertDims({ dims: [1, 8, 8, 8] }, [1, 4, 8, 8], 'It')).toThrow('It is [1, 8, 8, 8], not [1, 4, 8, 8]');
});
