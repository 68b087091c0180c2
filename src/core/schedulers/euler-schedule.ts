import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { LINEAR_BETAS, readAlphas } from './betas.js';
import { readCount, readFlag, readNumber } from './read-config.js';
import {
  exponentialSigmas,
  interpolate,
  karrasSigmas,
  LEAST_ALPHA,
  type SigmaSchedule,
  sigmasOf,
  timestepOfSigma,
} from './sigmas.js';
import { readSpacing, spaceTimesteps } from './spacing.js';
import { entryAt, type Vector, weightedSum } from './vectors.js';

/** The schedule of both Euler schedulers. */
export interface EulerSchedule extends SigmaSchedule {
  readonly initNoiseSigma: number;
  /** σ of every training timestep, rising. */
  readonly trainSigmas: Float64Array;
}

/** The schedule without Karras or exponential sigmas; it ends at 0. */
export function makeEulerSchedule(config: SchedulerConfig, steps: number): EulerSchedule {
  const alphas = readAlphas(config, LINEAR_BETAS);
  if (readFlag(config, 'rescale_betas_zero_snr', false)) alphas[alphas.length - 1] = LEAST_ALPHA;
  const trainSigmas = sigmasOf(alphas);
  const spacing = readSpacing(config, 'linspace');
  const timesteps = spaceTimesteps({
    spacing,
    steps,
    trainTimesteps: readCount(config, 'num_train_timesteps', 1000),
    offset: readNumber(config, 'steps_offset', 0),
  });
  const sigmas = timesteps.map((timestep) => interpolate(trainSigmas, timestep));
  const greatest = Math.max(...sigmas);
  return {
    timesteps,
    sigmas: [...sigmas, 0],
    initNoiseSigma: spacing === 'leading' ? Math.hypot(greatest, 1) : greatest,
    trainSigmas,
  };
}

/** Spreads the same range of sigmas anew, evenly in their 7th root or their logarithm. */
export function respaceSigmas(schedule: EulerSchedule, kind: 'karras' | 'exponential'): EulerSchedule {
  const count = schedule.timesteps.length;
  const respace = kind === 'karras' ? karrasSigmas : exponentialSigmas;
  const sigmas = respace(entryAt(schedule.sigmas, 0), entryAt(schedule.sigmas, count - 1), count);
  const timesteps = sigmas.map((sigma) => timestepOfSigma(sigma, schedule.trainSigmas));
  return { ...schedule, timesteps, sigmas: [...sigmas, ...schedule.sigmas.slice(count)] };
}

/** The latents as the network knows them: of variance 1. */
export function scaleBySigma(sample: Vector, sigma: number): Vector {
  return weightedSum([1 / Math.hypot(sigma, 1), sample]);
}

/** Clean latents with noise of this standard deviation on top. */
export function addNoiseOfSigma(original: Vector, noise: Vector, sigma: number): Vector {
  return weightedSum([1, original], [sigma, noise]);
}
