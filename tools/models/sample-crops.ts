import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crop, decodePng, type Picture } from './png-picture.ts';

/** Side of the crops, in pixels. */
export const CROP_SIDE = 128;

/** The demo's own samples. */
export const SAMPLES: string = fileURLToPath(new URL('../../demo/public/samples/', import.meta.url));

/** Two crops of each PNG of a folder: its middle, and the quarter where its subject rarely is. */
export function readCrops(folder: string): Picture[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.png'));
  if (names.length === 0) throw new Error(`${folder} holds no PNG. Name a folder with pictures.`);
  return names.sort().flatMap((name) => {
    const picture = decodePng(readFileSync(join(folder, name)));
    return [2, 4].map((part) => {
      const left = Math.floor((picture.width - CROP_SIDE) / part);
      const top = Math.floor((picture.height - CROP_SIDE) / part);
      return crop(picture, left, top, { width: CROP_SIDE, height: CROP_SIDE });
    });
  });
}
