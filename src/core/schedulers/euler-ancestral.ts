import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { foreseeOriginal } from './euler.js';
import { addNoiseOfSigma, makeEulerSchedule, scaleBySigma } from './euler-schedule.js';
import { readPrediction } from './prediction.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';
import { entryAt, weightedSum } from './vectors.js';

/**
 * EulerAncestralDiscreteScheduler: each step goes below the next σ and adds noise up to it. It draws in the last step too, where
 * the noise counts for nothing, as diffusers does.
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported.
 */
export function createEulerAncestral(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const { timesteps, sigmas, initNoiseSigma } = makeEulerSchedule(config, options.steps);
  const prediction = readPrediction(config);
  const begin = beginIndex(options);
  return {
    timesteps: timesteps.slice(begin),
    initNoiseSigma,
    scaleModelInput: (sample, index) => scaleBySigma(sample, entryAt(sigmas, begin + index)),
    addNoise: (original, noise, index) => addNoiseOfSigma(original, noise, entryAt(sigmas, begin + index)),
    step(request) {
      const { index, output, sample } = request;
      const sigma = entryAt(sigmas, begin + index);
      const next = entryAt(sigmas, begin + index + 1);
      const up = (next / sigma) * Math.sqrt(Math.max(sigma ** 2 - next ** 2, 0));
      const down = next ** 2 / sigma;
      const original = foreseeOriginal(prediction, sigma, sample, output);
      const noise = request.noise();
      return {
        sample: weightedSum([down / sigma, sample], [1 - down / sigma, original], [up, noise]),
        original,
      };
    },
  };
}
