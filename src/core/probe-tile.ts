import type { Tensor } from '../contract/tensor.js';

/**
 * Root mean square of the difference between two devices, in levels, beyond which one is wrong. The same file differs by less than
 * 1; a model's file for WASM and that for WebGPU, rounded in different ways, by up to 2.
 */
const MAX_DIFFERENCE_RMS = 6;

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
  let squares = 0;
  for (let at = 0; at < a.data.length; at++) squares += ((a.data[at] as number) - (b.data[at] as number)) ** 2;
  return Math.sqrt(squares / a.data.length) <= MAX_DIFFERENCE_RMS;
}
