import type { Picture } from '../../contract/picture.js';
import type { Floats } from './networks.js';

/** Byte -> -1 to 1, rounded to float32 after each operation, as diffusers' numbers are. */
const FROM_BYTE = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(byte / 255) * 2 - 1);

/** A picture as a VAE encoder takes it: `[1, 3, height, width]`, -1 to 1. Alpha is ignored. */
export function pictureToPixels({ width, height, data }: Picture): Floats {
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < plane; at++) out[channel * plane + at] = FROM_BYTE[data[at * 4 + channel] ?? 0] ?? 0;
  }
  return { dims: [1, 3, height, width], data: out };
}

/**
 * What a VAE decoder gave, as a picture: clamped, rounded half to even, alpha 255.
 * @param pixels `[1, 3, height, width]`, -1 to 1; NaN becomes 0.
 */
export function pixelsToPicture({ dims, data }: Floats): Picture {
  const [, , height = 0, width = 0] = dims;
  const plane = width * height;
  // Stores to a clamped array round half to even and clamp by themselves, as numpy's round and clip do.
  const bytes = new Uint8ClampedArray(plane * 4).fill(255);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < plane; at++) {
      const value = data[channel * plane + at] ?? 0;
      bytes[at * 4 + channel] = Math.fround(Math.fround(value / 2 + 0.5) * 255);
    }
  }
  return { width, height, data: new Uint8Array(bytes.buffer) };
}
