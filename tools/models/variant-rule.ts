import type { Dtype } from '../../src/contract/manifest.ts';
import type { Measured } from './measure-model.ts';

/** A variant stands for its model if it stays this near to float32 on every picture: errors then hide in rounding. */
const LEAST_PSNR_DB = 45;
/** A larger variant becomes the default only if it is this many times as fast. */
const WORTH_A_LARGER_FILE = 1.15;
/** A variant that cannot be the default is shipped for those who ask for it if it is this many times as fast. */
const WORTH_A_SECOND_FILE = 1.55;
/** Tiles may differ from the whole picture by rounding only. */
const MOST_TILE_LEVELS = 1;
/** All shipped files together: 6 MB, less what the prompt editor and later models need. */
export const MOST_BYTES = 4_400_000;

/** One model's measurements; the rule reads them in the catalogue's order. */
export interface MeasuredModel {
  readonly id: string;
  readonly variants: readonly Measured[];
}

/** What the rule of docs/models.md ships: per model the default first, then what is shipped beside it. */
export function shippedByRule(models: readonly MeasuredModel[]): ReadonlyMap<string, readonly Dtype[]> {
  const chosen = models.map(({ id, variants }) => ({ id, variants, ...defaultVariant(id, variants) }));
  let bytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return new Map(
    chosen.map(({ id, variants, dtype, speedRatio }) => {
      const extra = variants.filter(
        (one) =>
          one.dtype !== 'f32' &&
          one.dtype !== dtype &&
          one.psnrMinDb >= LEAST_PSNR_DB &&
          one.speedRatio >= speedRatio * WORTH_A_SECOND_FILE &&
          bytes + one.sizeBytes <= MOST_BYTES,
      );
      for (const { sizeBytes } of extra) bytes += sizeBytes;
      return [id, [dtype, ...extra.map((one) => one.dtype)]];
    }),
  );
}

function defaultVariant(id: string, variants: readonly Measured[]): Measured {
  const fit = variants
    .filter(({ dtype }) => dtype !== 'f32')
    .filter(({ psnrMinDb, tileLevels }) => psnrMinDb >= LEAST_PSNR_DB && tileLevels <= MOST_TILE_LEVELS)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const [smallest, ...larger] = fit;
  if (!smallest) throw new Error(`No variant of ${id} is faithful enough to ship.`);
  return larger.find(({ speedRatio }) => speedRatio >= smallest.speedRatio * WORTH_A_LARGER_FILE) ?? smallest;
}
