import type { Picture } from '../../contract/picture.js';
import type { Mask } from './mask.js';

/**
 * Puts back into an edited picture what an edit must not touch: the source's alpha everywhere, and outside the mask the source's
 * pixels, byte for byte. Changes `edited`; all have the same size.
 */
export function keepSource(edited: Picture, source: Picture, mask: Mask | undefined): void {
  const to = edited.data;
  const from = source.data;
  for (let at = 0; at < to.length; at += 4) {
    if (mask && mask.data[at / 4] !== 1) to.set(from.subarray(at, at + 4), at);
    else to[at + 3] = from[at + 3] ?? 255;
  }
}

/** The picture with every pixel opaque; colours stay. */
export function opaqueCopy(picture: Picture): Picture {
  const data = picture.data.slice();
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { width: picture.width, height: picture.height, data };
}
