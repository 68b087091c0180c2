import type { FloatPixels } from '../contract/manifest.js';
import { Fields, type JsonObject } from './json-object.js';
import type { Transformers } from './peer.js';
import { unusable } from './refusal.js';
import { CONFIG_PATHS } from './repository.js';

/** What a processor may do to a picture that Tintype's conversion does not. */
const UNSUPPORTED = [
  'do_resize',
  'do_thumbnail',
  'do_center_crop',
  'do_crop_margin',
  'do_flip_channel_order',
  'do_convert_grayscale',
];

/** transformers.js's pipeline clamps the network's output to 0 to 1 and multiplies by this, whatever the processor did before. */
const OUTPUT_SCALE = 255;

/** Size of the picture for {@link checkProcessor}: no multiple of any window. */
const CHECK_SIZE = { width: 13, height: 11 };

/** Float32 sums in another order differ by this much, relative to the value or 1. */
const TOLERANCE = 1e-5;

/** What `preprocessor_config.json` asks for, as Tintype's own conversion. */
export interface Preprocessing {
  readonly floatPixels: FloatPixels;
  /** The processor pads to multiples of this; undefined where it does not. */
  readonly padMultiple: number | undefined;
}

/** @throws ImageToImageError `model-unavailable` for a processor that does more than rescale, normalise and pad. */
export function readPreprocessing(config: JsonObject): Preprocessing {
  const fields = new Fields(config, CONFIG_PATHS.preprocessor);
  const unsupported = UNSUPPORTED.find((name) => fields.isSet(name));
  if (unsupported) {
    throw unusable(
      `The repository's pictures are to be changed by ${unsupported}, which Tintype does not do. Use a model that takes pictures of any size.`,
      { field: unsupported },
    );
  }
  const rescales = config.do_rescale !== false;
  const normalises = fields.isSet('do_normalize');
  return {
    floatPixels: {
      rescale: rescales ? (fields.number('rescale_factor') ?? 1 / 255) : 1,
      mean: normalises ? perChannel(config, fields, 'image_mean') : [0, 0, 0],
      std: normalises ? perChannel(config, fields, 'image_std') : [1, 1, 1],
      outputScale: OUTPUT_SCALE,
    },
    padMultiple: fields.isSet('do_pad') ? (fields.count('pad_size') ?? fields.count('size_divisibility')) : undefined,
  };
}

function perChannel(config: JsonObject, fields: Fields, name: string): readonly [number, number, number] {
  const value = config[name];
  const [red, green, blue] = Array.isArray(value) ? value : [value, value, value];
  const all = [red, green, blue] as const;
  if (all.every((item) => typeof item === 'number' && Number.isFinite(item))) return all as [number, number, number];
  throw fields.wrong(name, 'a number or three');
}

/**
 * Runs the library's processor on a small picture and compares with what Tintype will do. Only the picture itself is compared:
 * processors reflect it into the padding, Tintype repeats its edge, and both cut the result off again.
 * @throws ImageToImageError `model-unavailable` if they differ, or the library does not know the processor.
 */
export async function checkProcessor(
  transformers: Transformers,
  config: JsonObject,
  { floatPixels, padMultiple = 1 }: Preprocessing,
): Promise<void> {
  const { width, height } = CHECK_SIZE;
  const bytes = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 89 + (at >> 2) * 31) % 256);
  const processor = createProcessor(transformers, config);
  const { pixel_values } = await processor._call(new transformers.RawImage(bytes, width, height, 3));
  const [batch, channels, rows = 0, columns = 0] = pixel_values.dims;
  const isPadded = rows === roundUp(height, padMultiple) && columns === roundUp(width, padMultiple);
  const { data } = pixel_values;
  if (batch !== 1 || channels !== 3 || !isPadded || !(data instanceof Float32Array)) {
    throw differs(`it gives ${pixel_values.type} [${pixel_values.dims.join(', ')}] for ${width} x ${height} pixels`);
  }
  for (let channel = 0; channel < 3; channel++) {
    const [mean = 0, std = 1] = [floatPixels.mean[channel], floatPixels.std[channel]];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = bytes[(y * width + x) * 3 + channel] ?? 0;
        const ours = (byte * floatPixels.rescale - mean) / std;
        const theirs = data[(channel * rows + y) * columns + x] ?? Number.NaN;
        // Written so that NaN differs too.
        if (!(Math.abs(ours - theirs) <= TOLERANCE * Math.max(1, Math.abs(ours)))) {
          throw differs(`byte ${byte} of channel ${channel} becomes ${theirs}, where Tintype computes ${ours}`);
        }
      }
    }
  }
}

/**
 * The class that `AutoImageProcessor` would choose, made from the configuration at hand. `AutoImageProcessor` itself can only load by
 * name, through settings that it shares with the rest of the application, and falls back to the hub.
 */
function createProcessor(
  transformers: Transformers,
  config: JsonObject,
): InstanceType<Transformers['Swin2SRImageProcessor']> {
  const name = String(config.image_processor_type ?? config.feature_extractor_type).replace(/Fast$/, '');
  const Processor = /^\w+ImageProcessor$/.test(name)
    ? (transformers as Readonly<Record<string, unknown>>)[name]
    : undefined;
  if (typeof Processor !== 'function') {
    throw unusable(
      `@huggingface/transformers has no image processor ${name}, which preprocessor_config.json names. Install a version that has it, or correct image_processor_type with configs: { preprocessor: { ... } }.`,
      { class: name },
    );
  }
  return new (Processor as Transformers['Swin2SRImageProcessor'])(config);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function differs(how: string): Error {
  return unusable(
    `The repository's image processor does something that Tintype does not: ${how}. Use another model, or describe this one in a manifest of your own.`,
  );
}
