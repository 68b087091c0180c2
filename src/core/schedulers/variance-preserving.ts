import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readCount, readNumber } from './read-config.js';
import { readSpacing, roundHalfEven, spaceTimesteps } from './spacing.js';
import { type Vector, weightedSum } from './vectors.js';

/** Whole falling timesteps, as DDIM and PNDM take them. */
export function wholeTimesteps(config: SchedulerConfig, steps: number): number[] {
  return spaceTimesteps({
    spacing: readSpacing(config, 'leading'),
    steps,
    trainTimesteps: readCount(config, 'num_train_timesteps', 1000),
    offset: readNumber(config, 'steps_offset', 0),
  }).map(roundHalfEven);
}

/** `√alpha * original + √(1 - alpha) * noise`. */
export function addNoiseOfAlpha(original: Vector, noise: Vector, alpha: number): Vector {
  return weightedSum([Math.sqrt(alpha), original], [Math.sqrt(1 - alpha), noise]);
}
