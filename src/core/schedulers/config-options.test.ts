import { describe, expect, it } from 'vitest';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { createScheduler } from './create-scheduler.js';
import { dpmSolverSchedule } from './dpm-solver-multistep.js';
import type { SchedulerOptions } from './scheduler.js';

// What the recorded cases do not tell apart.

/** Latents after a run whose network says something else at each timestep. */
function walk(config: SchedulerConfig, options: SchedulerOptions): number[] {
  const scheduler = createScheduler(config, options);
  let sample = Float32Array.of(0.5, -2, 3);
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const output = sample.map((_, i) => Math.sin(timestep + i));
    sample = scheduler.step({ index, output, sample, noise: () => Float32Array.of(0.1, 0.2, -0.3) }).sample;
  }
  return [...sample];
}

describe('DPM-Solver++', () => {
  const dpm = (more: Partial<SchedulerConfig>): SchedulerConfig => ({
    _class_name: 'DPMSolverMultistepScheduler',
    final_sigmas_type: 'sigma_min',
    ...more,
  });
  const second = dpm({ lower_order_final: false });

  it('ends with a step of first order below 15 steps only', () => {
    expect(walk(dpm({}), { steps: 14 })).not.toEqual(walk(second, { steps: 14 }));
    expect(walk(dpm({}), { steps: 15 })).toEqual(walk(second, { steps: 15 }));
  });

  it('ends with a step of first order at any number of steps where the config says so', () => {
    const plain = dpm({ lower_order_final: false, euler_at_final: true });
    for (const steps of [14, 15]) expect(walk(plain, { steps })).not.toEqual(walk(second, { steps }));
  });

  it('keeps sigmas finite with betas rescaled to zero SNR', () => {
    const { sigmas } = dpmSolverSchedule(dpm({ rescale_betas_zero_snr: true, timestep_spacing: 'trailing' }), 4);
    expect(sigmas[0]).toBeCloseTo(Math.sqrt(2 ** 24 - 1), 6);
  });

  it('cuts the timesteps of Karras sigmas with the cosine schedule, and rounds them else', () => {
    const cosine = dpm({ beta_schedule: 'squaredcos_cap_v2', use_karras_sigmas: true });
    // By fixtures/diffusion/generate/reference.py; before they are made whole, 998.61, 998.12, 992.82 and 837.22 are in the middle.
    expect(dpmSolverSchedule(cosine, 6).timesteps).toEqual([999, 998, 998, 992, 837, 0]);
  });
});

describe('LCM', () => {
  const lcm = (more: Partial<SchedulerConfig> = {}): SchedulerConfig => ({
    _class_name: 'LCMScheduler',
    prediction_type: 'sample',
    ...more,
  });
  const last = (config: SchedulerConfig) =>
    createScheduler(config, { steps: 1 }).step({
      index: 0,
      output: Float32Array.of(4),
      sample: Float32Array.of(100),
      noise: () => {
        throw new Error('There is no noise after the last step.');
      },
    });

  it('mixes in the sample as the boundary condition says', () => {
    // Timestep 999, scaled to 1: the shares are 1 / √1.25 and 0.25 / 1.25.
    const { sample, denoised } = last(lcm({ timestep_scaling: 1 / 999 }));
    expect(sample[0]).toBeCloseTo(4 / Math.sqrt(1.25) + 20, 5);
    expect(denoised).toEqual(sample);
  });

  it('limits the original where the config says so', () => {
    expect(last(lcm()).sample[0]).toBeCloseTo(4, 5);
    expect(last(lcm({ clip_sample: true })).sample[0]).toBeCloseTo(1, 5);
    expect(last(lcm({ clip_sample: true, clip_sample_range: 2.5 })).sample[0]).toBeCloseTo(2.5, 5);
  });

  it('scales timesteps by 10 where nothing is said', () => {
    const options = { steps: 50 };
    expect(walk(lcm({ timestep_scaling: 10 }), options)).toEqual(walk(lcm(), options));
    expect(walk(lcm({ timestep_scaling: 9 }), options)).not.toEqual(walk(lcm(), options));
  });
});
