import { Fields, type JsonObject } from './json-object.js';
import { CONFIG_PATHS } from './repository.js';

/** What a pixel costs. */
export interface PixelCost {
  /** Multiply-adds per input pixel. */
  readonly macsPerPixel: number;
  /** Bytes of activations alive at once per input pixel. */
  readonly activationBytesPerPixel: number;
}

/** For what the sums below leave out. */
const MARGIN = 1.25;

/** Channels after the body, in Swin2SR's upsamplers. */
const UPSAMPLER_CHANNELS = 64;

/**
 * Upper estimates for Swin2SR and kin, from the layer sizes in the configuration; those of the classical model (embedding 180, six
 * stages of six layers) where it does not tell. Nobody has computed them from the graphs: they decide tile sizes and estimates only.
 */
export function estimateSwinCost(config: JsonObject, scale: number): PixelCost {
  const fields = new Fields(config, CONFIG_PATHS.config);
  const width = fields.count('embed_dim') ?? 180;
  const depths = fields.isSet('depths') ? fields.counts('depths') : [6, 6, 6, 6, 6, 6];
  const heads = fields.isSet('num_heads') ? Math.max(...fields.counts('num_heads')) : 6;
  const windowPixels = (fields.count('window_size') ?? 8) ** 2;
  const hidden = fields.number('mlp_ratio') ?? 2;

  const layers = depths.reduce((sum, depth) => sum + depth, 0);
  const perLayer = (4 + 2 * hidden) * width ** 2 + 2 * windowPixels * width;
  const convolutions = 9 * ((depths.length + 1) * width ** 2 + UPSAMPLER_CHANNELS * width);
  const upsampler = 9 * scale ** 2 * UPSAMPLER_CHANNELS * (UPSAMPLER_CHANNELS + 3);
  // Queries, keys, values, the shortcut and the hidden layer; attention before and after softmax; the enlarged planes.
  const floats = (6 + hidden) * width + 2 * heads * windowPixels + 2 * UPSAMPLER_CHANNELS * scale ** 2;
  return {
    macsPerPixel: Math.ceil(MARGIN * (layers * perLayer + convolutions + upsampler)),
    activationBytesPerPixel: Math.ceil(4 * floats),
  };
}
