import { expect, it } from 'vitest';
import type { Picture } from '../../contract/picture.js';
import type { Floats } from './networks.js';
import { prepareStart, type StartOptions } from './start.js';

// Who draws how often and in which order; later draws of a seed depend on it. Numbers are compared in
// pipelines/diffusion-trajectories.test.ts.

function grey(width: number, height: number, level: number): Picture {
  const data = new Uint8Array(width * height * 4).fill(level);
  return { width, height, data };
}

/** Mean 100, deviation 1; the nth draw is n. Adding noise keeps both visible. */
function watched(changed: Partial<StartOptions>): { options: StartOptions; done: string[]; encoded: Floats[] } {
  const done: string[] = [];
  const encoded: Floats[] = [];
  const dims = [1, 1, 1, 2];
  let drawn = 0;
  const options: StartOptions = {
    conditioning: 'start',
    vae: { latentChannels: 1, scalingFactor: 2, shiftFactor: 0, downscale: 2 },
    encoder: {
      async encode(pixels) {
        done.push('encode');
        encoded.push(pixels);
        return { mean: { dims, data: Float32Array.of(100, 100) }, deviation: { dims, data: Float32Array.of(1, 1) } };
      },
    },
    scheduler: {
      initNoiseSigma: 10,
      addNoise: (original, noise, index) => original.map((value, at) => value * 1000 + (noise[at] ?? 0) + index),
    },
    picture: grey(4, 2, 255),
    strength: 0.5,
    draw() {
      done.push('draw');
      return new Float32Array(2).fill(++drawn);
    },
    ...changed,
  };
  return { options, done, encoded };
}

/** The left half may change. */
const mask = { ...grey(4, 2, 0), data: grey(4, 2, 0).data.map((_, at) => (at % 16 < 8 ? 255 : 0)) };

it('InstructPix2Pix: one draw; the mean, unscaled, beside it, and nothing for the row without a picture', async () => {
  const { options, done } = watched({ conditioning: 'picture-channels' });
  const { latents, channelsOf, blend } = await prepareStart(options);
  expect(done).toEqual(['encode', 'draw']);
  expect(latents).toEqual(Float32Array.of(10, 10));
  for (const row of ['text', 'image'] as const) expect(channelsOf(row)[0]?.data).toEqual(Float32Array.of(100, 100));
  expect(channelsOf('uncond')).toEqual([{ dims: [1, 1, 1, 2], data: Float32Array.of(0, 0) }]);
  expect(blend).toBeUndefined();
});

it('image to image: a draw for the sample, one for the noise, at any strength', async () => {
  for (const strength of [0.5, 1]) {
    const { options, done } = watched({ strength });
    const { latents, channelsOf } = await prepareStart(options);
    expect(done).toEqual(['encode', 'draw', 'draw']);
    expect(latents[0]).toBe((100 + 1) * 2 * 1000 + 2);
    expect(channelsOf('text')).toEqual([]);
  }
});

it('inpainting channels: picture, noise, masked picture', async () => {
  const { options, done, encoded } = watched({ conditioning: 'mask-channels', mask });
  const { latents, channelsOf } = await prepareStart(options);
  expect(done).toEqual(['encode', 'draw', 'draw', 'encode', 'draw']);
  expect(latents[0]).toBe((100 + 1) * 2 * 1000 + 2);
  expect(channelsOf('negative').map(({ data }) => [...data])).toEqual([
    [1, 0],
    [206, 206],
  ]);
  expect([...(encoded[1]?.data.slice(0, 4) ?? [])]).toEqual([0, 0, 1, 1]);
});

it('inpainting channels at full strength: noise alone, and the picture itself is not encoded', async () => {
  const { options, done } = watched({ conditioning: 'mask-channels', mask, strength: 1 });
  const { latents } = await prepareStart(options);
  expect(done).toEqual(['draw', 'encode', 'draw']);
  expect(latents).toEqual(Float32Array.of(10, 10));
});

it('a blend keeps the draw for a masked picture that it never encodes', async () => {
  for (const [strength, first] of [
    [0.5, (100 + 1) * 2 * 1000 + 2],
    [1, 2 * 10],
  ] as const) {
    const { options, done } = watched({ conditioning: 'blend', mask, strength });
    const { latents, blend, channelsOf } = await prepareStart(options);
    expect(done).toEqual(['encode', 'draw', 'draw', 'draw']);
    expect(latents[0]).toBe(first);
    expect(channelsOf('text')).toEqual([]);
    expect(blend).toEqual({
      mask: { dims: [1, 1, 1, 2], data: Float32Array.of(1, 0) },
      original: Float32Array.of(202, 202),
      noise: Float32Array.of(2, 2),
    });
  }
});

it('an encoder that draws by itself is told of', async () => {
  let told = 0;
  const onEncoderDraws = (): void => {
    told++;
  };
  await prepareStart(watched({ onEncoderDraws }).options);
  expect(told).toBe(0);
  const encoder: StartOptions['encoder'] = {
    encode: async () => ({ mean: { dims: [1, 1, 1, 2], data: Float32Array.of(1, 2) } }),
  };
  await prepareStart(watched({ encoder, onEncoderDraws }).options);
  expect(told).toBe(1);
});
