import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readAlphas, STABLE_DIFFUSION_BETAS } from './betas.js';
import { consistencyTimesteps } from './consistency-timesteps.js';
import { mixOriginal, readPrediction } from './prediction.js';
import { readFlag, readNumber, refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { addNoiseOfAlpha } from './variance-preserving.js';
import { clampInPlace, entryAt, weightedSum } from './vectors.js';

/** Variance of the data that consistency distillation assumes (`sigma_data` of 0.5, squared). */
const DATA_VARIANCE = 0.25;

/**
 * LCMScheduler: foresees the original, then adds fresh noise up to the next timestep; none after the last.
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported, `unsupported-parameter` if it allows
 * fewer steps.
 */
export function createLcm(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  refuseOptions(config, ['thresholding']);
  const alphas = readAlphas(config, STABLE_DIFFUSION_BETAS);
  const prediction = readPrediction(config);
  const clip = readFlag(config, 'clip_sample', false);
  const clipRange = readNumber(config, 'clip_sample_range', 1);
  const timestepScaling = readNumber(config, 'timestep_scaling', 10);
  const { all, begin } = consistencyTimesteps(config, options);
  const timesteps = all.slice(begin);
  const alphaAt = (index: number) => entryAt(alphas, entryAt(timesteps, index));
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise: (original, noise, index) => addNoiseOfAlpha(original, noise, alphaAt(index)),
    step(request) {
      const { index, output, sample } = request;
      const alpha = alphaAt(index);
      const mix = mixOriginal(prediction, Math.sqrt(alpha), Math.sqrt(1 - alpha));
      const foreseen = weightedSum([mix.sample, sample], [mix.output, output]);
      if (clip) clampInPlace(foreseen, clipRange);
      // The boundary condition of consistency models: at timestep 0 the sample itself is the original.
      const time = entryAt(timesteps, index) * timestepScaling;
      const skip = DATA_VARIANCE / (time ** 2 + DATA_VARIANCE);
      const denoised = weightedSum([time / Math.sqrt(time ** 2 + DATA_VARIANCE), foreseen], [skip, sample]);
      if (index === timesteps.length - 1) return { sample: denoised, original: denoised, denoised };
      return { sample: addNoiseOfAlpha(denoised, request.noise(), alphaAt(index + 1)), original: denoised, denoised };
    },
  };
}
