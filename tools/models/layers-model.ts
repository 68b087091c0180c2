import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Constant } from './graph.ts';
import { float32 } from './graph.ts';

/** A Keras layer as it stands in the `model.json` of a TensorFlow.js layers model. */
export interface KerasLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** One call of the layer: `[name of the layer that feeds it, node, tensor, options]` per input. */
  readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[];
}

/** Gives a weight by its name in the manifest; throws if it is not there. */
export type WeightReader = (name: string) => Constant<'float32'>;

/** A TensorFlow.js layers model, read from its `model.json` and the shards beside it. */
export interface LayersModel {
  readonly layers: readonly KerasLayer[];
  readonly weights: WeightReader;
}

interface ModelJson {
  readonly modelTopology: { readonly model_config: { readonly config: { readonly layers: readonly KerasLayer[] } } };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { name: string; shape: readonly number[]; dtype: string; quantization?: unknown }[];
  }[];
}

/** @throws Error on weights that are not plain float32. */
export function readLayersModel(modelJsonPath: string): LayersModel {
  const json = JSON.parse(readFileSync(modelJsonPath, 'utf8')) as ModelJson;
  const constants = new Map<string, Constant<'float32'>>();
  for (const group of json.weightsManifest) {
    const bytes = Buffer.concat(group.paths.map((path) => readFileSync(join(dirname(modelJsonPath), path))));
    let offset = 0;
    for (const { name, shape, dtype, quantization } of group.weights) {
      if (dtype !== 'float32' || quantization) throw new Error(`${name} is not stored as plain float32.`);
      const length = shape.reduce((product, size) => product * size, 1);
      const { buffer } = Uint8Array.from(bytes.subarray(offset, offset + length * 4));
      constants.set(name, float32(new Float32Array(buffer), shape));
      offset += length * 4;
    }
  }
  return {
    layers: json.modelTopology.model_config.config.layers,
    weights: (name) => {
      const constant = constants.get(name);
      if (!constant) throw new Error(`${modelJsonPath} has no weight ${name}.`);
      return constant;
    },
  };
}
