import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import {
  addNoiseOfSigma,
  type EulerSchedule,
  makeEulerSchedule,
  respaceSigmas,
  scaleBySigma,
} from './euler-schedule.js';
import { mixOriginal, type Prediction, readPrediction } from './prediction.js';
import { readChoice, readFlag, refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';
import { entryAt, type Vector, weightedSum } from './vectors.js';

/** EulerDiscreteScheduler. @throws ImageToImageError `model-unavailable` if the config asks for what is not supported. */
export function createEuler(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const { timesteps, sigmas, initNoiseSigma } = eulerSchedule(config, options.steps);
  const prediction = readPrediction(config);
  const begin = beginIndex(options);
  return {
    timesteps: timesteps.slice(begin),
    initNoiseSigma,
    scaleModelInput: (sample, index) => scaleBySigma(sample, entryAt(sigmas, begin + index)),
    addNoise: (original, noise, index) => addNoiseOfSigma(original, noise, entryAt(sigmas, begin + index)),
    step({ index, output, sample }) {
      const sigma = entryAt(sigmas, begin + index);
      const next = entryAt(sigmas, begin + index + 1);
      const original = foreseeOriginal(prediction, sigma, sample, output);
      return { sample: weightedSum([next / sigma, sample], [1 - next / sigma, original]), original };
    },
  };
}

/** The whole schedule, before `strength` is applied. */
export function eulerSchedule(config: SchedulerConfig, steps: number): EulerSchedule {
  refuseOptions(config, ['use_beta_sigmas', 'sigma_min', 'sigma_max']);
  readChoice(config, 'interpolation_type', ['linear'], 'linear');
  readChoice(config, 'timestep_type', ['discrete'], 'discrete');
  let schedule = makeEulerSchedule(config, steps);
  if (readFlag(config, 'use_karras_sigmas', false)) schedule = respaceSigmas(schedule, 'karras');
  else if (readFlag(config, 'use_exponential_sigmas', false)) schedule = respaceSigmas(schedule, 'exponential');
  if (readChoice(config, 'final_sigmas_type', ['zero', 'sigma_min'], 'zero') === 'zero') return schedule;
  return { ...schedule, sigmas: [...schedule.sigmas.slice(0, -1), entryAt(schedule.trainSigmas, 0)] };
}

/** The original in `sample = original + sigma * noise`. */
export function foreseeOriginal(prediction: Prediction, sigma: number, sample: Vector, output: Vector): Vector {
  const a = 1 / Math.hypot(sigma, 1);
  const mix = mixOriginal(prediction, a, sigma * a);
  return weightedSum([mix.sample * a, sample], [mix.output, output]);
}
