import type { Dtype, ModelTask } from '../../src/contract/manifest.ts';

/** The kinds of file that are made; the others are for models of others. */
export type MadeDtype = Extract<Dtype, 'f32' | 'w8' | 'u8'>;

/** Where a network's float32 weights come from. */
export type WeightSource =
  | { readonly kind: 'onnx'; readonly file: string }
  | { readonly kind: 'layers'; readonly package: string; readonly folder: string };

/** What a person says about a feed-forward model; all else in its manifest is computed. */
export interface ModelSpec {
  readonly id: string;
  readonly task: ModelTask;
  readonly title: string;
  readonly summary: string;
  readonly scale: number;
  /** Sides of the picture, and positions of tiles, must be multiples of this: the product of the network's strides. */
  readonly multiple: number;
  readonly source: WeightSource;
  /** Output of a convolution that never gets anything but zero and is left out (silent-branch.ts). */
  readonly silentConv?: string;
  /** Variants that go into the package: `w8` for WebGPU, and `u8` for WASM where the rule in docs/models.md says so. */
  readonly ships: readonly ['w8'] | readonly ['w8', 'u8'];
  readonly attribution: string;
  readonly made: string;
}

const TRAINED = 'trained from nothing on permissively licensed pictures';

/** Every feed-forward model of the catalogue, in the order in which a picker shows them; the first is the default. */
export const MODEL_SPECS: readonly ModelSpec[] = [
  enlarge(2),
  enlarge(3),
  enlarge(4),
  {
    id: 'tintype-photo-x2',
    task: 'super-resolution',
    title: 'Enlarge, photo',
    summary:
      'Doubles photographs and removes most JPEG damage and slight noise; softer than "sharp" on clean pictures.',
    scale: 2,
    multiple: 1,
    source: { kind: 'onnx', file: 'tintype-photo-x2.onnx' },
    ships: ['w8'],
    ...tintypeCredit('sr'),
  },
  {
    id: 'tintype-restore',
    task: 'restoration',
    title: 'Clean',
    summary: 'Removes JPEG damage and noise at the same size; not for blur or heavy compression.',
    scale: 1,
    multiple: 1,
    source: { kind: 'onnx', file: 'tintype-restore.onnx' },
    ships: ['w8'],
    ...tintypeCredit('sr'),
  },
  restyle('starry-night', 'Starry Night (van Gogh)', 'Vincent van Gogh, The Starry Night, 1889'),
  restyle('great-wave', 'Great Wave (Hokusai)', 'Katsushika Hokusai, The Great Wave off Kanagawa, about 1831'),
  restyle('scream', 'The Scream (Munch)', 'Edvard Munch, The Scream, 1893'),
  restyle('composition-vii', 'Composition VII (Kandinsky)', 'Vasily Kandinsky, Composition VII, 1913'),
  esrgan('slim', 2, ['w8', 'u8']),
  esrgan('slim', 3, ['w8', 'u8']),
  esrgan('slim', 4, ['w8', 'u8']),
  esrgan('medium', 2, ['w8', 'u8']),
  esrgan('medium', 4, ['w8']),
];

function enlarge(scale: 2 | 3 | 4): ModelSpec {
  return {
    id: `tintype-sr-x${scale}`,
    task: 'super-resolution',
    title: 'Enlarge, sharp',
    summary:
      'Enlarges clean pictures (screenshots, drawings, good photographs) faithfully; it also sharpens JPEG damage.',
    scale,
    multiple: 1,
    source: { kind: 'onnx', file: `tintype-sr-x${scale}.onnx` },
    ships: ['w8'],
    ...tintypeCredit('sr'),
  };
}

function restyle(name: string, title: string, painting: string): ModelSpec {
  return {
    id: `tintype-style-${name}`,
    task: 'style-transfer',
    title,
    summary: `Repaints a picture in the manner of one painting (${painting}), at the same size; strokes have a fixed size in pixels.`,
    scale: 1,
    multiple: 4,
    source: { kind: 'onnx', file: `tintype-style-${name}.onnx` },
    silentConv: 'conv27',
    ships: ['w8'],
    ...tintypeCredit('style'),
  };
}

function tintypeCredit(family: 'sr' | 'style'): Pick<ModelSpec, 'attribution' | 'made'> {
  return {
    attribution: 'Tintype contributors; training pictures credited in the model card.',
    made: `tools/training/${family}: ${TRAINED}; baked and quantized by tools/models.`,
  };
}

function esrgan(size: 'slim' | 'medium', scale: 2 | 3 | 4, ships: ModelSpec['ships']): ModelSpec {
  return {
    id: `esrgan-${size}-x${scale}`,
    task: 'super-resolution',
    title: `Enlarge, ESRGAN ${size} (UpscalerJS)`,
    summary: `UpscalerJS's weights, to compare with and to switch from; ${size === 'slim' ? 'about 14' : 'about 43'} times the work of "sharp".`,
    scale,
    multiple: 1,
    source: { kind: 'layers', package: `@upscalerjs/esrgan-${size}`, folder: `models/x${scale}` },
    ships,
    attribution: 'Kevin Scott and contributors of UpscalerJS (github.com/thekevinscott/UpscalerJS).',
    made: `@upscalerjs/esrgan-${size} 1.0.0, converted from TensorFlow.js, baked and quantized by tools/models.`,
  };
}
