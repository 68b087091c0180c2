/** Which source pixels make up each result pixel of one axis, and how much each counts. */
export interface Filter {
  /** First source pixel per result pixel. */
  readonly first: Int32Array;
  /** Where each result pixel's weights begin in `weights`; one entry more than there are result pixels. */
  readonly start: Int32Array;
  /** Weights; they sum to 1 per result pixel. */
  readonly weights: Float64Array;
  /** Most weights that any result pixel has. */
  readonly taps: number;
}

const LOBES = 3;

/**
 * Weights of Lanczos3 from `from` to `to` pixels, widened when shrinking. Weights of sources outside are dropped and
 * the rest scaled up, as Pillow does: an edge neither darkens nor repeats.
 */
export function lanczosFilter(from: number, to: number): Filter {
  const ratio = from / to;
  const widening = Math.max(1, ratio);
  const reach = LOBES * widening;
  const first = new Int32Array(to);
  const start = new Int32Array(to + 1);
  const weights = new Float64Array(to * Math.min(from, Math.ceil(2 * reach) + 1));
  let length = 0;
  let taps = 0;
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * ratio;
    let low = Math.max(0, Math.floor(centre - reach + 0.5));
    let high = Math.min(from, Math.floor(centre + reach + 0.5));
    const weigh = (at: number) => lanczos((at + 0.5 - centre) / widening);
    // Zeros at the ends, up to rounding: with equal lengths only one weight remains, and it is 1.
    while (high - low > 1 && Math.abs(weigh(low)) < 1e-9) low++;
    while (high - low > 1 && Math.abs(weigh(high - 1)) < 1e-9) high--;
    let sum = 0;
    for (let at = low; at < high; at++) sum += weigh(at);
    for (let at = low; at < high; at++) weights[length++] = weigh(at) / sum;
    first[index] = low;
    start[index + 1] = length;
    taps = Math.max(taps, high - low);
  }
  return { first, start, weights: weights.slice(0, length), taps };
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
