import type { ProgressEvent, ProgressPhase } from 'tintype';
import type { ProgressStep } from './progress-line.js';
import { progressInWords } from './progress-words.js';

/** Where each phase begins and ends on the one bar. Running the tiles, or the steps, is nearly all of the work. */
const SPANS: Readonly<Record<ProgressPhase, readonly [number, number]>> = {
  queued: [0, 0],
  measure: [0, 0.02],
  decode: [0.02, 0.04],
  download: [0.04, 0.14],
  verify: [0.14, 0.15],
  compile: [0.15, 0.18],
  tiles: [0.18, 0.94],
  'text-encoder': [0.18, 0.2],
  'vae-encoder': [0.2, 0.24],
  denoise: [0.24, 0.88],
  'vae-decoder': [0.88, 0.94],
  resize: [0.94, 0.96],
  encode: [0.96, 1],
  // Nobody knows how long a service takes: the bar only tells that it goes on.
  upload: [0.1, 0.2],
  'loading-model': [0.2, 0.3],
  retrying: [0.2, 0.3],
  running: [0.3, 0.5],
};

/** For one call: its events, in order, as steps for the progress line. */
export function createRunProgress(): (event: ProgressEvent) => ProgressStep {
  let wasSent = false;
  return (event) => {
    const { phase, done, total } = event;
    wasSent ||= phase === 'upload';
    const [from, to] = SPANS[phase];
    const share = from + (to - from) * (total === 0 ? 1 : Math.min(1, done / total));
    return { share, words: progressInWords(event, wasSent) };
  };
}
