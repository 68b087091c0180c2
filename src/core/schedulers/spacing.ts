import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readChoice } from './read-config.js';

/** How timesteps are spread over the training's: with both ends, from the low end, from the high end. */
export type TimestepSpacing = 'linspace' | 'leading' | 'trailing';

/** What timesteps are made from. */
export interface SpacingOptions {
  readonly spacing: TimestepSpacing;
  /** At least 1. */
  readonly steps: number;
  readonly trainTimesteps: number;
  /** `steps_offset`, added to `leading` ones. */
  readonly offset: number;
}

/** @throws ImageToImageError `model-unavailable` if the spacing is unknown. */
export function readSpacing(config: SchedulerConfig, fallback: TimestepSpacing): TimestepSpacing {
  return readChoice(config, 'timestep_spacing', ['linspace', 'leading', 'trailing'], fallback);
}

/** As numpy and Python round: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** `count` numbers from `start` to `end`, both included; `start` alone for one. */
export function linearSpace(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1);
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return start;
    return i === count - 1 ? end : start + i * step;
  });
}

/** Falling timesteps, fractional with `linspace` only. */
export function spaceTimesteps({ spacing, steps, trainTimesteps, offset }: SpacingOptions): number[] {
  if (spacing === 'linspace') return linearSpace(0, trainTimesteps - 1, steps).reverse();
  if (spacing === 'trailing') return trailingTimesteps(trainTimesteps, trainTimesteps / steps);
  const stride = Math.floor(trainTimesteps / steps);
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + offset);
}

/**
 * `round(arange(from, 0, -stride)) - 1`. For some numbers of steps (61 of 1000) numpy's count is one too many, and diffusers then
 * runs a timestep of -1; here that one is left out.
 */
export function trailingTimesteps(from: number, stride: number): number[] {
  // numpy adds multiples of the difference of its first two values; the last bit of it decides how halves are rounded.
  const step = from - stride - from;
  const timesteps = Array.from({ length: Math.ceil(from / stride) }, (_, i) => roundHalfEven(from + i * step) - 1);
  return timesteps.filter((timestep) => timestep >= 0);
}
