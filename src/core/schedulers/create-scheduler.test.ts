import { describe, expect, it } from 'vitest';
import { type ImageToImageError, isImageToImageError } from '../../contract/errors.js';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { createScheduler } from './create-scheduler.js';
import type { SchedulerOptions } from './scheduler.js';

function refusal(config: SchedulerConfig, options: Partial<SchedulerOptions> = {}): ImageToImageError {
  try {
    createScheduler(config, { steps: 4, ...options });
  } catch (error) {
    if (isImageToImageError(error)) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

/** What a scheduler makes of fixed latents and outputs, to compare two of them. */
function walk(config: SchedulerConfig, options: Partial<SchedulerOptions> = {}): number[] {
  const scheduler = createScheduler(config, { steps: 4, ...options });
  let sample = Float32Array.of(0.5, -2, 3);
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const output = sample.map((value, i) => Math.tanh(value + timestep / 500 + i));
    sample = scheduler.step({ index, output, sample, noise: () => Float32Array.of(0.1, 0.2, -0.3) }).sample;
  }
  return [...sample];
}

const of = (name: string, more: Partial<SchedulerConfig> = {}): SchedulerConfig => ({
  _class_name: `${name}Scheduler`,
  ...more,
});

describe('createScheduler', () => {
  it.each([
    'EulerDiscrete',
    'EulerAncestralDiscrete',
    'DDIM',
    'DPMSolverMultistep',
    'LCM',
    'TCD',
    'FlowMatchEulerDiscrete',
  ])('runs %s with nothing but the class in its config', (name) => {
    expect(createScheduler(of(name), { steps: 4 }).timesteps).toHaveLength(4);
    expect(walk(of(name)).every(Number.isFinite)).toBe(true);
  });

  it('ignores keys that it does not know', () => {
    const strange = { _diffusers_version: '0.31.0', use_karras_sigmas: null, beta_flavour: { sweet: true } };
    for (const name of ['EulerDiscrete', 'DDIM', 'LCM', 'DPMSolverMultistep'])
      expect(walk(of(name, strange))).toEqual(walk(of(name)));
  });

  it('takes the defaults of each class', () => {
    const stableDiffusion = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
    const linear = { beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' };
    expect(walk(of('LCM'))).toEqual(walk(of('LCM', stableDiffusion)));
    expect(walk(of('LCM'))).not.toEqual(walk(of('LCM', linear)));
    expect(walk(of('DDIM'))).toEqual(walk(of('DDIM', { ...linear, clip_sample: true, set_alpha_to_one: true })));
    expect(walk(of('DDIM'))).not.toEqual(walk(of('DDIM', { clip_sample: false })));
    expect(walk(of('TCD'))).toEqual(walk(of('TCD'), { eta: 0.3 }));
    expect(walk(of('DDIM'))).toEqual(walk(of('DDIM'), { eta: 0 }));
  });

  it('takes trained betas instead of a schedule', () => {
    const trained_betas = Array.from({ length: 1000 }, (_, i) => 0.0001 + (i / 999) * (0.02 - 0.0001));
    const got = walk(of('EulerDiscrete', { trained_betas, beta_schedule: 'scaled_linear' }));
    for (const [i, value] of walk(of('EulerDiscrete')).entries()) expect(got[i]).toBeCloseTo(value, 6);
    expect(refusal(of('EulerDiscrete', { trained_betas: [0.1, 0.2] })).details).toMatchObject({
      option: 'trained_betas',
    });
  });

  it("reads other solvers' kinds as midpoint, as diffusers does", () => {
    expect(walk(of('DPMSolverMultistep', { solver_type: 'bh2' }))).toEqual(walk(of('DPMSolverMultistep')));
    expect(walk(of('DPMSolverMultistep', { solver_type: 'heun' }))).not.toEqual(walk(of('DPMSolverMultistep')));
  });

  it('runs as many trailing timesteps as steps, also where numpy counts one more', () => {
    for (let steps = 1; steps <= 300; steps++) {
      const { timesteps } = createScheduler(of('EulerDiscrete', { timestep_spacing: 'trailing' }), { steps });
      expect(timesteps).toHaveLength(steps);
      expect(timesteps[0]).toBe(999);
      expect(timesteps.at(-1)).toBeGreaterThanOrEqual(0);
    }
  });

  it('rounds trailing timesteps as numpy does, not as the exact quotients would be', () => {
    // round(arange(1000, 0, -1000 / 48)) - 1 by numpy 2.4. The fourth is exactly 937.5 before, which would give 937.
    const { timesteps } = createScheduler(of('DDIM', { timestep_spacing: 'trailing' }), { steps: 48 });
    expect(timesteps.slice(0, 10)).toEqual([999, 978, 957, 936, 916, 895, 874, 853, 832, 811]);
  });
});

describe('what a scheduler config asks for and is not supported', () => {
  it('is refused, a class with the names of those that are', () => {
    const error = refusal(of('HeunDiscrete'));
    expect(error).toMatchObject({ code: 'model-unavailable', phase: 'validate' });
    expect(error.message).toContain('"HeunDiscreteScheduler"');
    expect(error.message).toContain('EulerAncestralDiscreteScheduler');
    expect(refusal({ _class_name: 'constructor' }).code).toBe('model-unavailable');
  });

  it.each<[string, string, SchedulerConfig]>([
    ['thresholding', 'DDIM', { ...of('DDIM'), thresholding: true }],
    ['thresholding', 'LCM', { ...of('LCM'), thresholding: true }],
    ['thresholding', 'TCD', { ...of('TCD'), thresholding: true }],
    ['thresholding', 'DPM-Solver++', of('DPMSolverMultistep', { thresholding: true })],
    ['algorithm_type', 'DPM-Solver', of('DPMSolverMultistep', { algorithm_type: 'dpmsolver' })],
    ['solver_order', 'DPM-Solver++', of('DPMSolverMultistep', { solver_order: 3 })],
    ['solver_type', 'stochastic', of('DPMSolverMultistep', { solver_type: 'heun', algorithm_type: 'sde-dpmsolver++' })],
    ['variance_type', 'DPM-Solver++', of('DPMSolverMultistep', { variance_type: 'learned_range' })],
    ['use_lu_lambdas', 'DPM-Solver++', of('DPMSolverMultistep', { use_lu_lambdas: true })],
    ['use_flow_sigmas', 'DPM-Solver++', of('DPMSolverMultistep', { use_flow_sigmas: true })],
    ['use_beta_sigmas', 'Euler', of('EulerDiscrete', { use_beta_sigmas: true })],
    ['timestep_type', 'Euler', of('EulerDiscrete', { timestep_type: 'continuous' })],
    ['interpolation_type', 'Euler', of('EulerDiscrete', { interpolation_type: 'log_linear' })],
    ['skip_prk_steps', 'PNDM', of('PNDM')],
    ['prediction_type', 'PNDM', of('PNDM', { skip_prk_steps: true, prediction_type: 'sample' })],
    ['prediction_type', 'Euler', of('EulerDiscrete', { prediction_type: 'flow_prediction' })],
    ['use_dynamic_shifting', 'no mu', of('FlowMatchEulerDiscrete', { use_dynamic_shifting: true })],
    ['invert_sigmas', 'flow', of('FlowMatchEulerDiscrete', { invert_sigmas: true })],
    ['beta_schedule', 'Euler', of('EulerDiscrete', { beta_schedule: 'sigmoid' })],
    ['beta_end', 'too much', of('EulerDiscrete', { beta_end: 1.5 })],
    ['timestep_spacing', 'Euler', of('EulerDiscrete', { timestep_spacing: 'even' })],
    ['num_train_timesteps', 'none', of('EulerDiscrete', { num_train_timesteps: 0 })],
    ['num_train_timesteps', 'a flood', of('EulerDiscrete', { num_train_timesteps: 1e9 })],
    ['original_inference_steps', 'more than there are', of('LCM', { original_inference_steps: 2000 })],
  ])('is refused: %s (%s)', (option, _, config) => {
    const error = refusal(config);
    expect(error).toMatchObject({ code: 'model-unavailable', phase: 'validate' });
    expect(error.details).toEqual({ scheduler: config._class_name, option });
    expect(error.message).toContain(option);
  });
});

describe('options that cannot be met', () => {
  it('are refused: more steps than the model has', () => {
    expect(refusal(of('DDIM'), { steps: 1001 })).toMatchObject({ code: 'unsupported-parameter', phase: 'validate' });
    expect(refusal(of('LCM'), { steps: 51 })).toMatchObject({ code: 'unsupported-parameter' });
    const cut = { steps: 4, strength: 0.07, cut: 'training-grid' } as const;
    expect(refusal(of('LCM'), cut)).toMatchObject({ code: 'unsupported-parameter', details: { available: 3 } });
    expect(createScheduler(of('LCM'), { ...cut, steps: 3 }).timesteps).toEqual([59, 39, 19]);
  });

  it('are refused: a strength that leaves no step', () => {
    for (const config of [of('EulerDiscrete'), of('LCM'), of('PNDM', { skip_prk_steps: true })]) {
      const error = refusal(config, { strength: 0.2 });
      expect(error).toMatchObject({ code: 'unsupported-parameter', details: { steps: 4, strength: 0.2 } });
    }
    expect(refusal(of('EulerDiscrete'), { strength: 0.2, cut: 'training-grid' }).code).toBe('unsupported-parameter');
  });

  it.each<Partial<SchedulerOptions>>([
    { steps: 0 },
    { steps: 2.5 },
    { strength: 0 },
    { strength: 1.1 },
    { strength: Number.NaN },
    { eta: -0.1 },
    { eta: 2 },
    { mu: Number.POSITIVE_INFINITY },
  ])('are a RangeError out of their ranges: %j', (options) => {
    expect(() => createScheduler(of('EulerDiscrete'), { steps: 4, ...options })).toThrow(RangeError);
  });

  it('are a RangeError: vectors of other lengths, steps that there are not', () => {
    const scheduler = createScheduler(of('EulerDiscrete'), { steps: 2 });
    const [sample, output] = [new Float32Array(4), new Float32Array(8)];
    const noise = () => sample;
    expect(() => scheduler.step({ index: 0, sample, output, noise })).toThrow(RangeError);
    expect(() => scheduler.step({ index: 2, sample, output: sample, noise })).toThrow(RangeError);
  });
});
