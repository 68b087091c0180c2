import { expect, it } from 'vitest';
import { hideMasked, readMask } from './mask.js';

function row(...pixels: readonly (readonly [number, number, number, number])[]) {
  return { width: pixels.length, height: 1, data: Uint8Array.from(pixels.flat()) };
}

it('greys of 128 and above may change', () => {
  const greys = [0, 127, 128, 255].map((grey) => [grey, grey, grey, 255] as const);
  expect([...readMask(row(...greys)).data]).toEqual([0, 0, 1, 1]);
});

it('colours count by their brightness, and alpha does not count', () => {
  const { data } = readMask(
    row([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 0], [0, 0, 0, 255]),
  );
  expect([...data]).toEqual([0, 1, 0, 1, 0]);
});

it('hidden pixels are grey in every channel, the others stay', () => {
  const mask = { width: 2, height: 1, data: Uint8Array.of(1, 0) };
  const pixels = { dims: [1, 3, 1, 2], data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) };
  expect(hideMasked(pixels, mask)).toEqual({ dims: [1, 3, 1, 2], data: Float32Array.of(0, 0.2, 0, 0.4, 0, 0.6) });
});
