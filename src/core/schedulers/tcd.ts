import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readAlphas, STABLE_DIFFUSION_BETAS } from './betas.js';
import { consistencyTimesteps } from './consistency-timesteps.js';
import { mixNoise, mixOriginal, readPrediction } from './prediction.js';
import { refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { addNoiseOfAlpha } from './variance-preserving.js';
import { entryAt, weightedSum } from './vectors.js';

/** How far a step goes beyond the next timestep, to come back with noise. The class's own default. */
const DEFAULT_ETA = 0.3;

/**
 * TCDScheduler: goes to `(1 - eta)` of the next timestep, then adds fresh noise up to it; none after the last step, which ends at
 * timestep 0.
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported, `unsupported-parameter` if it allows
 * fewer steps.
 */
export function createTcd(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  refuseOptions(config, ['thresholding']);
  const alphas = readAlphas(config, STABLE_DIFFUSION_BETAS);
  const prediction = readPrediction(config);
  const { all, begin } = consistencyTimesteps(config, options);
  const timesteps = all.slice(begin);
  const eta = options.eta ?? DEFAULT_ETA;
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise: (original, noise, index) => addNoiseOfAlpha(original, noise, entryAt(alphas, entryAt(timesteps, index))),
    step(request) {
      const { index, output, sample } = request;
      const alpha = entryAt(alphas, entryAt(timesteps, index));
      const next = timesteps[index + 1] ?? 0;
      // diffusers multiplies in float32, which decides where the product is close to a whole number.
      const beyond = Math.floor(Math.fround(Math.fround(1 - eta) * next));
      const beyondAlpha = entryAt(alphas, beyond);

      const [a, b] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
      const [toOriginal, toNoise] = [mixOriginal(prediction, a, b), mixNoise(prediction, a, b)];
      const original = weightedSum([toOriginal.sample, sample], [toOriginal.output, output]);
      const direction = Math.sqrt(1 - beyondAlpha);
      const reached = weightedSum(
        [Math.sqrt(beyondAlpha), original],
        [direction * toNoise.sample, sample],
        [direction * toNoise.output, output],
      );
      if (eta === 0 || index === timesteps.length - 1) return { sample: reached, original };
      return { sample: addNoiseOfAlpha(reached, request.noise(), entryAt(alphas, next) / beyondAlpha), original };
    },
  };
}
