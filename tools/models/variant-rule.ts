import type { Dtype } from '../../src/contract/manifest.ts';
import type { Measured } from './measure-model.ts';

/** A variant stands for its model if it stays this near to float32 on every picture: errors then hide in rounding. */
const LEAST_PSNR_DB = 45;
/** A second file, for WASM alone, is worth its bytes if it is this many times as fast. */
const WORTH_A_SECOND_FILE = 1.5;
/** Tiles may differ from the whole picture by rounding only. */
const MOST_TILE_LEVELS = 1;
/** All feed-forward files together: the 6 MB of the package, less what the prompt editor has and later models need. */
export const MOST_BYTES = 4_400_000;

/** One model's measurements; the rule reads them in the catalogue's order. */
export interface MeasuredModel {
  readonly id: string;
  readonly variants: readonly Measured[];
}

/** What the rule of docs/models.md ships: `w8` of every model, and `u8` where it pays, while there is room. */
export function shippedByRule(models: readonly MeasuredModel[]): ReadonlyMap<string, readonly Dtype[]> {
  const chosen = models.map(({ id, variants }) => ({ id, w8: faithfulW8(id, variants), u8: worthwhileU8(variants) }));
  let bytes = chosen.reduce((sum, { w8 }) => sum + w8.sizeBytes, 0);
  return new Map(
    chosen.map(({ id, u8 }) => {
      if (!u8 || bytes + u8.sizeBytes > MOST_BYTES) return [id, ['w8']];
      bytes += u8.sizeBytes;
      return [id, ['w8', 'u8']];
    }),
  );
}

function faithfulW8(id: string, variants: readonly Measured[]): Measured {
  const w8 = variants.find(({ dtype }) => dtype === 'w8');
  if (!w8 || !isGood(w8)) throw new Error(`No variant of ${id} for all devices is faithful enough to ship.`);
  return w8;
}

function worthwhileU8(variants: readonly Measured[]): Measured | undefined {
  return variants.find((one) => one.dtype === 'u8' && isGood(one) && one.speedRatio >= WORTH_A_SECOND_FILE);
}

function isGood({ psnrMinDb, tileLevels }: Measured): boolean {
  return psnrMinDb >= LEAST_PSNR_DB && tileLevels <= MOST_TILE_LEVELS;
}
