import { ImageToImageError } from '../../contract/errors.js';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readCount, refuseConfig } from './read-config.js';
import type { SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';

/** The timesteps of LCM and TCD. */
export interface ConsistencyTimesteps {
  /** All of them, falling; `steps` in number. */
  readonly all: readonly number[];
  /** Which one is run first. */
  readonly begin: number;
}

/**
 * Picks `steps` timesteps from the few that the model was distilled on (`original_inference_steps`). `cut` says whether `strength`
 * shortens that list before, so that all steps are run, or the timesteps after.
 * @throws ImageToImageError `unsupported-parameter` if there are fewer to pick from than steps.
 */
export function consistencyTimesteps(config: SchedulerConfig, options: SchedulerOptions): ConsistencyTimesteps {
  const { steps, strength = 1, cut = 'begin-index' } = options;
  const trainTimesteps = readCount(config, 'num_train_timesteps', 1000);
  const distilled = readCount(config, 'original_inference_steps', 50);
  if (distilled > trainTimesteps) refuseConfig(config, 'original_inference_steps', `at most ${trainTimesteps}`);
  const available = cut === 'training-grid' ? Math.trunc(distilled * strength) : distilled;
  if (steps > available) {
    throw new ImageToImageError({
      code: 'unsupported-parameter',
      phase: 'validate',
      message: `This model can run at most ${available} steps here, not ${steps}. Ask for fewer steps${cut === 'training-grid' ? ' or more strength' : ''}.`,
      details: { steps, available, strength },
    });
  }
  const stride = Math.floor(trainTimesteps / distilled);
  return {
    all: Array.from({ length: steps }, (_, i) => (available - Math.floor(i * (available / steps))) * stride - 1),
    begin: cut === 'training-grid' ? 0 : beginIndex(options),
  };
}
