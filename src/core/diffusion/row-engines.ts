import type { DiffusionManifest } from '../../contract/manifest.js';
import { type EngineStock, planEngines } from '../workload.js';

/** Memory that all rows together may take in the U-Net; one row is run whatever it takes. */
const ROWS_BYTES = 2 ** 30;

/**
 * How many engines share the rows of each guided step: as many as the work is worth, there are rows, and memory holds. One where
 * nobody has measured the model.
 */
export function planRowEngines(
  {
    unetMacsPerPixel,
    unetActivationBytesPerPixel,
  }: Pick<DiffusionManifest, 'unetMacsPerPixel' | 'unetActivationBytesPerPixel'>,
  work: { readonly pixels: number; readonly rows: number; readonly steps: number },
  engines: EngineStock,
): number {
  if (unetMacsPerPixel === undefined || unetActivationBytesPerPixel === undefined) return 1;
  const worth = planEngines({ macsPerPixel: unetMacsPerPixel * work.rows * work.steps }, work.pixels, engines);
  const held = Math.floor(ROWS_BYTES / (unetActivationBytesPerPixel * work.pixels));
  return Math.max(1, Math.min(worth, work.rows, held));
}
