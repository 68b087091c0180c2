// What the test of the prompt editor measures on pictures.
import type { Picture } from './png-picture.ts';
import { combined, gauss, greyOf, type Planes, TRUE_EDITS } from './true-edits.ts';

/** Bytes as 0..1. */
export function toPlanes({ width, height, rgba }: Picture): Planes {
  const area = width * height;
  const data = Float32Array.from({ length: 3 * area }, (_, at) => rgba[(at % area) * 4 + Math.floor(at / area)]! / 255);
  return { width, height, data };
}

/**
 * What is compared to find the nearest edit: the slightly blurred colours, and how much fine texture there is around. Plain distance
 * would not know random noise: another draw of it is farther away than none.
 */
export function describePlanes(picture: Planes): Float32Array {
  const soft = gauss(picture, 1.2);
  const fine = combined(greyOf(picture), greyOf(soft), (value, around) => (value - around) ** 2);
  const energy = gauss(fine, 4);
  const area = picture.width * picture.height;
  return Float32Array.from([
    ...soft.data,
    ...energy.data.subarray(0, area).map((value) => 3 * Math.sqrt(value + 1e-6)),
  ]);
}

/** {@link describePlanes} of every true edit of a picture. */
export function allTruths(picture: Planes): ReadonlyMap<string, Float32Array> {
  return new Map([...TRUE_EDITS].map(([name, apply]) => [name, describePlanes(apply(picture))]));
}

/** Name of the edit whose truth is nearest. */
export function nearest(result: Float32Array, truths: ReadonlyMap<string, Float32Array>): string {
  const distances = [...truths].map(([name, truth]): [string, number] => [
    name,
    truth.reduce((sum, value, at) => sum + (value - result[at]!) ** 2, 0),
  ]);
  return distances.reduce((least, one) => (one[1] < least[1] ? one : least))[0];
}

/** Standard deviation of what a slight blur takes away. */
export function texture(picture: Planes): number {
  const grey = greyOf(picture);
  const fine = combined(grey, gauss(grey, 1.2), (value, soft) => value - soft);
  return Math.sqrt(mean(fine.data.map((value) => value ** 2)));
}

/** Mean of blue less that of red and green. */
export function blueness({ data, width, height }: Planes): number {
  const area = width * height;
  const [red, green, blue] = [0, 1, 2].map((plane) => mean(data.subarray(plane * area, (plane + 1) * area)));
  return blue! - (red! + green!) / 2;
}

/** Mean distance from grey. */
export function colourOf(picture: Planes): number {
  return mean(combined(picture, greyOf(picture), (value, light) => Math.abs(value - light)).data);
}

/** Peak signal-to-noise ratio in dB. */
export function psnrOf(picture: Planes, truth: Planes): number {
  return -10 * Math.log10(mean(combined(picture, truth, (value, wanted) => (value - wanted) ** 2).data));
}

export function mean(values: Float32Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
