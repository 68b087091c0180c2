import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bakePixels } from './bake.ts';
import { type Cost, graphCost } from './cost.ts';
import type { Graph } from './graph.ts';
import { convertKerasLayers } from './keras-layers.ts';
import { readLayersModel } from './layers-model.ts';
import type { MadeDtype, ModelSpec } from './model-specs.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import { quantizeActivations, type Ranges } from './quantize-u8.ts';
import { quantizeWeights } from './quantize-w8.ts';
import { receptiveFieldRadius } from './receptive-field.ts';
import { replaceSilentConv } from './silent-branch.ts';

/** One model in all its forms, with what was computed from its float32 graph. */
export interface BuiltModel {
  readonly spec: ModelSpec;
  /** The network itself: float32 RGB planes in and out. */
  readonly planes: Graph;
  /** The files, pixels in and out; every form is made and measured, few are shipped. */
  readonly files: Readonly<Record<MadeDtype, Uint8Array>>;
  readonly receptiveFieldPx: number;
  /** The receptive field's radius, up to the next multiple that tiles keep to. */
  readonly overlapPx: number;
  readonly cost: Cost;
}

/** The network that is shipped: float32 RGB planes in and out, without what never reaches its result. */
export function networkOf(spec: ModelSpec): Graph {
  const source = readSource(spec);
  return spec.silentConv ? replaceSilentConv(source, spec.silentConv) : source;
}

/** Reads a network as it was published, from `weights/` beside this file or from an npm package. */
export function readSource({ id, source }: ModelSpec): Graph {
  if (source.kind === 'onnx') {
    return { ...readOnnx(readFileSync(new URL(`./weights/${source.file}`, import.meta.url))), name: id };
  }
  const { layers, weights } = readLayersModel(layersModelPath(source.package, source.folder));
  return convertKerasLayers(id, layers, weights);
}

/** Path of the `model.json` of a TensorFlow.js model in an npm package. */
export function layersModelPath(packageName: string, folder: string): string {
  return fileURLToPath(new URL(`../../node_modules/${packageName}/${folder}/model.json`, import.meta.url));
}

/** Makes every form of a model. The same weights always give the same bytes. */
export function buildModel(spec: ModelSpec): BuiltModel {
  const planes = networkOf(spec);
  const baked = bakePixels(planes);
  const receptiveFieldPx = receptiveFieldRadius(planes, spec.scale);
  return {
    spec,
    planes,
    files: {
      f32: writeOnnx(baked),
      w8: writeOnnx(quantizeWeights(baked)),
      u8: writeOnnx(quantizeWeights(quantizeActivations(baked, readRanges(spec.id)))),
    },
    receptiveFieldPx,
    overlapPx: Math.ceil(receptiveFieldPx / spec.multiple) * spec.multiple,
    cost: graphCost(baked),
  };
}

/** Where calibrate.ts leaves the ranges of a model's activations. */
export function rangesFile(id: string): URL {
  return new URL(`./weights/${id}.ranges.json`, import.meta.url);
}

function readRanges(id: string): Ranges {
  return JSON.parse(readFileSync(rangesFile(id), 'utf8')) as Ranges;
}
