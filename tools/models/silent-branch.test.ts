import { describe, expect, it } from 'vitest';
import { networkOf, readSource } from './build-model.ts';
import { drawPicture, toPlanes } from './drawn-picture.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { writeOnnx } from './onnx-file.ts';
import { runPlanes } from './wasm-session.ts';

const SIDE = 64;
const SIZE = { width: SIDE, height: SIDE };
const AREA = SIDE * SIDE;
/** tintype-style-starry-night's branch stirs under stripes of full contrast, about 9 px apart: 4.7 levels at most. */
const STRIPES_MOST_LEVELS = 5;

describe('replaceSilentConv', () => {
  describe.each(MODEL_SPECS.filter(({ silentConv }) => silentConv))('in $id', (spec) => {
    const published = writeOnnx(readSource(spec));
    const shipped = writeOnnx(networkOf(spec));

    it('leaves pictures, plain colours and noise as published, bit by bit', { timeout: 60_000 }, async () => {
      for (const planes of [toPlanes(drawPicture(SIDE, SIDE)), ...plainColours(), ...noise()]) {
        expect(await difference(published, shipped, planes)).toBe(0);
      }
    });

    it('leaves even stripes of full contrast nearly as published', { timeout: 60_000 }, async () => {
      for (const planes of stripes()) {
        expect(await difference(published, shipped, planes)).toBeLessThan(STRIPES_MOST_LEVELS);
      }
    });
  });
});

async function difference(published: Uint8Array, shipped: Uint8Array, planes: Float32Array): Promise<number> {
  const expected = await runPlanes(published, planes, SIZE);
  const actual = await runPlanes(shipped, planes, SIZE);
  return actual.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? 0))), 0);
}

function plainColours(): Float32Array[] {
  return Array.from({ length: 8 }, (_, corner) => fill((channel) => ((corner >> channel) & 1) * 255));
}

function stripes(): Float32Array[] {
  const waves = [
    [0.2, 0.08],
    [0.7, 0.56],
    [1.1, 0.44],
    [3.1, 1.2],
  ] as const;
  return waves.map(([fx, fy]) => fill((_, x, y) => (Math.sin(fx * x + fy * y) > 0 ? 255 : 0)));
}

function noise(): Float32Array[] {
  return [1, 4, 8].map((block) =>
    fill((channel, x, y) => {
      const seed = Math.floor(x / block) * 12.9898 + Math.floor(y / block) * 78.233 + channel;
      return Math.abs(Math.sin(seed) * 43758.5) % 256;
    }),
  );
}

/** Planes `[1, 3, SIDE, SIDE]`, 0..255. */
function fill(value: (channel: number, x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: 3 * AREA }, (_, at) =>
    value(Math.floor(at / AREA), at % SIDE, Math.floor((at % AREA) / SIDE)),
  );
}
