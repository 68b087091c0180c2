import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readChoice, readCount, readFlag, readNumber, refuseConfig, refuseOptions } from './read-config.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import { karrasSigmas, type SigmaSchedule } from './sigmas.js';
import { linearSpace } from './spacing.js';
import { beginIndex } from './steps-after-strength.js';
import { entryAt, weightedSum } from './vectors.js';

/**
 * FlowMatchEulerDiscreteScheduler: the network foresees the velocity `noise - original`; σ is the share of noise.
 * @throws ImageToImageError `model-unavailable` if the config asks for what is not supported.
 */
export function createFlowMatchEuler(config: SchedulerConfig, options: SchedulerOptions): Scheduler {
  const { timesteps, sigmas } = flowMatchSchedule(config, options);
  const stochastic = readFlag(config, 'stochastic_sampling', false);
  const begin = beginIndex(options);
  return {
    timesteps: timesteps.slice(begin),
    initNoiseSigma: 1,
    scaleModelInput: (sample) => sample,
    addNoise(original, noise, index) {
      const sigma = entryAt(sigmas, begin + index);
      return weightedSum([1 - sigma, original], [sigma, noise]);
    },
    step(request) {
      const { index, output, sample } = request;
      const sigma = entryAt(sigmas, begin + index);
      const next = entryAt(sigmas, begin + index + 1);
      const original = weightedSum([1, sample], [-sigma, output]);
      const stepped = stochastic
        ? weightedSum([1 - next, original], [next, request.noise()])
        : weightedSum([1, sample], [next - sigma, output]);
      return { sample: stepped, original };
    },
  };
}

/** The whole schedule, before `strength` is applied. */
export function flowMatchSchedule(
  config: SchedulerConfig,
  options: Pick<SchedulerOptions, 'steps' | 'mu' | 'flowSigmas'>,
): SigmaSchedule {
  refuseOptions(config, ['invert_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas']);
  const { steps, mu, flowSigmas = 'config' } = options;
  const trainTimesteps = readCount(config, 'num_train_timesteps', 1000);
  const dynamic = readFlag(config, 'use_dynamic_shifting', false);
  if (dynamic && mu === undefined) refuseConfig(config, 'use_dynamic_shifting', 'false where no mu is given');
  const timeShift = readChoice(config, 'time_shift_type', ['exponential', 'linear'], 'exponential');
  const shift = readNumber(config, 'shift', 1);
  const shiftStatically = (sigma: number) => (shift * sigma) / (1 + (shift - 1) * sigma);

  const ends = [1, 1 / trainTimesteps].map((sigma) => (dynamic ? sigma : shiftStatically(sigma)));
  const even =
    flowSigmas === 'linspace'
      ? linearSpace(1, 1 / steps, steps)
      : linearSpace(entryAt(ends, 0), entryAt(ends, 1), steps);
  const weight = timeShift === 'linear' ? (mu ?? 0) : Math.exp(mu ?? 0);
  // The static shift is applied to the ends before and to all sigmas after, as diffusers does.
  let sigmas = even.map((sigma) => (dynamic ? weight / (weight + (1 / sigma - 1)) : shiftStatically(sigma)));
  sigmas = stretchToTerminal(config, sigmas);
  if (readFlag(config, 'use_karras_sigmas', false))
    sigmas = karrasSigmas(entryAt(sigmas, 0), entryAt(sigmas, steps - 1), steps);
  return { timesteps: sigmas.map((sigma) => sigma * trainTimesteps), sigmas: [...sigmas, 0] };
}

/** Stretches the sigmas so that the last becomes `shift_terminal`. */
function stretchToTerminal(config: SchedulerConfig, sigmas: readonly number[]): number[] {
  const terminal = config.shift_terminal === null ? 0 : readNumber(config, 'shift_terminal', 0);
  if (terminal === 0) return [...sigmas];
  const factor = (1 - terminal) / (1 - entryAt(sigmas, sigmas.length - 1));
  return sigmas.map((sigma) => 1 - (1 - sigma) * factor);
}

/** How many tokens a model shifts for least and most, and by how much. */
export interface FlowShift {
  readonly baseTokens: number;
  readonly maxTokens: number;
  readonly baseShift: number;
  readonly maxShift: number;
}

/** Flux's. */
const FLUX_SHIFT: FlowShift = { baseTokens: 256, maxTokens: 4096, baseShift: 0.5, maxShift: 1.15 };

/** `mu` for pictures of this many tokens: on the line through both ends, also beyond them. */
export function flowShiftMu(tokens: number, shift: FlowShift = FLUX_SHIFT): number {
  const slope = (shift.maxShift - shift.baseShift) / (shift.maxTokens - shift.baseTokens);
  return shift.baseShift + slope * (tokens - shift.baseTokens);
}
