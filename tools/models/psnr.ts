import type { Picture } from './png-picture.ts';

/** Peak signal-to-noise ratio over R, G and B of two pictures of one size, in dB; infinite if they are equal. */
export function psnrDb(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height) throw new Error('The pictures have different sizes.');
  let sum = 0;
  for (let at = 0; at < a.rgba.length; at++) {
    if (at % 4 < 3) sum += ((a.rgba[at] ?? 0) - (b.rgba[at] ?? 0)) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * a.width * a.height * 3) / sum);
}
