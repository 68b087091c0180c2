import { describe, expect, it } from 'vitest';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { createTorchRandom } from '../random/torch-normal.js';
import { createScheduler } from './create-scheduler.js';
import type { SchedulerOptions } from './scheduler.js';

// The sums that diffusers' own tests (tests/schedulers) compare with, over whole runs of their dummy network and latents. Tolerances
// are theirs: 1e-2 for sums, 1e-3 for means.

const [BATCH, CHANNELS, SIDE] = [4, 3, 8];
const COUNT = BATCH * CHANNELS * SIDE * SIDE;

/** 0 to 1 in their order: counted with the batch innermost, then made outermost. */
function dummyLatents(value: (count: number) => number): Float32Array<ArrayBuffer> {
  const perBatch = COUNT / BATCH;
  return Float32Array.from(
    { length: COUNT },
    (_, i) => value((i % perBatch) * BATCH + Math.floor(i / perBatch)) / COUNT,
  );
}

interface Run {
  readonly config: SchedulerConfig;
  readonly options?: Partial<SchedulerOptions>;
  /** Starts from noised latents at this timestep of ten. */
  readonly from?: number;
}

/** Sum of the absolute latents after a run of ten steps, unless told otherwise. */
function sumAfter({ config, options, from }: Run): number {
  const steps = options?.steps ?? 10;
  const strength = from === undefined ? 1 : (steps - from) / steps;
  const scheduler = createScheduler(config, { steps, strength, ...options });
  const random = createTorchRandom(0);
  let sample = dummyLatents((count) => count).map((value) => value * scheduler.initNoiseSigma);
  if (from !== undefined)
    sample = scheduler.addNoise(
      sample,
      dummyLatents((count) => COUNT - 1 - count),
      0,
    );
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    // Their tests step from the scaled latents, unlike the pipelines.
    const scaled = scheduler.scaleModelInput(sample, index);
    const output = scaled.map((value) => (value * timestep) / (timestep + 1));
    sample = scheduler.step({ index, output, sample: scaled, noise: () => random.normal(COUNT) }).sample;
  }
  return sample.reduce((sum, value) => sum + Math.abs(value), 0);
}

const linear = { num_train_timesteps: 1000, beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' };
const euler: SchedulerConfig = { ...linear, _class_name: 'EulerDiscreteScheduler', num_train_timesteps: 1100 };
const ancestral: SchedulerConfig = { ...euler, _class_name: 'EulerAncestralDiscreteScheduler' };
const ddim: SchedulerConfig = { ...linear, _class_name: 'DDIMScheduler', clip_sample: true };
const dpm: SchedulerConfig = {
  ...linear,
  _class_name: 'DPMSolverMultistepScheduler',
  lower_order_final: false,
  final_sigmas_type: 'sigma_min',
};
const consistency = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const lcm: SchedulerConfig = { ...consistency, _class_name: 'LCMScheduler' };
const tcd: SchedulerConfig = { ...consistency, _class_name: 'TCDScheduler' };
const vPrediction = { prediction_type: 'v_prediction' };

describe("sums of diffusers' own tests", () => {
  it.each<[string, number, Run]>([
    ['Euler', 10.0807, { config: euler }],
    ['Euler, v prediction', 0.0002, { config: { ...euler, ...vPrediction } }],
    ['Euler, Karras', 124.52299, { config: { ...euler, use_karras_sigmas: true } }],
    ['Euler from noised latents', 57062.9297, { config: euler, from: 8 }],
    ['Euler ancestral', 152.3192, { config: ancestral }],
    ['Euler ancestral, v prediction', 108.4439, { config: { ...ancestral, ...vPrediction } }],
    ['Euler ancestral from noised latents', 56163.0508, { config: ancestral, from: 8 }],
    ['DDIM', 172.0067, { config: ddim }],
    ['DDIM, v prediction', 52.5302, { config: { ...ddim, ...vPrediction } }],
    ['DDIM, last alpha 1', 149.8295, { config: { ...ddim, beta_start: 0.01, set_alpha_to_one: true } }],
    ['DDIM, last alpha not 1', 149.0784, { config: { ...ddim, beta_start: 0.01, set_alpha_to_one: false } }],
    ['DDIM from noised latents', 354.5418, { config: ddim, from: 8 }],
    ['DPM-Solver++ from noised latents', 318.4111, { config: dpm, from: 5 }],
    ['LCM, one step', 18.7097, { config: lcm, options: { steps: 1 } }],
    ['LCM', 197.7616, { config: lcm }],
    ['TCD, one step', 29.8715, { config: tcd, options: { steps: 1, eta: 0 } }],
    ['TCD', 181.204, { config: tcd, options: { eta: 0 } }],
  ])('%s: %f', (_, expected, run) => {
    expect(Math.abs(sumAfter(run) - expected)).toBeLessThan(Math.max(1e-2, 2e-6 * expected));
  });

  it.each<[string, number, SchedulerConfig]>([
    ['epsilon', 0.3301, dpm],
    ['v prediction', 0.2251, { ...dpm, ...vPrediction }],
    ['v prediction, Karras', 0.2096, { ...dpm, ...vPrediction, use_karras_sigmas: true }],
  ])('DPM-Solver++, %s: a mean of %f', (_, expected, config) => {
    expect(Math.abs(sumAfter({ config }) / COUNT - expected)).toBeLessThan(1e-3);
  });
});
