import type { SchedulerConfig } from '../../contract/scheduler-config.js';
import { readChoice } from './read-config.js';

/** What the network foresees: the noise, `a * noise - b * original`, or the original. */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample';

/** A sum of multiples of a step's sample and of the network's output. */
export interface Mix {
  readonly sample: number;
  readonly output: number;
}

const ALL: readonly Prediction[] = ['epsilon', 'v_prediction', 'sample'];

/** @param supported What the scheduler class can follow. @throws ImageToImageError `model-unavailable` for any other. */
export function readPrediction(config: SchedulerConfig, supported: readonly Prediction[] = ALL): Prediction {
  return readChoice(config, 'prediction_type', supported, 'epsilon');
}

/** How the original is found in `sample = a * original + b * noise`, where `a² + b² = 1`. */
export function mixOriginal(prediction: Prediction, a: number, b: number): Mix {
  if (prediction === 'epsilon') return { sample: 1 / a, output: -b / a };
  if (prediction === 'v_prediction') return { sample: a, output: -b };
  return { sample: 0, output: 1 };
}

/** How the noise is found in `sample = a * original + b * noise`, where `a² + b² = 1`. */
export function mixNoise(prediction: Prediction, a: number, b: number): Mix {
  if (prediction === 'epsilon') return { sample: 0, output: 1 };
  if (prediction === 'v_prediction') return { sample: b, output: a };
  return { sample: 1 / b, output: -a / b };
}
