import type { Picture } from '../../contract/picture.js';
import { hasTransparency } from './alpha.js';
import { type Filter, lanczosFilter } from './lanczos.js';

/** Some finished rows of a resized picture. */
export interface ResizedRows {
  /** First row of the band in the result. */
  readonly y: number;
  /** Number of rows, 1 to 32: fewer where rows are long, so that a band takes about 10 ms. */
  readonly rows: number;
  /** `rows * width * 4` bytes, RGBA rows, alpha not premultiplied. Yours: nothing else holds it. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

const BAND_ROWS = 32;

/** Multiply-adds per band, about 10 ms: the caller may look after its events in between. One row is the least. */
const BAND_WORK = 12e6;

/**
 * Resamples a picture with Lanczos3, widened when shrinking so that nothing aliases; on sRGB values, as browsers and
 * Pillow do. Colours are weighted by their alpha where the picture has transparency, so hidden colours never bleed;
 * pixels that end with alpha 0 are 0, 0, 0, 0. The same size gives an exact copy. Each side's ratio is its own.
 *
 * Works row by row: besides the bands it holds about 8 rows of floats, never a float copy of the picture.
 * @param width Width of the result in pixels, at least 1; `height` likewise.
 * @throws RangeError on the first step if a size is not a positive whole number, or `source.data` does not fit its
 * size.
 */
export function* resizeRows(source: Picture, width: number, height: number): Generator<ResizedRows, void, undefined> {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive whole number, not ${value}.`);
  }
  if (source.data.length !== source.width * source.height * 4) {
    throw new RangeError(`data is ${source.data.length} bytes, not ${source.width} x ${source.height} x 4.`);
  }
  if (width === source.width && height === source.height) return yield* copyRows(source);

  const channels = hasTransparency(source.data) ? 4 : 3;
  const across = lanczosFilter(source.width, width);
  const down = lanczosFilter(source.height, height);
  const rowWork = across.weights.length * channels;
  const blendWork = width * channels * Math.min(down.taps, 7);
  const readRow = rowReader(source, across, channels);
  const makeRows = height > source.height ? gatherRows : scatterRows;

  let y = 0;
  let rows = 0;
  let work = 0;
  let data = new Uint8ClampedArray(Math.min(BAND_ROWS, height) * width * 4);
  for (const { row, sourceRows } of makeRows(readRow, down, width * channels)) {
    writeRow(row, channels, data, rows++ * width * 4);
    work += sourceRows * rowWork + blendWork;
    if (rows < BAND_ROWS && y + rows < height && work < BAND_WORK) continue;
    yield { y, rows, data: rows === data.length / (width * 4) ? data : data.slice(0, rows * width * 4) };
    y += rows;
    rows = 0;
    work = 0;
    if (y < height) data = new Uint8ClampedArray(Math.min(BAND_ROWS, height - y) * width * 4);
  }
}

/** Resamples a picture in one go, as {@link resizeRows} does. For small pictures: nothing else runs meanwhile. */
export function resize(source: Picture, width: number, height: number): Picture {
  const bands = [...resizeRows(source, width, height)];
  const data = new Uint8Array(width * height * 4);
  for (const band of bands) data.set(band.data, band.y * width * 4);
  return { width, height, data };
}

function* copyRows({ width, height, data }: Picture): Generator<ResizedRows, void, undefined> {
  for (let y = 0; y < height; y += BAND_ROWS) {
    const rows = Math.min(BAND_ROWS, height - y);
    yield { y, rows, data: new Uint8ClampedArray(data.subarray(y * width * 4, (y + rows) * width * 4)) };
  }
}

/**
 * Resamples one source row to the new width, into `out`: `channels` floats per pixel, premultiplied if there are four.
 */
type RowReader = (y: number, out: Float32Array) => void;

function rowReader(source: Picture, across: Filter, channels: 3 | 4): RowReader {
  const { width, data } = source;
  const line = new Float32Array(width * channels);
  return (y, out) => {
    let from = y * width * 4;
    if (channels === 3) {
      for (let at = 0; at < line.length; at += 3, from += 4) {
        line[at] = data[from]!;
        line[at + 1] = data[from + 1]!;
        line[at + 2] = data[from + 2]!;
      }
      filterOpaque(line, across, out);
    } else {
      for (let at = 0; at < line.length; at += 4, from += 4) {
        const alpha = data[from + 3]!;
        line[at] = data[from]! * alpha;
        line[at + 1] = data[from + 1]! * alpha;
        line[at + 2] = data[from + 2]! * alpha;
        line[at + 3] = alpha;
      }
      filterWithAlpha(line, across, out);
    }
  };
}

function filterOpaque(line: Float32Array, { first, start, weights }: Filter, out: Float32Array): void {
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    let [red, green, blue] = [0, 0, 0];
    const end = start[x + 1]!;
    for (let tap = start[x]!, at = first[x]! * 3; tap < end; tap++, at += 3) {
      const weight = weights[tap]!;
      red += weight * line[at]!;
      green += weight * line[at + 1]!;
      blue += weight * line[at + 2]!;
    }
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
  }
}

function filterWithAlpha(line: Float32Array, { first, start, weights }: Filter, out: Float32Array): void {
  for (let x = 0, to = 0; x < first.length; x++, to += 4) {
    let [red, green, blue, alpha] = [0, 0, 0, 0];
    const end = start[x + 1]!;
    for (let tap = start[x]!, at = first[x]! * 4; tap < end; tap++, at += 4) {
      const weight = weights[tap]!;
      red += weight * line[at]!;
      green += weight * line[at + 1]!;
      blue += weight * line[at + 2]!;
      alpha += weight * line[at + 3]!;
    }
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
    out[to + 3] = alpha;
  }
}

/** Result rows in order, each valid until the next step, and how many source rows were read for it. */
type RowSteps = Generator<{ readonly row: Float32Array; readonly sourceRows: number }, void, undefined>;

/** For growing: a ring of source rows; each result row gathers its at most six. */
function* gatherRows(readRow: RowReader, down: Filter, length: number): RowSteps {
  const ring = Array.from({ length: down.taps }, () => new Float32Array(length));
  const out = new Float32Array(length);
  let read = 0;
  for (let y = 0; y < down.first.length; y++) {
    const first = down.first[y]!;
    const count = down.start[y + 1]! - down.start[y]!;
    const sourceRows = Math.max(0, first + count - read);
    for (; read < first + count; read++) readRow(read, ring[read % down.taps]!);
    const tap = (index: number) => ring[(first + Math.min(index, count - 1)) % down.taps]!;
    const weight = (index: number) => (index < count ? down.weights[down.start[y]! + index]! : 0);
    const [r0, r1, r2, r3, r4, r5] = [tap(0), tap(1), tap(2), tap(3), tap(4), tap(5)];
    const [w0, w1, w2, w3, w4, w5] = [weight(0), weight(1), weight(2), weight(3), weight(4), weight(5)];
    // One pass over six rows: four times as fast as six passes that each add one.
    for (let at = 0; at < length; at++) {
      out[at] = w0 * r0[at]! + w1 * r1[at]! + w2 * r2[at]! + w3 * r3[at]! + w4 * r4[at]! + w5 * r5[at]!;
    }
    yield { row: out, sourceRows };
  }
}

/**
 * For shrinking: each source row is added to the at most seven result rows it reaches; so memory does not grow with the
 * ratio.
 */
function* scatterRows(readRow: RowReader, down: Filter, length: number): RowSteps {
  const height = down.first.length;
  const sourceHeight = down.first[height - 1]! + down.start[height]! - down.start[height - 1]!;
  const line = new Float32Array(length);
  const open: Float32Array[] = [];
  const spare: Float32Array[] = [];
  let done = 0;
  let sourceRows = 0;
  for (let read = 0; read < sourceHeight; read++) {
    readRow(read, line);
    sourceRows++;
    for (let y = done; y < height && down.first[y]! <= read; y++) {
      if (y - done === open.length) open.push(spare.pop()?.fill(0) ?? new Float32Array(length));
      const sum = open[y - done]!;
      const weight = down.weights[down.start[y]! + read - down.first[y]!]!;
      for (let at = 0; at < length; at++) sum[at]! += weight * line[at]!;
    }
    while (done < height && read + 1 >= down.first[done]! + down.start[done + 1]! - down.start[done]!) {
      const sum = open.shift()!;
      yield { row: sum, sourceRows };
      sourceRows = 0;
      spare.push(sum);
      done++;
    }
  }
}

function writeRow(row: Float32Array, channels: 3 | 4, data: Uint8ClampedArray, start: number): void {
  let to = start;
  if (channels === 3) {
    for (let at = 0; at < row.length; at += 3, to += 4) {
      data[to] = row[at]!;
      data[to + 1] = row[at + 1]!;
      data[to + 2] = row[at + 2]!;
      data[to + 3] = 255;
    }
    return;
  }
  for (let at = 0; at < row.length; at += 4, to += 4) {
    const alpha = row[at + 3]!;
    data[to + 3] = alpha;
    if (data[to + 3] === 0) continue;
    data[to] = row[at]! / alpha;
    data[to + 1] = row[at + 1]! / alpha;
    data[to + 2] = row[at + 2]! / alpha;
  }
}
