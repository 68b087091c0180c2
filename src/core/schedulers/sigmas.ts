import { linearSpace } from './spacing.js';
import { entryAt } from './vectors.js';

/** Exponent of the spacing by Karras et al. (2022). */
const KARRAS_RHO = 7;

/** The smallest positive float16. The last ᾱ of a schedule rescaled to zero SNR is set to it where σ has to stay finite. */
export const LEAST_ALPHA: number = 2 ** -24;

/** Sigmas and the timesteps they belong to. */
export interface SigmaSchedule {
  /** All timesteps, before `strength` is applied; falling. */
  readonly timesteps: readonly number[];
  /** One per timestep, and the one that the last step leads to. */
  readonly sigmas: readonly number[];
}

/** σ = √((1 - ᾱ) / ᾱ), the noise's standard deviation over the picture's share. */
export function sigmasOf(alphas: Float64Array): Float64Array {
  return alphas.map((alpha) => Math.sqrt((1 - alpha) / alpha));
}

/** The table's value at a fractional index; beyond its ends, the end's. */
export function interpolate(table: ArrayLike<number>, index: number): number {
  const within = Math.min(Math.max(index, 0), table.length - 1);
  const below = Math.floor(within);
  const low = entryAt(table, below);
  return below === within ? low : low + (within - below) * (entryAt(table, below + 1) - low);
}

/** `count` sigmas from `from` to `to`, evenly spaced in their 7th root. */
export function karrasSigmas(from: number, to: number, count: number): number[] {
  return linearSpace(0, 1, count).map((ramp) => {
    const high = from ** (1 / KARRAS_RHO);
    return (high + ramp * (to ** (1 / KARRAS_RHO) - high)) ** KARRAS_RHO;
  });
}

/** `count` sigmas from `from` to `to`, evenly spaced in their logarithm. */
export function exponentialSigmas(from: number, to: number, count: number): number[] {
  return linearSpace(Math.log(from), Math.log(to), count).map(Math.exp);
}

/**
 * The fractional timestep whose σ this is, by logarithms.
 * @param sigmas By timestep, rising.
 */
export function timestepOfSigma(sigma: number, sigmas: ArrayLike<number>): number {
  let below = 0;
  while (below < sigmas.length - 2 && entryAt(sigmas, below + 1) <= sigma) below++;
  const low = Math.log(entryAt(sigmas, below));
  const high = Math.log(entryAt(sigmas, below + 1));
  return below + Math.min(1, Math.max(0, (Math.log(sigma) - low) / (high - low)));
}
