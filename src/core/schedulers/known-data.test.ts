import { describe, expect, it } from 'vitest';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { createTorchRandom } from '../random/torch-normal.js';
import { createScheduler } from './create-scheduler.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';

// Where the data are known in full, the perfect network is known too, and with it where a run must end. Here the network looks the
// noise level up from the timestep that it is given, so timesteps and sigmas that do not belong together are found as well.

type Vector = Float32Array<ArrayBuffer>;

const STABLE_DIFFUSION = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };

/** ᾱ by timestep, computed here anew. */
const ALPHAS: readonly number[] = (() => {
  const [start, end] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
  let product = 1;
  return Array.from({ length: 1000 }, (_, t) => {
    product *= 1 - (start + (t / 999) * (end - start)) ** 2;
    return product;
  });
})();
const FIRST_ALPHA = ALPHAS[0]!;

/** σ at a fractional timestep: between two, by itself or by its logarithm. */
function sigmaAt(timestep: number, logarithmic: boolean): number {
  const sigma = (t: number) => Math.sqrt((1 - ALPHAS[t]!) / ALPHAS[t]!);
  const [below, above] = [Math.floor(timestep), Math.ceil(timestep)];
  const share = timestep - below;
  if (logarithmic) return sigma(below) ** (1 - share) * sigma(above) ** share;
  return (1 - share) * sigma(below) + share * sigma(above);
}

/** What is left of the picture, and the noise, in what the network sees at a timestep. */
function levelAt(config: SchedulerConfig, timestep: number): { readonly a: number; readonly b: number } {
  if (config._class_name.startsWith('FlowMatch')) return { a: 1 - timestep / 1000, b: timestep / 1000 };
  const respaced = config.use_karras_sigmas === true || config.use_exponential_sigmas === true;
  const sigma = sigmaAt(timestep, respaced);
  return { a: 1 / Math.hypot(sigma, 1), b: sigma / Math.hypot(sigma, 1) };
}

/** The network's answer, given the original that it should foresee at each place. */
function answer(config: SchedulerConfig, timestep: number, seen: Vector, foresee: (seen: number) => number): Vector {
  const { a, b } = levelAt(config, timestep);
  const kind = config._class_name.startsWith('FlowMatch') ? 'flow' : (config.prediction_type ?? 'epsilon');
  return seen.map((value) => {
    const original = foresee(value);
    const noise = (value - a * original) / b;
    if (kind === 'sample') return original;
    if (kind === 'v_prediction') return a * noise - b * original;
    return kind === 'flow' ? noise - original : noise;
  });
}

interface Walk {
  readonly config: SchedulerConfig;
  readonly scheduler: Scheduler;
  readonly start: Vector;
  /** The original that is most likely where this value is seen at this noise level. */
  foresee(seen: number, level: { readonly a: number; readonly b: number }): number;
  after?(sample: Vector, index: number): void;
}

function walk({ config, scheduler, start, foresee, after }: Walk): Vector {
  const random = createTorchRandom(99);
  let sample = start;
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const level = levelAt(config, timestep);
    const seen = scheduler.scaleModelInput(sample, index);
    const output = answer(config, timestep, seen, (value) => foresee(value, level));
    sample = scheduler.step({ index, output, sample, noise: () => random.normal(sample.length) }).sample;
    after?.(sample, index);
  }
  return sample;
}

const of = (name: string, more: Partial<SchedulerConfig> = {}): SchedulerConfig => ({
  ...STABLE_DIFFUSION,
  _class_name: `${name}Scheduler`,
  ...more,
});
const offset = { timestep_spacing: 'leading', steps_offset: 1 };
const trailing = { timestep_spacing: 'trailing' };

interface Setting {
  readonly config: SchedulerConfig;
  readonly options?: Partial<SchedulerOptions>;
  /** ᾱ at which a run ends: 1 means no noise is left. */
  readonly end: number;
}

const SETTINGS: readonly Setting[] = [
  { config: of('EulerDiscrete'), end: 1 },
  { config: of('EulerDiscrete', offset), end: 1 },
  { config: of('EulerDiscrete', trailing), end: 1 },
  { config: of('EulerDiscrete', { use_karras_sigmas: true }), end: 1 },
  { config: of('EulerDiscrete', { use_exponential_sigmas: true }), end: 1 },
  { config: of('EulerDiscrete', { final_sigmas_type: 'sigma_min', ...trailing }), end: FIRST_ALPHA },
  { config: of('EulerAncestralDiscrete'), end: 1 },
  { config: of('EulerAncestralDiscrete', trailing), end: 1 },
  { config: of('DDIM', { clip_sample: false, ...trailing }), end: 1 },
  { config: of('DDIM', { clip_sample: false, set_alpha_to_one: false, ...offset }), end: FIRST_ALPHA },
  { config: of('DPMSolverMultistep'), end: 1 },
  { config: of('DPMSolverMultistep', offset), end: 1 },
  { config: of('DPMSolverMultistep', trailing), end: 1 },
  { config: of('DPMSolverMultistep', { solver_type: 'heun' }), end: 1 },
  { config: of('DPMSolverMultistep', { use_karras_sigmas: true }), end: 1 },
  { config: of('DPMSolverMultistep', { algorithm_type: 'sde-dpmsolver++' }), end: 1 },
  { config: of('LCM'), end: 1 },
  { config: of('TCD'), options: { eta: 0 }, end: FIRST_ALPHA },
  { config: { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 }, end: 1 },
  {
    config: { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true },
    options: { mu: 0.8, flowSigmas: 'linspace' },
    end: 1,
  },
];

const title = ({ config, options }: Setting) => {
  const { _class_name, beta_start, beta_end, beta_schedule, ...rest } = config;
  return `${_class_name} ${JSON.stringify({ ...rest, ...options })}`;
};

