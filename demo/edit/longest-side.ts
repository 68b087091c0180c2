import type { TargetSize } from 'tintype';
import type { Size } from '../picture-viewport.js';

/** The wished longest side in pixels; undefined keeps the picture's size. */
export type LongestSide = number | undefined;

/** The size with that longest side and the picture's proportions, in whole pixels; undefined where the picture keeps its own. */
export function targetWithSide({ width, height }: Size, side: LongestSide): TargetSize | undefined {
  if (side === undefined) return undefined;
  const shrink = side / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
}
