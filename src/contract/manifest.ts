import type { ParameterName } from './parameters.js';

/** Version of this schema; a manifest with another one is refused. */
export const MANIFEST_SCHEMA = 1;

/** What a model is for. */
export type ModelTask = 'super-resolution' | 'restoration' | 'style-transfer';

/**
 * How the weights are stored and the sums are done.
 * - `w8`: int8 weights, one scale per output channel, cast to float when the session opens; float sums.
 * - `u8`: uint8 weights and activations over ranges fixed beforehand, integer sums; WASM only.
 * - `f16`: float16 weights and sums; on WebGPU only where the adapter has `shader-f16`. None is shipped.
 * - `f32`: float32, as trained. Made and measured, not shipped.
 */
export type Dtype = 'f32' | 'f16' | 'w8' | 'u8';

/** Where a graph runs. */
export type Device = 'wasm' | 'webgpu';

/** One file that holds a model. */
export interface ModelVariant {
  readonly dtype: Dtype;
  /** Absolute URL of the ONNX file. */
  readonly url: string;
  /** Exact length of the file; checked before the hash. */
  readonly sizeBytes: number;
  /** Lower-case hexadecimal SHA-256 of the file. Bytes that differ are never run. */
  readonly sha256: string;
}

/** How a picture may be cut for a model. All lengths in input pixels. */
export interface TileRule {
  /** Tiles keep this far from their own inner borders; at least the receptive field's radius. */
  readonly overlapPx: number;
  /** Tile sides and positions are multiples of this; the picture is extended by repeating its edge. 1 for most. */
  readonly multiple: number;
}

/**
 * All that Tintype knows of a feed-forward model. Its graph takes one uint8 tensor `[1, height, width, 4]` (RGBA rows;
 * alpha is ignored) and gives one uint8 tensor `[1, scale * height, scale * width, 4]` (RGBA rows, alpha 255): cast, layout,
 * range, rounding and clamp are inside the graph.
 */
export interface ModelManifest {
  /** Always 1 in this version. */
  readonly schema: 1;
  /** What `args.model` names, such as `tintype-sr-x2`. */
  readonly id: string;
  readonly task: ModelTask;
  /** Plain name for people, without the scale: "Enlarge, sharp". */
  readonly title: string;
  /** One sentence: what for, and what not. */
  readonly summary: string;
  /** Parameters the model itself honours. `target_size` is honoured by Tintype for every model and not listed. */
  readonly honours: readonly ParameterName[];
  /** Names of the graph's input and output. */
  readonly input: string;
  readonly output: string;
  /** Output pixels per input pixel and side; 1 for same-size models. */
  readonly scale: number;
  /** Radius, in input pixels, of what an output pixel depends on; computed from the graph. */
  readonly receptiveFieldPx: number;
  readonly tile: TileRule;
  /** Multiply-adds per input pixel; computed from the graph. */
  readonly macsPerPixel: number;
  /** Largest sum of float32 activations alive at once, bytes per input pixel; computed from the graph. */
  readonly activationBytesPerPixel: number;
  readonly variants: readonly ModelVariant[];
  /** Variant per device when the caller names none; follows from the measurements in docs/models.md. */
  readonly defaultDtype: Readonly<Record<Device, Dtype>>;
  /** SPDX id. */
  readonly licence: string;
  /** Whom to credit, in one line. */
  readonly attribution: string;
  /** How the file was made, in one line. */
  readonly made: string;
}
