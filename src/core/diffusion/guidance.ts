import type { DiffusionManifest } from '../../contract/manifest.js';
import type { Floats } from './networks.js';

/**
 * What one row of a guided step is told: `text`: the prompt (and the picture); `negative`: the negative prompt; `image`:
 * the picture and the negative prompt; `uncond`: the negative prompt and no picture.
 */
export type GuidanceRow = 'text' | 'negative' | 'image' | 'uncond';

/** How strongly a step follows the prompt and the picture. */
export interface GuidanceScales {
  readonly guidanceScale: number;
  /** InstructPix2Pix only. */
  readonly imageGuidanceScale: number;
}

/**
 * The rows that each step asks the U-Net for, in diffusers' order. One row is without guidance: at a scale of 1 or less
 * (InstructPix2Pix: also at a picture scale below 1), and where the graph takes the scale as an embedding. At a picture scale of
 * exactly 1 the unconditional row cancels out of the sum, so it is never computed.
 */
export function guidanceRows(
  model: Pick<DiffusionManifest, 'family' | 'unet'>,
  { guidanceScale, imageGuidanceScale }: GuidanceScales,
): readonly GuidanceRow[] {
  if (!(guidanceScale > 1) || model.unet.timeCondProjDim !== null) return ['text'];
  if (model.family !== 'instruct-pix2pix') return ['negative', 'text'];
  if (imageGuidanceScale < 1) return ['text'];
  return imageGuidanceScale === 1 ? ['text', 'image'] : ['text', 'image', 'uncond'];
}

/**
 * One output from those of all rows: classifier-free guidance, for InstructPix2Pix with two scales (Brooks et al., 2023, eq. 3).
 * @param rows As {@link guidanceRows} gave them.
 * @param outputs One per row, in the same order, of the same length.
 */
export function combineRows(
  rows: readonly GuidanceRow[],
  outputs: readonly Floats['data'][],
  { guidanceScale, imageGuidanceScale }: GuidanceScales,
): Floats['data'] {
  const outputOf = (row: GuidanceRow): Floats['data'] => {
    const output = outputs[rows.indexOf(row)];
    if (output === undefined) throw new Error(`The U-Net gave no output for row "${row}".`);
    return output;
  };
  const text = outputOf('text');
  if (rows.length === 1) return text;
  const guided = new Float32Array(text.length);
  if (rows.length === 2) {
    const without = outputOf(rows.includes('image') ? 'image' : 'negative');
    for (let at = 0; at < guided.length; at++) {
      const base = without[at] as number;
      guided[at] = base + guidanceScale * ((text[at] as number) - base);
    }
    return guided;
  }
  const image = outputOf('image');
  const uncond = outputOf('uncond');
  for (let at = 0; at < guided.length; at++) {
    const withImage = image[at] as number;
    const base = uncond[at] as number;
    guided[at] = base + guidanceScale * ((text[at] as number) - withImage) + imageGuidanceScale * (withImage - base);
  }
  return guided;
}
