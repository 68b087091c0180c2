import { expect, it } from 'vitest';
import type { Scheduler, SchedulerResult } from '../schedulers/scheduler.js';
import { type DenoiseOptions, denoise } from './denoise.js';
import type { DenoiseRequest, Floats } from './networks.js';

// What a schedule's optional results are used for; whole runs are compared in pipelines/diffusion-trajectories.test.ts.

const dims = [1, 1, 1, 2];

/** Takes the U-Net's output as the next latents. */
function scheduler(more: (index: number) => Partial<SchedulerResult> = () => ({})): Scheduler {
  return {
    timesteps: [900, 500, 100],
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample.map((value) => value / 2),
    addNoise: (original, noise, index) => original.map((value, at) => value + index * (noise[at] ?? 0)),
    step: ({ index, output }) => ({ sample: output, ...more(index) }),
  };
}

/** Adds ten to what it is asked. */
function network(asked: DenoiseRequest[] = []): DenoiseOptions['unet'] {
  return {
    async denoise(request) {
      asked.push(request);
      return request.rows.map(({ sample }) => ({ dims, data: sample.data.slice(0, 2).map((value) => value + 10) }));
    },
  };
}

function options(changed: Partial<DenoiseOptions> = {}): { options: DenoiseOptions; foreseen: Floats['data'][] } {
  const foreseen: Floats['data'][] = [];
  return {
    foreseen,
    options: {
      unet: network(),
      scheduler: scheduler(),
      start: { latents: Float32Array.of(8, 16), channelsOf: () => [] },
      dims,
      rows: [{ kind: 'text', embedding: { dims: [1, 1, 1], data: Float32Array.of(1) } }],
      scales: { guidanceScale: 1, imageGuidanceScale: 1 },
      as: 'batch',
      draw: () => Float32Array.of(0, 0),
      async afterStep(done, latents) {
        expect(done).toBe(foreseen.push(latents));
      },
      ...changed,
    },
  };
}

it('steps in order, on scaled latents', async () => {
  const asked: DenoiseRequest[] = [];
  const { options: whole, foreseen } = options({ unet: network(asked) });
  expect(await denoise(whole)).toEqual(Float32Array.of(18.5, 19.5));
  expect(asked.map(({ timestep }) => timestep)).toEqual([900, 500, 100]);
  expect(asked.map(({ rows }) => rows[0]?.sample.data[0])).toEqual([4, 7, 8.5]);
  // A scheduler that foresees nothing: the latents themselves.
  expect(foreseen).toEqual([Float32Array.of(14, 18), Float32Array.of(17, 19), Float32Array.of(18.5, 19.5)]);
});

it('what a scheduler foresees is handed on; its denoised latents count at the end only', async () => {
  const { options: whole, foreseen } = options({
    scheduler: scheduler((index) => ({
      original: Float32Array.of(index, index),
      denoised: Float32Array.of(100 + index, 0),
    })),
  });
  expect(await denoise(whole)).toEqual(Float32Array.of(102, 0));
  expect(foreseen).toEqual([Float32Array.of(0, 0), Float32Array.of(1, 1), Float32Array.of(2, 2)]);
});

it('a blend puts back the noise of the next step, and nothing but the picture at the end', async () => {
  const asked: DenoiseRequest[] = [];
  const { options: whole, foreseen } = options({
    unet: network(asked),
    start: {
      latents: Float32Array.of(8, 16),
      channelsOf: () => [],
      blend: {
        mask: { dims, data: Float32Array.of(1, 0) },
        original: Float32Array.of(1000, 1000),
        noise: Float32Array.of(5, 5),
      },
    },
  });
  expect(await denoise(whole)).toEqual(Float32Array.of(18.5, 1000));
  expect(asked.map(({ rows }) => (rows[0]?.sample.data[1] ?? 0) * 2)).toEqual([16, 1005, 1010]);
  expect(foreseen.map(([, kept]) => kept)).toEqual([1000, 1000, 1000]);
});

it('rows are told their own channels', async () => {
  const asked: DenoiseRequest[] = [];
  const embedding: Floats = { dims: [1, 1, 1], data: Float32Array.of(1) };
  const { options: whole } = options({
    unet: network(asked),
    rows: [
      { kind: 'text', embedding },
      { kind: 'image', embedding },
      { kind: 'uncond', embedding },
    ],
    start: {
      latents: Float32Array.of(8, 16),
      channelsOf: (row) => [{ dims, data: Float32Array.of(row === 'uncond' ? 0 : 7, 7) }],
    },
  });
  await denoise(whole);
  expect(asked[0]?.rows.map(({ sample }) => [...sample.data])).toEqual([
    [4, 8, 7, 7],
    [4, 8, 7, 7],
    [4, 8, 0, 7],
  ]);
});
