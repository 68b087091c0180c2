import type { ParameterName } from './parameters.js';
import type { SchedulerConfig } from './scheduler-config.js';

/** Version of this schema; a manifest with another one is refused. */
export const MANIFEST_SCHEMA = 1;

/** What a model is for. */
export type ModelTask = 'super-resolution' | 'restoration' | 'style-transfer' | 'prompted-editing';

/**
 * How the weights are stored and the sums are done.
 * - `w8`: int8 weights, one scale per output channel, cast to float when the session opens; float sums.
 * - `u8`: uint8 weights and activations over ranges fixed beforehand, integer sums; WASM only.
 * - `f16`: float16 weights and sums; on WebGPU only where the adapter has `shader-f16`. None is shipped.
 * - `f32`: float32, as trained. Made and measured, not shipped.
 * - `q4`, `q4f16`: 4-bit weights with float32 or float16 sums; only in repositories of others.
 */
export type Dtype = 'f32' | 'f16' | 'w8' | 'u8' | 'q4' | 'q4f16';

/** Where a graph runs. */
export type Device = 'wasm' | 'webgpu';

/** How a picture may be cut for a model. All lengths in input pixels. */
export interface TileRule {
  /** Tiles keep this far from their own inner borders; at least the receptive field's radius. */
  readonly overlapPx: number;
  /** Tile sides and positions are multiples of this; the picture is extended by repeating its edge. 1 for most. */
  readonly multiple: number;
}

/** What every model tells of itself. */
export interface ModelCard {
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
  /** SPDX id. */
  readonly licence: string;
  /** Whom to credit, in one line. */
  readonly attribution: string;
  /** How the file was made, in one line. */
  readonly made: string;
}

/**
 * All that Tintype knows of a feed-forward model. Its graph takes one uint8 tensor `[1, height, width, 4]` (RGBA rows;
 * alpha is ignored) and gives one uint8 tensor `[1, scale * height, scale * width, 4]` (RGBA rows, alpha 255): cast, layout,
 * range, rounding and clamp are inside the graph. Graphs of others may take and give planes of floats instead: {@link FloatPixels}.
 */
export interface FeedForwardManifest extends ModelCard {
  /** One graph over tiles. */
  readonly pipeline: 'feed-forward';
  /** Names of the graph's input and output. */
  readonly input: string;
  readonly output: string;
  /** Left out for graphs that take and give uint8 RGBA, as all of the embedded catalogue do. */
  readonly floatPixels?: FloatPixels;
  /** Output pixels per input pixel and side; 1 for same-size models. */
  readonly scale: number;
  /** Radius, in input pixels, of what an output pixel depends on; computed from the graph. */
  readonly receptiveFieldPx: number;
  /** How a picture is cut. */
  readonly tile: TileRule;
  /** Multiply-adds per input pixel; computed from the graph. */
  readonly macsPerPixel: number;
  /** Largest sum of float32 activations alive at once, bytes per input pixel; computed from the graph. */
  readonly activationBytesPerPixel: number;
  /** The model's files; at least one. */
  readonly variants: readonly ModelVariant[];
  /** Variant per device when the caller names none; follows from the measurements in docs/models.md. */
  readonly defaultDtype: Readonly<Record<Device, Dtype>>;
}

/** A graph that takes and gives float32 `[1, 3, height, width]`, red, green and blue planes. */
export interface FloatPixels {
  /** A byte times this, minus `mean`, over `std`, goes in; mostly 1 / 255. */
  readonly rescale: number;
  /** Of red, green and blue; mostly 0. */
  readonly mean: readonly [number, number, number];
  /** Of red, green and blue; mostly 1. */
  readonly std: readonly [number, number, number];
  /** What comes out, times this, rounded and clamped, is a byte; mostly 255. */
  readonly outputScale: number;
}

/** The networks of a diffusion model, in the order in which a call runs them. */
export type Stage = 'text_encoder' | 'vae_encoder' | 'unet' | 'vae_decoder';

/** How a diffusion model uses the picture. */
export type DiffusionFamily = 'instruct-pix2pix' | 'image-to-image' | 'inpaint';

