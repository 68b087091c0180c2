import type { Picture } from '../../contract/picture.js';

/**
 * Fraction bits of a weight: 2^11 twice, times 255, times the weights' greatest absolute sum squared (1.25^2) stays
 * below 2^31.
 */
const BITS = 11;
const ONE = 1 << BITS;

/**
 * Writes the alpha of an enlarged picture: Catmull-Rom over the source's alpha, pixel centres aligned, clamped. All
 * sums are whole numbers, so that a result does not depend on how the output is cut into areas; where the 4 x 4 source
 * pixels around are alike it is exactly theirs, and `scale` 1 copies.
 * @param source The input picture; only its alpha is read.
 * @param scale Output pixels per source pixel and side, above 0.
 * @param area Part of the output in output pixels, inside `scale` times the source.
 * @param target RGBA bytes of the area; its colours are left as they are.
 * @throws RangeError if `target` is not `area.width * area.height * 4` bytes: a programming error.
 */
export function upsampleAlpha(
  source: Picture,
  scale: number,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  target: Uint8Array | Uint8ClampedArray,
): void {
  if (target.length !== area.width * area.height * 4) {
    throw new RangeError(`target is ${target.length} bytes, not ${area.width} x ${area.height} x 4.`);
  }
  if (area.width === 0 || area.height === 0) return;
  const across = listTaps(area.x, area.width, scale);
  const down = listTaps(area.y, area.height, scale);
  // Source columns that the area needs, as one row with its ends repeated, so that the inner loop needs no clamping.
  const firstColumn = across.first[0]!;
  const columns = across.first[area.width - 1]! + 4 - firstColumn;
  const row = new Int32Array(columns);
  for (let y = 0; y < area.height; y++) {
    const uniform = blendRows(source, down, y, firstColumn, row);
    const start = y * area.width * 4 + 3;
    if (uniform >= 0) {
      for (let x = 0, at = start; x < area.width; x++, at += 4) target[at] = uniform;
    } else {
      blendColumns(row, across, firstColumn, target, start);
    }
  }
}

/** For each output pixel of one axis, the first of its four source pixels (may lie outside) and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
}

function listTaps(from: number, length: number, scale: number): Taps {
  const first = new Int32Array(length);
  const weights = new Int32Array(4 * length);
  for (let index = 0; index < length; index++) {
    const centre = (from + index + 0.5) / scale - 0.5;
    const left = Math.floor(centre);
    const t = centre - left;
    const w0 = Math.round(ONE * t * (-0.5 + t * (1 - 0.5 * t)));
    const w2 = Math.round(ONE * t * (0.5 + t * (2 - 1.5 * t)));
    const w3 = Math.round(ONE * t * t * (-0.5 + 0.5 * t));
    first[index] = left - 1;
    weights.set([w0, ONE - w0 - w2 - w3, w2, w3], 4 * index);
  }
  return { first, weights };
}

/**
 * Blends four source rows into `row`, scaled by {@link ONE}.
 * @returns The alpha of the whole row if it is the same everywhere, else -1.
 */
function blendRows(source: Picture, down: Taps, y: number, firstColumn: number, row: Int32Array): number {
  const { width, height, data } = source;
  const top = down.first[y]!;
  const line = (offset: number) => Math.max(0, Math.min(height - 1, top + offset)) * width * 4 + 3;
  const [l0, l1, l2, l3] = [line(0), line(1), line(2), line(3)];
  const w0 = down.weights[4 * y]!;
  const w1 = down.weights[4 * y + 1]!;
  const w2 = down.weights[4 * y + 2]!;
  const w3 = down.weights[4 * y + 3]!;
  let differs = 0;
  const corner = data[l0 + 4 * Math.max(0, Math.min(width - 1, firstColumn))]!;
  for (let index = 0; index < row.length; index++) {
    const column = firstColumn + index;
    const at = 4 * (column < 0 ? 0 : column >= width ? width - 1 : column);
    const a0 = data[l0 + at]!;
    const a1 = data[l1 + at]!;
    const a2 = data[l2 + at]!;
    const a3 = data[l3 + at]!;
    differs |= (a0 ^ corner) | (a1 ^ corner) | (a2 ^ corner) | (a3 ^ corner);
    row[index] = w0 * a0 + w1 * a1 + w2 * a2 + w3 * a3;
  }
  return differs === 0 ? corner : -1;
}

function blendColumns(
  row: Int32Array,
  across: Taps,
  firstColumn: number,
  target: Uint8Array | Uint8ClampedArray,
  start: number,
): void {
  const { first, weights } = across;
  for (let x = 0, at = start; x < first.length; x++, at += 4) {
    const from = first[x]! - firstColumn;
    const w = 4 * x;
    const sum =
      Math.imul(weights[w]!, row[from]!) +
      Math.imul(weights[w + 1]!, row[from + 1]!) +
      Math.imul(weights[w + 2]!, row[from + 2]!) +
      Math.imul(weights[w + 3]!, row[from + 3]!);
    const alpha = (sum + (1 << (2 * BITS - 1))) >> (2 * BITS);
    target[at] = Math.max(0, Math.min(255, alpha));
  }
}
