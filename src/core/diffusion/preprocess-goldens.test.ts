import { describe, expect, it } from 'vitest';
import {
  RecordedTensors,
  type RgbaPicture,
  readFixtureJson,
  type TensorEntry,
} from '../../../fixtures/diffusion/read-fixtures.js';
import { readMask, shrinkMask } from './mask.js';
import { pictureToPixels, pixelsToPicture } from './pixels.js';
import { resizeAsPillow } from './resize-as-pillow.js';

// Against what Pillow, numpy and torch made of the same pictures.

interface Goldens {
  readonly bin: string;
  readonly tensors: readonly TensorEntry[];
  readonly resize: readonly {
    readonly src: string;
    readonly channels: number;
    readonly to: Size;
    readonly out: string;
  }[];
  readonly preprocess: readonly {
    readonly src: string;
    readonly from: Size;
    readonly to: Size;
    readonly out: string;
  }[];
  readonly masks: readonly {
    readonly src: string;
    readonly to: Size;
    readonly binary: string;
    readonly factor: number;
    readonly latent: string;
  }[];
  readonly nearest: readonly { readonly src: string; readonly to: Size; readonly out: string }[];
  readonly normalize_u8: string;
  readonly round: { readonly in: string; readonly out: string };
}

/** Width, height. */
type Size = readonly [number, number];

const goldens = readFixtureJson<Goldens>('image-preprocess.json');
const tensors = new RecordedTensors(goldens.bin, goldens.tensors);

function differences(actual: ArrayLike<number>, expected: ArrayLike<number>): number[] {
  expect(actual.length).toBe(expected.length);
  return Array.from(actual, (value, at) => Math.abs(value - (expected[at] ?? Number.NaN)));
}

describe('resizeAsPillow', () => {
  it.each(goldens.resize.filter(({ channels }) => channels < 4))(
    '$out is within one level of Pillow',
    ({ src, to, out }) => {
      const resized = resizeAsPillow(tensors.picture(src), ...to);
      expect(Math.max(...differences(resized.data, tensors.picture(out).data))).toBeLessThanOrEqual(1);
    },
  );

  // Of colours nothing is claimed: Pillow multiplies them by alpha once, in bytes. Models get pictures without alpha.
  it.each(goldens.resize.filter(({ channels }) => channels === 4))('$out: alpha', ({ src, to, out }) => {
    const alphaOf = ({ data }: RgbaPicture) => data.filter((_, at) => at % 4 === 3);
    const resized = resizeAsPillow(tensors.picture(src), ...to);
    expect(Math.max(...differences(alphaOf(resized), alphaOf(tensors.picture(out))))).toBeLessThanOrEqual(1);
  });
});

describe('pixels', () => {
  it('bytes become the very same floats', () => {
    const row = { width: 256, height: 1, data: Uint8Array.from({ length: 1024 }, (_, at) => at >> 2) };
    const { dims, data } = pictureToPixels(row);
    expect(dims).toEqual([1, 3, 1, 256]);
    const expected = tensors.floats(goldens.normalize_u8);
    for (let channel = 0; channel < 3; channel++) {
      expect(data.slice(channel * 256, channel * 256 + 256)).toEqual(expected);
    }
  });

  it.each(goldens.preprocess)('$src: planes in the right order', ({ src, from, to, out }) => {
    const { dims, data } = pictureToPixels(resizeAsPillow(tensors.picture(src), ...to));
    expect(dims).toEqual(tensors.get(out).shape);
    const level = from.join() === to.join() ? 0 : 2 / 255 + 1e-6;
    expect(Math.max(...differences(data, tensors.floats(out)))).toBeLessThanOrEqual(level);
  });

  it('floats become the very same bytes: ties go to the even one', () => {
    const values = tensors.floats(goldens.round.in);
    const data = new Float32Array(3 * values.length);
    for (let channel = 0; channel < 3; channel++) data.set(values, channel * values.length);
    const picture = pixelsToPicture({ dims: [1, 3, 1, values.length], data });
    const expected = tensors.get(goldens.round.out).data;
    expect(picture).toMatchObject({ width: values.length, height: 1 });
    expect([...picture.data]).toEqual([...expected].flatMap((byte) => [byte, byte, byte, 255]));
  });
});

describe('masks', () => {
  it.each(goldens.masks)(
    '$src: resized, then grey, then two values, then nearest',
    ({ src, to, binary, factor, latent }) => {
      const [width, height] = to;
      const resized = resizeAsPillow(tensors.picture(src), width, height);
      const mask = readMask(resized);
      const expected = tensors.get(binary).data;
      const wrong = [...mask.data.keys()].filter((at) => mask.data[at] !== expected[at]);
      // Where Pillow has 127, one level decides.
      expect(wrong.filter((at) => resized.data[at * 4] !== 128)).toEqual([]);
      expect(wrong.length).toBeLessThanOrEqual(1);
      const small = shrinkMask(mask, width / factor, height / factor);
      expect(small.dims).toEqual([1, 1, height / factor, width / factor]);
      expect([...small.data]).toEqual([...tensors.get(latent).data]);
    },
  );

  it.each(goldens.nearest)('$src: nearest, whatever the ratio', ({ src, to, out }) => {
    const [width, height] = to;
    const { shape, data } = tensors.get(src);
    const [fromHeight = 0, fromWidth = 0] = shape;
    const small = shrinkMask({ width: fromWidth, height: fromHeight, data: Uint8Array.from(data) }, width, height);
    expect([...small.data]).toEqual([...tensors.get(out).data]);
  });
});