const original = Float32Array.from({ length: 7 }, (_, i) => Math.sin(1 + 2 * i));
const noise = createTorchRandom(4).normal(7);

function expectEnd(setting: Setting, prediction: string, options: SchedulerOptions): void {
  const config = { ...setting.config, prediction_type: prediction };
  const scheduler = createScheduler(config, { ...setting.options, ...options });
  let place = 0;
  const got = walk({
    config,
    scheduler,
    start: scheduler.addNoise(original, noise, 0),
    foresee: () => original[place++ % original.length]!,
  });
  for (const [i, value] of got.entries()) {
    const { _class_name } = setting.config;
    // Euler's latents are not of variance 1.
    const scale = _class_name.startsWith('Euler') ? 1 / Math.sqrt(setting.end) : 1;
    const end = scale * (Math.sqrt(setting.end) * original[i]! + Math.sqrt(1 - setting.end) * noise[i]!);
    expect(Math.abs(value - end), `${prediction}, ${JSON.stringify(options)}`).toBeLessThan(2e-5);
  }
}

describe('a perfect network for a single picture', () => {
  it.each(SETTINGS.map((each) => [title(each), each] as const))('leads %s to that picture', (_, setting) => {
    for (const prediction of ['epsilon', 'v_prediction', 'sample']) {
      for (const steps of [1, 2, 5, 20]) expectEnd(setting, prediction, { steps });
      for (const strength of [0.35, 0.5, 0.8]) {
        for (const steps of [5, 20]) expectEnd(setting, prediction, { steps, strength });
      }
    }
  });

  it.each(['LCM', 'TCD'])('leads %s to that picture when its training grid is cut', (name) => {
    const setting = { config: of(name), options: { eta: 0 }, end: name === 'LCM' ? 1 : FIRST_ALPHA };
    for (const strength of [0.2, 0.5, 0.8]) expectEnd(setting, 'epsilon', { steps: 4, strength, cut: 'training-grid' });
  });

  // Not with strength: diffusers then takes the first two timesteps for the repeated pair, which they are not. Nor with v_prediction:
  // it weighs outputs of several timesteps before it makes noise of them.
  it('leads PNDM to that picture', () => {
    const setting = { config: of('PNDM', { skip_prk_steps: true, ...offset }), end: FIRST_ALPHA };
    for (const steps of [1, 2, 5, 20]) expectEnd(setting, 'epsilon', { steps });
  });
});

const STOCHASTIC: readonly Setting[] = [
  { config: of('EulerAncestralDiscrete'), end: 1 },
  { config: of('DDIM', { clip_sample: false, ...trailing }), options: { eta: 1 }, end: 1 },
  {
    config: of('DDIM', { clip_sample: false, set_alpha_to_one: false, ...offset }),
    options: { eta: 0.5 },
    end: FIRST_ALPHA,
  },
  { config: of('DPMSolverMultistep', { algorithm_type: 'sde-dpmsolver++' }), end: 1 },
  { config: of('LCM'), end: 1 },
  { config: of('TCD'), options: { eta: 0.3 }, end: FIRST_ALPHA },
  { config: of('TCD'), options: { eta: 1 }, end: FIRST_ALPHA },
  { config: { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3, stochastic_sampling: true }, end: 1 },
];

const COUNT = 40_000;
const filled = (value: number) => new Float32Array(COUNT).fill(value);

function moments(sample: Vector): { readonly mean: number; readonly deviation: number } {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('schedulers that add noise', () => {
  it.each(STOCHASTIC.map((each) => [title(each), each] as const))(
    '%s keep to the noise level of each timestep',
    (_, { config, options, end }) => {
      const scheduler = createScheduler(config, { steps: 5, ...options });
      const picture = 0.7;
      const last = scheduler.timesteps.length - 1;
      walk({
        config,
        scheduler,
        start: scheduler.addNoise(filled(picture), createTorchRandom(1).normal(COUNT), 0),
        foresee: () => picture,
        after(sample, index) {
          const [zero, one] = [new Float32Array(1), Float32Array.of(1)];
          const a = index === last ? Math.sqrt(end) : scheduler.addNoise(one, zero, index + 1)[0]!;
          const b = index === last ? Math.sqrt(1 - end) : scheduler.addNoise(zero, one, index + 1)[0]!;
          const { mean, deviation } = moments(sample);
          // Four times the standard error of 40000 draws, and float32.
          expect(Math.abs(mean - a * picture)).toBeLessThan(0.02 * b + 2e-5);
          expect(Math.abs(deviation - b)).toBeLessThan(0.015 * b + 2e-5);
        },
      });
    },
  );

  it.each(STOCHASTIC.slice(0, 4).map((each) => [title(each), each] as const))(
    '%s give normal data their mean and deviation',
    (_, { config, options }) => {
      const [mean, deviation, count] = [0.4, 0.5, 10_000];
      // So many, because the error of these schedulers falls only with the number of steps; at 100 it is 6 %.
      const scheduler = createScheduler(config, { steps: 250, ...options });
      const random = createTorchRandom(2);
      const data = random.normal(count).map((value) => mean + deviation * value);
      const variance = deviation ** 2;
      const end = walk({
        config,
        scheduler,
        start: scheduler.addNoise(data, random.normal(count), 0),
        foresee: (seen, { a, b }) => (a * variance * seen + b * b * mean) / (a * a * variance + b * b),
      });
      const got = moments(end);
      expect(Math.abs(got.mean - mean)).toBeLessThan(0.015);
      expect(Math.abs(got.deviation / deviation - 1)).toBeLessThan(0.04);
    },
  );
});
