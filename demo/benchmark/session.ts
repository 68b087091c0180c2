import { isImageToImageError } from 'tintype';
import { problemInWords } from '../problem-words.js';
import type { ProgressStep } from '../progress-line.js';
import { measurementInWords } from './benchmark-words.js';
import { type Measured, measure } from './measure.js';
import { expectedSeconds, type Measurement, TIMED_CALLS } from './plan.js';
import { drawTestPicture } from './test-picture.js';

/** How far a row has come. */
export type RowState =
  | { readonly state: 'waiting' | 'running' | 'cancelled' }
  | { readonly state: 'done'; readonly measured: Measured }
  | { readonly state: 'failed'; readonly problem: string; readonly code: string | undefined };

/** Who hears of a session. */
export interface SessionListeners {
  onRow(index: number, state: RowState): void;
  onProgress(step: ProgressStep): void;
}

/**
 * Measures one row after the other; what fails is told in its row. Returns at once when the signal is aborted: the rows that are
 * not done by then are `cancelled`.
 */
export async function runSession(
  plan: readonly Measurement[],
  signal: AbortSignal,
  { onRow, onProgress }: SessionListeners,
): Promise<void> {
  const pictures = new Map<string, Promise<Blob>>();
  const expected = plan.map(expectedSeconds);
  const whole = sum(expected);
  for (const [index, measurement] of plan.entries()) {
    const onCall = (call: number) => {
      const share = (sum(expected.slice(0, index)) + ((expected[index] ?? 0) * call) / (TIMED_CALLS + 1)) / whole;
      const what = `${index + 1} of ${plan.length}: ${measurementInWords(measurement)}`;
      const words = call === 0 ? `${what}: warming up` : `${what}: time ${call} of ${TIMED_CALLS}`;
      onProgress({ share, words });
    };
    if (!signal.aborted) onRow(index, { state: 'running' });
    onRow(index, await outcomeOf(measurement, { pictures, signal, onCall }));
  }
}

interface RowOptions {
  readonly pictures: Map<string, Promise<Blob>>;
  readonly signal: AbortSignal;
  readonly onCall: (call: number) => void;
}

async function outcomeOf(measurement: Measurement, { pictures, signal, onCall }: RowOptions): Promise<RowState> {
  if (signal.aborted) return { state: 'cancelled' };
  try {
    const { width, height } = measurement.picture;
    const key = `${width}x${height}`;
    const drawing = pictures.get(key) ?? drawTestPicture(measurement.picture, signal);
    pictures.set(key, drawing);
    const measured = await measure(measurement, { inputs: await drawing, signal, onCall });
    return { state: 'done', measured };
  } catch (caught) {
    if (signal.aborted) return { state: 'cancelled' };
    const { title, text } = problemInWords(caught);
    return {
      state: 'failed',
      problem: `${title}. ${text}`,
      code: isImageToImageError(caught) ? caught.code : undefined,
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
