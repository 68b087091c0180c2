import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { LINEAR_BETAS, readAlphas } from './betas.js';
import { createScheduler } from './create-scheduler.js';
import { dpmSolverSchedule } from './dpm-solver-multistep.js';
import { eulerSchedule } from './euler.js';
import { makeEulerSchedule } from './euler-schedule.js';
import { flowMatchSchedule, flowShiftMu } from './flow-match-euler.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { stepsAfterStrength } from './steps-after-strength.js';

// What diffusers itself computed (fixtures/diffusion/README.md). Tolerances are the ones written there.

interface RecordedStep {
  readonly scaled?: readonly number[];
  readonly model?: readonly number[];
  readonly noise?: readonly number[];
  readonly prev: readonly number[];
  readonly pred_original_sample?: readonly number[];
  readonly denoised?: readonly number[];
}

interface Table {
  readonly config: SchedulerConfig;
  readonly num_inference_steps: number;
  readonly timesteps: readonly number[];
  readonly timesteps_dtype?: string;
  readonly sigmas?: readonly number[];
  readonly init_noise_sigma?: number;
  readonly set_timesteps?: {
    readonly strength?: number;
    readonly original_inference_steps?: number;
    readonly sigmas?: 'linspace';
    readonly mu?: number;
  };
}

interface Case extends Table {
  readonly id: string;
  readonly step_kwargs?: { readonly eta?: number };
  readonly strength?: number;
  readonly begin_index: number;
  readonly start: 'noise' | 'add_noise';
  readonly original: readonly number[];
  readonly noise: readonly number[];
  readonly x_start: readonly number[];
  readonly add_noise: readonly { readonly index: number; readonly out: readonly number[] }[];
  readonly steps: readonly RecordedStep[];
}

const FIXTURES = new URL('../../../fixtures/diffusion/', import.meta.url);
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, FIXTURES), 'utf8'));
const fixtures = readJson('schedulers.json') as {
  readonly model: { readonly a: number; readonly b: number; readonly w: number; readonly p: number };
  readonly cases: readonly Case[];
  readonly tables: readonly Table[];
  readonly alphas_cumprod: readonly {
    readonly config: Omit<SchedulerConfig, '_class_name'>;
    readonly index: readonly number[];
    readonly betas: readonly number[];
    readonly alphas_cumprod: readonly number[];
  }[];
  readonly strength_table: readonly {
    readonly num_inference_steps: number;
    readonly strength: number;
    readonly steps: number;
  }[];
  readonly flow_mu: readonly { readonly image_seq_len: number; readonly mu: number }[];
};

/** The stand-in for a network, with which the fixtures were recorded. */
function network(scaled: ArrayLike<number>, timestep: number): Float32Array<ArrayBuffer> {
  const { a, b, w, p } = fixtures.model;
  return Float32Array.from(scaled, (value, k) => a * Math.tanh(value) + b * Math.sin(w * timestep + p * k));
}

/** Greatest difference, relative to the greatest expected number or 1. */
function difference(got: ArrayLike<number>, expected: readonly number[]): number {
  expect(got.length).toBe(expected.length);
  const differences = expected.map((value, i) => Math.abs(got[i]! - value));
  return Math.max(...differences) / Math.max(1, ...expected.map(Math.abs));
}

function setUp(table: Table, whole = false): { config: SchedulerConfig; options: SchedulerOptions } {
  const { set_timesteps: set = {}, config, num_inference_steps: steps } = table;
  const { step_kwargs, strength } = table as Partial<Case>;
  const { original_inference_steps } = set;
  return {
    config: original_inference_steps === undefined ? config : { ...config, original_inference_steps },
    options: {
      steps,
      strength: set.strength ?? (whole ? undefined : strength),
      cut: set.strength === undefined ? undefined : 'training-grid',
      eta: step_kwargs?.eta,
      mu: set.mu,
      flowSigmas: set.sigmas,
    },
  };
}

function make(table: Table, whole = false): Scheduler {
  const { config, options } = setUp(table, whole);
  return createScheduler(config, options);
}

function sigmasOf(table: Table): readonly number[] {
  const { config, options } = setUp(table, true);
  switch (config._class_name) {
    case 'EulerDiscreteScheduler':
      return eulerSchedule(config, options.steps).sigmas;
    case 'EulerAncestralDiscreteScheduler':
      return makeEulerSchedule(config, options.steps).sigmas;
    case 'DPMSolverMultistepScheduler':
      return dpmSolverSchedule(config, options.steps).sigmas;
    default:
      return flowMatchSchedule(config, options).sigmas;
  }
}

function checkSchedule(table: Table): void {
  const { config, timesteps, timesteps_dtype, sigmas, init_noise_sigma } = table;
  const got = make(table, true);
  const respaced = config.use_karras_sigmas === true || config.use_exponential_sigmas === true;
  const whole = timesteps_dtype === undefined ? timesteps.every(Number.isInteger) : timesteps_dtype === 'int64';
  const tolerance = respaced ? 1e-2 : 1e-3;
  expect(got.timesteps).toHaveLength(timesteps.length);
  for (const [i, timestep] of timesteps.entries()) {
    if (whole && !respaced) expect(got.timesteps[i]).toBe(timestep);
    else expect(Math.abs(got.timesteps[i]! - timestep)).toBeLessThan(tolerance);
    if (timesteps_dtype === 'int64') expect(got.timesteps[i]).toSatisfy(Number.isInteger);
  }
  if (sigmas !== undefined) {
    const mine = sigmasOf(table);
    expect(mine).toHaveLength(sigmas.length);
    for (const [i, sigma] of sigmas.entries()) expect(Math.abs(mine[i]! - sigma)).toBeLessThanOrEqual(5e-4 * sigma);
  }
  if (init_noise_sigma !== undefined)
    expect(Math.abs(got.initNoiseSigma / init_noise_sigma - 1)).toBeLessThan(stepTolerance(config));
}

