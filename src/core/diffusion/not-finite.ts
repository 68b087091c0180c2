import { ImageToImageError } from '../../contract/errors.js';
import type { Stage } from '../../contract/manifest.js';
import type { Floats } from './networks.js';

/**
 * Refuses what a network gave if a single number of it is NaN or infinite: half-precision graphs overflow on some models and
 * devices, and all that follows would be black.
 * @throws ImageToImageError `inference-failed` with `details.reason` `not-finite` and `details.stage`.
 */
export function assertFinite(data: Floats['data'], stage: Stage): void {
  if (data.every(Number.isFinite)) return;
  throw new ImageToImageError({
    code: 'inference-failed',
    phase: 'run',
    message:
      `The model's ${stage} gave numbers that are not finite: its sums overflowed. ` +
      "Pass another dtype (mostly dtype: 'f32'), or device: 'wasm'.",
    details: { reason: 'not-finite', stage },
  });
}
