/**
 * Root mean square of the difference between two devices, in levels, beyond which one is wrong. The same file differs by less than
 * 1; a model's file for WASM and that for WebGPU, rounded in different ways, by up to 2.
 */
const MAX_DIFFERENCE_RMS = 6;

/** A square tile with slopes, edges and noise as RGBA rows, the same every time: on it devices are timed and held against each other. */
export function probeTile(sidePx: number): Uint8Array<ArrayBuffer> {
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
  return data;
}

/** Whether two devices gave the same picture, but for rounding. Both are RGBA rows. */
export function samePixels(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (!a || a.length !== b?.length) return false;
  let squares = 0;
  for (let at = 0; at < a.length; at++) squares += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return Math.sqrt(squares / a.length) <= MAX_DIFFERENCE_RMS;
}
