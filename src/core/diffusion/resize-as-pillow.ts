import type { Picture } from '../../contract/picture.js';
import { resize } from '../image/resize.js';

/**
 * Resizes a picture or mask as diffusers does, for equal results: Lanczos across, then down, with bytes in between. Pillow clamps
 * there what overshoots at hard edges; {@link resize} clamps at the end only, which is up to 33 levels off in its goldens. Opaque
 * pictures come out within one level of Pillow's. Holds a picture of the new width and the old height meanwhile.
 */
export function resizeAsPillow(picture: Picture, width: number, height: number): Picture {
  return resize(resize(picture, width, picture.height), width, height);
}
