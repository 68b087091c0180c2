import { ImageToImageError } from '../../contract/errors.js';
import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { createDdim } from './ddim.js';
import { createDpmSolverMultistep } from './dpm-solver-multistep.js';
import { createEuler } from './euler.js';
import { createEulerAncestral } from './euler-ancestral.js';
import { createFlowMatchEuler } from './flow-match-euler.js';
import { createLcm } from './lcm.js';
import { createPndm } from './pndm.js';
import { readCount, refuseConfig } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { beginIndex } from './steps-after-strength.js';
import { createTcd } from './tcd.js';

const SCHEDULERS: ReadonlyMap<string, (config: SchedulerConfig, options: SchedulerOptions) => Scheduler> = new Map([
  ['DDIMScheduler', createDdim],
  ['DPMSolverMultistepScheduler', createDpmSolverMultistep],
  ['EulerAncestralDiscreteScheduler', createEulerAncestral],
  ['EulerDiscreteScheduler', createEuler],
  ['FlowMatchEulerDiscreteScheduler', createFlowMatchEuler],
  ['LCMScheduler', createLcm],
  ['PNDMScheduler', createPndm],
  ['TCDScheduler', createTcd],
]);

/**
 * Makes the scheduler that a config names, for one run.
 * @throws ImageToImageError `model-unavailable` if the class or an option of the config is not supported;
 * `unsupported-parameter` if the model has fewer timesteps than steps are asked for, or `strength` leaves none of them.
 * RangeError if an option is not in its range.
 */
export function createScheduler(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const create = SCHEDULERS.get(config._class_name);
  if (create === undefined) return refuseConfig(config, '_class_name', [...SCHEDULERS.keys()].join(', '));
  assertRanges(options);
  assertSteps(config, options);
  const scheduler = create(config, options);
  if (scheduler.timesteps.length === 0) refuseStrength(options);
  return scheduler;
}

function assertRanges({ steps, strength = 1, eta = 0, mu = 0 }: SchedulerOptions): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`steps must be a positive whole number, not ${steps}.`);
  if (!(strength > 0 && strength <= 1))
    throw new RangeError(`strength must be above 0 and at most 1, not ${strength}.`);
  if (!(eta >= 0 && eta <= 1)) throw new RangeError(`eta must be 0 to 1, not ${eta}.`);
  if (!Number.isFinite(mu)) throw new RangeError(`mu must be finite, not ${mu}.`);
}

function assertSteps(config: SchedulerConfig, options: SchedulerOptions): void {
  const { steps } = options;
  const available = readCount(config, 'num_train_timesteps', 1000);
  if (steps > available) {
    throw new ImageToImageError({
      code: 'unsupported-parameter',
      phase: 'validate',
      message: `This model has ${available} timesteps, not ${steps}. Ask for fewer steps.`,
      details: { steps, available },
    });
  }
  // PNDM would have a timestep left: half of a step.
  if (options.cut !== 'training-grid' && beginIndex(options) === steps) refuseStrength(options);
}

function refuseStrength({ steps, strength = 1 }: SchedulerOptions): never {
  throw new ImageToImageError({
    code: 'unsupported-parameter',
    phase: 'validate',
    message: `A strength of ${strength} leaves nothing to do of ${steps} steps. Ask for more steps or more strength.`,
    details: { steps, strength },
  });
}
