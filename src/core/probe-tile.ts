import type { Tensor } from '../contract/tensor.js';

/** More levels than this between two devices on one pixel is an error, not rounding: right ones differ by 1 or 2. */
const MAX_DIFFERENCE = 8;

/** A tile with slopes, edges and noise, the same every time: on it devices are timed and held against each other. */
export function probeTile(sidePx: number): Tensor {
  const data = new Uint8Array(sidePx * sidePx * 4);
  let random = 0x9e3779b9;
  for (let at = 0; at < data.length; at += 4) {
    const x = (at / 4) % sidePx;
    const y = Math.floor(at / 4 / sidePx);
    // xorshift32
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    const edge = ((x >> 4) + (y >> 4)) % 2 === 0 ? 70 : 0;
    data[at] = (x * 2 + edge) % 256;
    data[at + 1] = (y * 2 + edge + (random & 15)) % 256;
    data[at + 2] = ((x + y) % 128) + (random & 63);
    data[at + 3] = 255;
  }
  return { dtype: 'uint8', dims: [1, sidePx, sidePx, 4], data };
}

/** Whether two devices gave the same picture, but for rounding. */
export function samePixels(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!a || a.data.length !== b?.data.length) return false;
  return a.data.every((value, index) => Math.abs(value - (b.data[index] as number)) <= MAX_DIFFERENCE);
}
