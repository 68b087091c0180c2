import type { Estimate } from 'tintype';
import { bytesInWords, megapixelsInWords, workInWords } from './words.js';

/** A run that needs more than this of anything waits to be asked for. */
const AUTO_RUN = { seconds: 20, outputPixels: 40_000_000, peakBytes: 1_000_000_000 } as const;

/**
 * Why a run should not begin by itself, in words; undefined if it may.
 * @param isSlowDevice Whether the chosen device is known to be far slower than an estimate assumes.
 */
export function hurdleOf({ seconds, basis, output, peakBytes }: Estimate, isSlowDevice: boolean): string | undefined {
  const pixels = output.width * output.height;
  const isLong = seconds !== undefined && seconds > AUTO_RUN.seconds;
  if (isLong || pixels > AUTO_RUN.outputPixels || peakBytes > AUTO_RUN.peakBytes) {
    const work = seconds === undefined ? '' : `, after ${workInWords(seconds * 1000)}`;
    return `This would give ${megapixelsInWords(pixels)}${work}, with ${bytesInWords(peakBytes)} of memory.`;
  }
  // Once it was measured, the seconds above tell.
  if (basis === 'assumed' && isSlowDevice) {
    return 'The graphics adapter is emulated in software here: this may take many minutes.';
  }
  return undefined;
}