const stepTolerance = (config: SchedulerConfig) => (config.rescale_betas_zero_snr === true ? 2e-4 : 2e-5);

/** Runs a case; each step starts from the recorded latents (`forced`) or from the ones before (`free`). */
function checkRun(recorded: Case, mode: 'forced' | 'free'): void {
  const scheduler = make(recorded);
  const tolerance = stepTolerance(recorded.config);
  const [original, noise] = [Float32Array.from(recorded.original), Float32Array.from(recorded.noise)];
  const start =
    recorded.start === 'noise'
      ? noise.map((value) => value * scheduler.initNoiseSigma)
      : scheduler.addNoise(original, noise, 0);
  expect(difference(start, recorded.x_start)).toBeLessThan(tolerance);
  expect(scheduler.timesteps).toHaveLength(recorded.steps.length);
  let sample = mode === 'free' ? start : Float32Array.from(recorded.x_start);
  for (const [index, step] of recorded.steps.entries()) {
    const timestep = recorded.timesteps[recorded.begin_index + index]!;
    const scaled = scheduler.scaleModelInput(sample, index);
    if (mode === 'forced' && step.scaled !== undefined) expect(difference(scaled, step.scaled)).toBeLessThan(tolerance);
    const output = mode === 'forced' && step.model ? Float32Array.from(step.model) : network(scaled, timestep);
    const before = sample.slice();
    let draws = 0;
    const result = scheduler.step({
      index,
      output,
      sample,
      noise: () => {
        draws++;
        return Float32Array.from(step.noise ?? []);
      },
    });
    expect(sample).toEqual(before);
    expect(draws, 'draws of noise').toBe(step.noise === undefined ? 0 : 1);
    expect(difference(result.sample, step.prev)).toBeLessThan(tolerance);
    if (step.pred_original_sample && result.original)
      expect(difference(result.original, step.pred_original_sample)).toBeLessThan(tolerance);
    if (step.denoised) expect(difference(result.denoised ?? [], step.denoised)).toBeLessThan(tolerance);
    sample = mode === 'free' ? result.sample : Float32Array.from(step.prev);
  }
}

describe('schedulers compared with diffusers', () => {
  it('has the cases', () => {
    expect(fixtures.cases).toHaveLength(166);
    expect(fixtures.tables).toHaveLength(55);
    expect(fixtures.strength_table.length).toBeGreaterThan(90);
  });

  describe.each(fixtures.cases.map((each) => [each.id, each] as const))('%s', (_, recorded) => {
    it('has the same schedule', () => checkSchedule(recorded));
    it('adds noise', () => {
      const scheduler = make(recorded, true);
      for (const { index, out } of recorded.add_noise) {
        const got = scheduler.addNoise(Float32Array.from(recorded.original), Float32Array.from(recorded.noise), index);
        expect(difference(got, out)).toBeLessThan(stepTolerance(recorded.config));
      }
    });
    it('gives the same after each step', () => checkRun(recorded, 'forced'));
    it('gives the same run by itself', () => checkRun(recorded, 'free'));
  });

  it.each(fixtures.tables.map((each) => [each.config._class_name, each.num_inference_steps, each] as const))(
    '%s has the same schedule of %i steps',
    (_class, _steps, table) => checkSchedule(table),
  );

  it.each(fixtures.alphas_cumprod.map((each) => [JSON.stringify(each.config), each] as const))(
    'has the same alphas and betas with %s',
    (_, { config, index, alphas_cumprod, betas }) => {
      const alphas = readAlphas({ ...config, _class_name: 'DDIMScheduler' }, LINEAR_BETAS);
      for (const [i, timestep] of index.entries()) {
        expect(Math.abs(alphas[timestep]! - alphas_cumprod[i]!)).toBeLessThan(2e-6);
        expect(Math.abs(1 - alphas[timestep]! / (alphas[timestep - 1] ?? 1) - betas[i]!)).toBeLessThan(1e-5);
      }
    },
  );

  it('counts the steps that a strength leaves', () => {
    for (const { num_inference_steps, strength, steps } of fixtures.strength_table)
      expect(stepsAfterStrength(num_inference_steps, strength), `${num_inference_steps} at ${strength}`).toBe(steps);
  });

  it('shifts flows by the number of tokens', () => {
    expect(fixtures.flow_mu.length).toBeGreaterThan(0);
    for (const { image_seq_len, mu } of fixtures.flow_mu) expect(flowShiftMu(image_seq_len)).toBeCloseTo(mu, 12);
  });

  it.each(readdirSync(new URL('trajectories/', FIXTURES)).filter((name) => !name.includes('.')))(
    'runs the timesteps of the whole run %s',
    (name) => {
      const run = readJson(`trajectories/${name}/case.json`);
      const distilled = run.task === 'lcm_img2img';
      const { timesteps } = createScheduler(run.scheduler_config, {
        steps: run.num_inference_steps,
        strength: run.strength ?? undefined,
        cut: distilled ? 'training-grid' : 'begin-index',
      });
      expect(difference(timesteps, run.timesteps_run) * Math.max(1, ...run.timesteps_run)).toBeLessThan(1e-2);
    },
  );
});
