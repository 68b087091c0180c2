import { beforeAll, describe, expect, it } from 'vitest';
import { readTrajectory, trajectoryIds } from '../../../fixtures/diffusion/read-fixtures.js';
import { type RunEvent, runsOf, trajectoryOptions } from '../../../fixtures/diffusion/trajectory-options.js';
import type { Stage } from '../../contract/manifest.js';
import type { Picture } from '../../contract/picture.js';
import { resizeAsPillow } from '../diffusion/resize-as-pillow.js';
import { createTorchRandom } from '../random/torch-normal.js';
import { createScheduler } from '../schedulers/create-scheduler.js';
import { runDiffusion } from './diffusion.js';

// Whole runs against diffusers' own, each from nothing but picture, tokens, parameters and seed. What a step left behind is seen in
// what the next network is given. Tolerances: fixtures/diffusion/README.md.

type Numbers = Float32Array | Uint8Array;

/** Largest difference, as a share of the largest expected number. */
function relativeDifference(actual: Numbers | undefined, expected: Numbers): number {
  return largestDifference(actual, expected) / Math.max(...Array.from(expected, Math.abs));
}

/** NaN where lengths differ or a number is NaN, which no test passes. */
function largestDifference(actual: Numbers | undefined, expected: Numbers): number {
  if (actual?.length !== expected.length) return Number.NaN;
  return Math.max(...Array.from(expected, (value, at) => Math.abs((actual[at] ?? Number.NaN) - value)));
}

/** The floats that went into a graph, run by run. */
function inputsOf(events: readonly RunEvent[], stage: Stage, name: string): Float32Array[] {
  return runsOf(events, stage).map(({ inputs }) => {
    const data = inputs[name]?.data;
    if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
    if (data instanceof Float32Array) return data;
    throw new Error(`The ${stage} got no floats as "${name}".`);
  });
}

it('there are 23 recorded runs', () => {
  expect(trajectoryIds().length).toBe(23);
});

describe.each(trajectoryIds())('%s', (id) => {
  const trajectory = readTrajectory(id);
  const { case: recorded, tensors } = trajectory;
  const { options, events } = trajectoryOptions(trajectory);
  let result: Picture;
  beforeAll(async () => {
    result = await runDiffusion(options);
  });

  it('the seed gives the recorded draws', () => {
    const random = createTorchRandom(recorded.seed);
    for (const { name, shape } of recorded.draws) {
      const drawn = random.normal(shape.reduce((product, size) => product * size, 1));
      expect(largestDifference(drawn, tensors.floats(name)), name).toBeLessThan(3e-6);
    }
  });

  it('the VAE encoder is given the recorded pixels', () => {
    const names = ['image', 'masked_image'].filter((name) => tensors.has(`${name}_preprocessed`));
    // For a blend diffusers encodes the masked picture and throws it away.
    if (recorded.task === 'inpaint' && options.model.unet.inChannels === 4) names.pop();
    const given = inputsOf(events, 'vae_encoder', 'sample');
    expect(given.length).toBe(names.length);
    for (const [at, name] of names.entries()) {
      expect(largestDifference(given[at], tensors.floats(`${name}_preprocessed`)), name).toBe(0);
    }
  });

  it('the U-Net is given the recorded timesteps and embeddings, row by row', () => {
    const timesteps = inputsOf(events, 'unet', 'timestep').map(([timestep]) => timestep);
    expect(timesteps.length).toBe(recorded.timesteps_run.length);
    for (const [at, timestep] of recorded.timesteps_run.entries()) {
      const tolerance = Number.isInteger(timestep) ? 1e-9 : 1e-3;
      expect(Math.abs((timesteps[at] ?? Number.NaN) - timestep)).toBeLessThan(tolerance);
    }
    const embedded = recorded.rows.flatMap((row) => [
      ...tensors.floats(row === 'text' ? 'prompt_embeds' : 'negative_prompt_embeds'),
    ]);
    for (const given of inputsOf(events, 'unet', 'encoder_hidden_states')) {
      expect(relativeDifference(given, Float32Array.from(embedded))).toBeLessThan(1e-5);
    }
    if (!tensors.has('timestep_cond')) return;
    for (const given of inputsOf(events, 'unet', 'timestep_cond')) {
      expect(largestDifference(given, tensors.floats('timestep_cond'))).toBeLessThan(1e-3);
    }
  });

  it('the U-Net is given all recorded rows and channels at every step', () => {
    const given = inputsOf(events, 'unet', 'sample');
    for (const [at, { model_in: name }] of recorded.steps.entries()) {
      // Larger cases leave these out; the next test sees to them.
      if (name !== undefined) expect(relativeDifference(given[at], tensors.floats(name)), name).toBeLessThan(2e-4);
    }
  });

  it('every step leaves the recorded latents', () => {
    const { steps, strength } = options.settings;
    const cut = recorded.task === 'lcm_img2img' ? 'training-grid' : 'begin-index';
    const scheduler = createScheduler(options.model.scheduler, { steps, strength, cut });
    const given = inputsOf(events, 'unet', 'sample');
    for (const [at, { latents: name }] of recorded.steps.slice(0, -1).entries()) {
      const expected = scheduler.scaleModelInput(tensors.floats(name), at + 1);
      // The first channels of the first row: what follows is told, not worked on.
      expect(relativeDifference(given[at + 1]?.slice(0, expected.length), expected), name).toBeLessThan(2e-4);
    }
    const [last] = inputsOf(events, 'vae_decoder', 'latent_sample');
    const final = last?.map((value) => value * recorded.scaling_factor);
    expect(relativeDifference(final, tensors.floats('final_latents'))).toBeLessThan(2e-4);
  });

  it('ends with the recorded picture', () => {
    const [decoded] = runsOf(events, 'vae_decoder').map(({ outputs }) => outputs.sample?.data as Float32Array);
    expect(largestDifference(decoded, tensors.floats('decoded'))).toBeLessThan(1e-3);
    const { width, height, data } = tensors.picture('output_u8');
    expect([result.width, result.height]).toEqual([width, height]);
    expect(largestDifference(result.data, data)).toBeLessThanOrEqual(1);
  });
});

it('a picture whose sides are no multiples is resized as Pillow does, there and back', () => {
  const { case: recorded, tensors } = readTrajectory('img2img-odd-70x90');
  const [workWidth, workHeight] = recorded.work_size;
  const work = resizeAsPillow(tensors.picture('source_u8'), workWidth, workHeight);
  expect(largestDifference(work.data, tensors.picture('work_u8').data)).toBeLessThanOrEqual(1);
  const [width, height] = recorded.input_size;
  const back = resizeAsPillow(tensors.picture('output_u8'), width, height);
  expect(largestDifference(back.data, tensors.picture('output_resized_u8').data)).toBeLessThanOrEqual(1);
});
