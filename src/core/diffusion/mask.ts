import type { Picture } from '../../contract/picture.js';
import type { Floats } from './networks.js';

/** Which pixels a model may change. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** `height * width` rows: 1 may change, 0 stays. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Reads a mask: pixels whose grey is 128 and above may change. Greys are Pillow's (ITU-R 601); alpha is ignored. */
export function readMask({ width, height, data }: Picture): Mask {
  const out = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < out.length; at++, from += 4) {
    const weighted = (data[from] ?? 0) * 19595 + (data[from + 1] ?? 0) * 38470 + (data[from + 2] ?? 0) * 7471;
    out[at] = (weighted + 0x8000) >> 16 >= 128 ? 1 : 0;
  }
  return { width, height, data: out };
}

/**
 * The mask at the latents' size: nearest neighbour towards the upper left, as torch's `interpolate` does it.
 * @returns `[1, 1, height, width]`, 0 or 1.
 */
export function shrinkMask(mask: Mask, width: number, height: number): Floats {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++) out[y * width + x] = mask.data[row + Math.floor((x * mask.width) / width)] ?? 0;
  }
  return { dims: [1, 1, height, width], data: out };
}

/** The pixels with those that may change at 0, which is mid grey. @param pixels `[1, channels, height, width]`. */
export function hideMasked(pixels: Floats, mask: Mask): Floats {
  const plane = mask.width * mask.height;
  return { dims: pixels.dims, data: pixels.data.map((value, at) => (mask.data[at % plane] === 1 ? 0 : value)) };
}