/** Where a file lies, and how to know that it is the right one. */
export interface ModelFile {
  /** Absolute URL; `blob:` for files that the page handed in. */
  readonly url: string;
  /** Exact length in bytes. */
  readonly sizeBytes: number;
  /**
   * Lower-case hexadecimal SHA-256; bytes that differ are never run. Left out for repositories that do not tell it: the application
   * vouches for their origin, and only the length is checked.
   */
  readonly sha256?: string;
  /** Changes when the file does (its ETag or date); keeps stored bytes apart where there is no SHA-256. */
  readonly version?: string;
}

/** A graph and the files of weights that it names. */
export interface GraphFiles extends ModelFile {
  /** Files of weights that the graph names; mostly none below 2 GB. */
  readonly externalData?: readonly (ModelFile & {
    /** Name of the file inside the graph. */
    readonly path: string;
  })[];
}

/** A feed-forward model in one form. */
export interface ModelVariant extends GraphFiles {
  readonly dtype: Dtype;
}

/** The files that hold a diffusion model in one form. */
export interface DiffusionVariant {
  readonly dtype: Dtype;
  /** One graph per network. */
  readonly files: Readonly<Record<Stage, GraphFiles>>;
}

/** Values for parameters that the caller leaves out. */
export interface RecommendedParameters {
  /** A whole number of at least 1. */
  readonly num_inference_steps: number;
  /** At least 0; guidance is off up to 1. */
  readonly guidance_scale: number;
  /** At least 0; used by InstructPix2Pix only. */
  readonly image_guidance_scale: number;
  /** Above 0 to 1; not used by InstructPix2Pix. */
  readonly strength: number;
}

/**
 * All that Tintype knows of a diffusion model in the diffusers layout: four graphs, a tokenizer, a scheduler. Types and shapes of the
 * graphs' inputs are read from the graphs themselves.
 */
export interface DiffusionManifest extends ModelCard {
  /** Four graphs in a loop of steps. */
  readonly pipeline: 'diffusion';
  /** Decides the loop: what the U-Net is given besides the noisy latents. */
  readonly family: DiffusionFamily;
  /** How noise is taken away, step by step. */
  readonly scheduler: SchedulerConfig;
  /** What the prompt is cut into tokens by. */
  readonly tokenizer: TokenizerFiles;
  /** Of the autoencoder. */
  readonly vae: {
    readonly latentChannels: number;
    readonly scalingFactor: number;
    readonly shiftFactor: number;
    /** Picture pixels per latent and side. */
    readonly downscale: number;
  };
  /** Of the denoising network. */
  readonly unet: {
    /** 4, 8 (InstructPix2Pix) or 9 (inpainting) for four latent channels. */
    readonly inChannels: number;
    /** Length of the guidance embedding (LCM); null where guidance is by rows. */
    readonly timeCondProjDim: number | null;
  };
  /** Sides that the networks work at are multiples of this, in pixels. */
  readonly sizeMultiple: number;
  /** Pictures are worked on at no more pixels than this, and enlarged back; the report warns. */
  readonly maxWorkPixels: number;
  readonly recommended: RecommendedParameters;
  /** Multiply-adds per pixel of the working size and row of the U-Net; undefined where nobody computed them. */
  readonly unetMacsPerPixel?: number;
  /** Peak bytes of one row of the U-Net per pixel of the working size; undefined where nobody measured them. */
  readonly unetActivationBytesPerPixel?: number;
  /** The model's forms; at least one. */
  readonly variants: readonly DiffusionVariant[];
  /** Form per device when the caller names none. */
  readonly defaultDtype: Readonly<Record<Device, Dtype>>;
}

/** What a prompt is cut into tokens by. */
export interface TokenizerFiles {
  /** `tokenizer.json`, else `vocab.json` and `merges.txt`; `tokenizer_config.json` and `special_tokens_map.json` where there are any. */
  readonly files: Readonly<Partial<Record<TokenizerFileName, ModelFile>>>;
  /** Tokens of a prompt with both ends; longer ones are cut, with a warning. */
  readonly maxTokens: number;
}

/** The files of a tokenizer that are read. */
export type TokenizerFileName =
  | 'tokenizer.json'
  | 'vocab.json'
  | 'merges.txt'
  | 'tokenizer_config.json'
  | 'special_tokens_map.json';

/** A model, as `options.models` takes it. */
export type ModelManifest = FeedForwardManifest | DiffusionManifest;
