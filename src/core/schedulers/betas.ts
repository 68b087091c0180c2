import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readChoice, readCount, readFlag, readNumber, refuseConfig } from './read-config.js';
import { linearSpace } from './spacing.js';

/** What a scheduler class takes where its config leaves the betas out. */
export interface BetaDefaults {
  readonly schedule: 'linear' | 'scaled_linear';
  readonly start: number;
  readonly end: number;
}

/** Defaults of most classes. */
export const LINEAR_BETAS: BetaDefaults = { schedule: 'linear', start: 0.0001, end: 0.02 };

/** Defaults of LCM and TCD, which are Stable Diffusion's. */
export const STABLE_DIFFUSION_BETAS: BetaDefaults = { schedule: 'scaled_linear', start: 0.00085, end: 0.012 };

/** No beta of the cosine schedule exceeds this, or its last alpha were 0. */
const MAX_COSINE_BETA = 0.999;

/**
 * The noise variances added per training timestep, 0 to 1.
 * @throws ImageToImageError `model-unavailable` if the config's betas are of an unknown kind or not between 0 and 1.
 */
export function readBetas(config: SchedulerConfig, defaults: BetaDefaults): Float64Array {
  const count = readCount(config, 'num_train_timesteps', 1000);
  const trained = config.trained_betas;
  if (trained !== undefined && trained !== null) return readTrainedBetas(config, trained, count);
  const kinds = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;
  const kind = readChoice(config, 'beta_schedule', kinds, defaults.schedule);
  if (kind === 'squaredcos_cap_v2') return cosineBetas(count);
  const start = readBeta(config, 'beta_start', defaults.start);
  const end = readBeta(config, 'beta_end', defaults.end);
  if (kind === 'linear') return Float64Array.from(linearSpace(start, end, count));
  return Float64Array.from(linearSpace(Math.sqrt(start), Math.sqrt(end), count), (root) => root * root);
}

/** ᾱ per training timestep, the share of the picture's variance that is left: the running product of `1 - beta`. */
export function accumulateAlphas(betas: Float64Array): Float64Array {
  let product = 1;
  return betas.map((beta) => {
    product *= 1 - beta;
    return product;
  });
}

/** As {@link accumulateAlphas}, of the config's betas, rescaled where it has `rescale_betas_zero_snr`: the last one is then 0. */
export function readAlphas(config: SchedulerConfig, defaults: BetaDefaults): Float64Array {
  const alphas = accumulateAlphas(readBetas(config, defaults));
  return readFlag(config, 'rescale_betas_zero_snr', false) ? rescaleToZeroSnr(alphas) : alphas;
}

/** Shifts and stretches √ᾱ so that its last is 0 and its first stays ("Common Diffusion Noise Schedules...", algorithm 1). */
function rescaleToZeroSnr(alphas: Float64Array): Float64Array {
  const first = Math.sqrt(alphas[0] as number);
  const last = Math.sqrt(alphas.at(-1) as number);
  return alphas.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2);
}

function cosineBetas(count: number): Float64Array {
  const alphaAt = (time: number) => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Float64Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaAt((i + 1) / count) / alphaAt(i / count), MAX_COSINE_BETA),
  );
}

function readBeta(config: SchedulerConfig, key: string, fallback: number): number {
  const beta = readNumber(config, key, fallback);
  return beta > 0 && beta < 1 ? beta : refuseConfig(config, key, 'a number between 0 and 1');
}

function readTrainedBetas(config: SchedulerConfig, trained: unknown, count: number): Float64Array {
  const valid = (beta: unknown) => typeof beta === 'number' && beta > 0 && beta < 1;
  if (Array.isArray(trained) && trained.length === count && trained.every(valid)) return Float64Array.from(trained);
  return refuseConfig(config, 'trained_betas', `null or a list of ${count} numbers between 0 and 1`);
}
