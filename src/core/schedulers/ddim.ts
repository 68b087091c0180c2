import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { LINEAR_BETAS, readAlphas } from './betas.js';
import { mixNoise, mixOriginal, readPrediction } from './prediction.js';
import { readFlag, readNumber, refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';
import { addNoiseOfAlpha, wholeTimesteps } from './variance-preserving.js';
import { clampInPlace, entryAt, type Term, weightedSum } from './vectors.js';

/** DDIMScheduler. Note that it limits originals to -1 to 1 unless the config says otherwise. */
export function createDdim(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  refuseOptions(config, ['thresholding']);
  const alphas = readAlphas(config, LINEAR_BETAS);
  const finalAlpha = readFlag(config, 'set_alpha_to_one', true) ? 1 : entryAt(alphas, 0);
  const prediction = readPrediction(config);
  const clip = readFlag(config, 'clip_sample', true);
  const clipRange = readNumber(config, 'clip_sample_range', 1);
  const stride = Math.floor(alphas.length / options.steps);
  const timesteps = wholeTimesteps(config, options.steps).slice(beginIndex(options));
  const eta = options.eta ?? 0;
  return {
    timesteps,
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise: (original, noise, index) => addNoiseOfAlpha(original, noise, entryAt(alphas, entryAt(timesteps, index))),
    step(request) {
      const { index, output, sample } = request;
      const timestep = entryAt(timesteps, index);
      const alpha = entryAt(alphas, timestep);
      const nextAlpha = timestep >= stride ? entryAt(alphas, timestep - stride) : finalAlpha;
      const [a, b] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];

      const toOriginal = mixOriginal(prediction, a, b);
      const original = weightedSum([toOriginal.sample, sample], [toOriginal.output, output]);
      if (clip) clampInPlace(original, clipRange);

      const variance = ((1 - nextAlpha) / (1 - alpha)) * (1 - alpha / nextAlpha);
      const deviation = eta * Math.sqrt(variance);
      const toNoise = mixNoise(prediction, a, b);
      const direction = Math.sqrt(1 - nextAlpha - deviation ** 2);
      const fresh: Term[] = eta > 0 ? [[deviation, request.noise()]] : [];
      return {
        sample: weightedSum(
          [Math.sqrt(nextAlpha), original],
          [direction * toNoise.sample, sample],
          [direction * toNoise.output, output],
          ...fresh,
        ),
        original,
      };
    },
  };
}
