import { describe, expect, it } from 'vitest';
import { networkOf } from './build-model.ts';
import { drawPicture, toPlanes } from './drawn-picture.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { writeOnnx } from './onnx-file.ts';
import { receptiveFieldRadius } from './receptive-field.ts';
import { runPlanes } from './wasm-session.ts';

const SIZE = { width: 48, height: 48 };
/** One model of each architecture; weights make no difference to the graph. */
const IDS = [
  'tintype-sr-x2',
  'tintype-sr-x3',
  'tintype-sr-x4',
  'tintype-restore',
  'tintype-style-scream',
  'esrgan-slim-x2',
  'esrgan-slim-x3',
  'esrgan-slim-x4',
  'esrgan-medium-x2',
];

describe('receptiveFieldRadius', () => {
  it.each(IDS)('is what a changed pixel reaches in %s', { timeout: 60_000 }, async (id) => {
    const spec = MODEL_SPECS.find((one) => one.id === id);
    if (!spec) throw new Error(`${id} is not in model-specs.ts.`);
    const network = networkOf(spec);
    const radius = receptiveFieldRadius(network, spec.scale);
    const file = writeOnnx(network);
    const planes = toPlanes(drawPicture(SIZE.width, SIZE.height));
    const before = await runPlanes(file, planes, SIZE);
    let reached = 0;
    for (const at of [23, 24]) {
      const changed = planes.slice();
      const pixel = at * SIZE.width + at;
      for (let channel = 0; channel < 3; channel++)
        changed[channel * SIZE.width * SIZE.height + pixel] = 255 * (channel % 2);
      const after = await runPlanes(file, changed, SIZE);
      reached = Math.max(reached, farthestChange(before, after, spec.scale, at));
    }
    expect(reached).toBeLessThanOrEqual(radius);
    expect(reached).toBeGreaterThanOrEqual(radius - 1);
  });
});

/** Largest distance, in input pixels along an axis, from pixel `(at, at)` to an output value that changed at all. */
function farthestChange(before: Float32Array, after: Float32Array, scale: number, at: number): number {
  const width = SIZE.width * scale;
  const area = width * SIZE.height * scale;
  let farthest = 0;
  for (let index = 0; index < before.length; index++) {
    if (before[index] === after[index]) continue;
    const x = Math.floor((index % width) / scale);
    const y = Math.floor(Math.floor((index % area) / width) / scale);
    farthest = Math.max(farthest, Math.abs(x - at), Math.abs(y - at));
  }
  return farthest;
}
