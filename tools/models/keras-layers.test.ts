import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layersModelPath, networkOf } from './build-model.ts';
import { drawPicture, toPlanes } from './drawn-picture.ts';
import { convertKerasLayers } from './keras-layers.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { writeOnnx } from './onnx-file.ts';
import { runPlanes } from './wasm-session.ts';

const SIZE = { width: 14, height: 12 };
const MOST_LEVELS = 0.01;

describe('convertKerasLayers', () => {
  beforeAll(() => tf.setBackend('cpu'));

  for (const spec of MODEL_SPECS) {
    const { source } = spec;
    if (source.kind !== 'layers') continue;
    it(`gives TensorFlow.js's result for ${spec.id}`, { timeout: 60_000 }, async () => {
      const planes = toPlanes(drawPicture(SIZE.width, SIZE.height));
      const expected = await runTensorFlow(layersModelPath(source.package, source.folder), planes);
      const actual = await runPlanes(writeOnnx(networkOf(spec)), planes, SIZE);
      expect(actual.length).toBe(expected.length);
      const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? 0))), 0);
      expect(worst).toBeLessThan(MOST_LEVELS);
      expect(Math.max(...expected)).toBeGreaterThan(100);
    });
  }

  it('refuses a layer that it does not know', () => {
    const layers = [
      { class_name: 'InputLayer', name: 'in', config: {}, inbound_nodes: [] },
      { class_name: 'BatchNormalization', name: 'norm', config: {}, inbound_nodes: [[['in'] as const]] },
    ];
    const noWeights = (): never => {
      throw new Error('not asked for');
    };
    expect(() => convertKerasLayers('made-up', layers, noWeights)).toThrow('BatchNormalization');
  });
});

/** Runs the published model itself. Planes in and out, as our graph has them. */
async function runTensorFlow(modelJsonPath: string, planes: Float32Array): Promise<Float32Array> {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(modelJsonPath, 'utf8'));
  const [{ paths, weights }] = weightsManifest;
  const bytes = Buffer.concat(paths.map((path: string) => readFileSync(join(dirname(modelJsonPath), path))));
  const weightData = Uint8Array.from(bytes).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData }));
  const result = tf.tidy(() => {
    const image = tf.tensor(planes, [1, 3, SIZE.height, SIZE.width]).transpose([0, 2, 3, 1]);
    return (model.predict(image) as tf.Tensor).transpose([0, 3, 1, 2]);
  });
  const values = (await result.data()) as Float32Array;
  result.dispose();
  model.dispose();
  return values;
}
