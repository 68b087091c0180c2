import { expect, test } from 'vitest';
import { keepSource, opaqueCopy } from './keep-source.js';
import { readMask } from './mask.js';

const rgba = (...pixels: readonly (readonly [number, number, number, number])[]) => ({
  width: pixels.length,
  height: 1,
  data: Uint8Array.from(pixels.flat()),
});

test("an edit gets the source's alpha, and its pixels where the mask is dark", () => {
  const source = rgba([1, 2, 3, 255], [4, 5, 6, 100], [7, 8, 9, 0]);
  const edited = rgba([50, 50, 50, 255], [60, 60, 60, 255], [70, 70, 70, 255]);
  keepSource(edited, source, readMask(rgba([255, 255, 255, 255], [0, 0, 0, 255], [128, 128, 128, 255])));
  expect([...edited.data]).toEqual([50, 50, 50, 255, 4, 5, 6, 100, 70, 70, 70, 0]);
});

test('without a mask only alpha comes back', () => {
  const edited = rgba([50, 50, 50, 255]);
  keepSource(edited, rgba([1, 2, 3, 9]), undefined);
  expect([...edited.data]).toEqual([50, 50, 50, 9]);
});

test('an opaque copy leaves the picture as it is', () => {
  const picture = rgba([1, 2, 3, 4]);
  expect([...opaqueCopy(picture).data]).toEqual([1, 2, 3, 255]);
  expect(picture.data[3]).toBe(4);
});
