import { ImageToImageError } from '../../contract/errors.js';
import type { DiffusionManifest } from '../../contract/manifest.js';
import type { Picture } from '../../contract/picture.js';
import type { Floats } from './networks.js';

/** What a model tells of its latents. */
export type VaeFacts = DiffusionManifest['vae'];

/** `[1, channels, height, width]` of a picture's latents. @throws RangeError if the picture's sides are no multiples of `downscale`. */
export function latentDims(vae: VaeFacts, { width, height }: Pick<Picture, 'width' | 'height'>): readonly number[] {
  if (width % vae.downscale !== 0 || height % vae.downscale !== 0) {
    throw new RangeError(
      `A picture of ${width} x ${height} has no latents: its sides must be multiples of ${vae.downscale}.`,
    );
  }
  return [1, vae.latentChannels, height / vae.downscale, width / vae.downscale];
}

/** Refuses a network's output of another shape. @throws ImageToImageError `inference-failed` that names both. */
export function assertDims({ dims }: Pick<Floats, 'dims'>, expected: readonly number[], what: string): void {
  if (dims.join() === expected.join()) return;
  throw new ImageToImageError({
    code: 'inference-failed',
    phase: 'run',
    message: `${what} is [${dims.join(', ')}], not [${expected.join(', ')}]: the model's configuration does not fit its graphs.`,
  });
}

/** Gaussian noise of the given strength. */
export function scaleNoise(noise: Floats['data'], sigma: number): Floats['data'] {
  return noise.map((value) => value * sigma);
}

/**
 * One sample of what a VAE encoder gave, in the range that the U-Net works in.
 * @param noise Standard normal numbers, as many as `mean` has; unused where the graph itself drew the sample.
 */
export function sampleLatents(
  { mean, deviation }: { readonly mean: Floats; readonly deviation?: Floats },
  noise: Floats['data'],
  { scalingFactor, shiftFactor }: VaeFacts,
): Floats {
  const data = mean.data.map(
    (value, at) => (value + (deviation?.data[at] ?? 0) * (noise[at] ?? 0) - shiftFactor) * scalingFactor,
  );
  return { dims: mean.dims, data };
}

/** Latents as the VAE decoder takes them. */
export function unscaleLatents(
  latents: Floats['data'],
  dims: readonly number[],
  { scalingFactor, shiftFactor }: VaeFacts,
): Floats {
  return { dims, data: latents.map((value) => value / scalingFactor + shiftFactor) };
}

/** `changed` where the mask is 1, `kept` where it is 0. @param mask One plane, used for every channel. */
export function blendLatents(mask: Floats, kept: Floats['data'], changed: Floats['data']): Floats['data'] {
  const plane = mask.data.length;
  return changed.map((value, at) => (mask.data[at % plane] === 1 ? value : (kept[at] ?? 0)));
}

/** Puts planes after one another: `[1, sum of channels, height, width]`. @param parts At least one, of equal height and width. */
export function concatChannels(parts: readonly [Floats, ...Floats[]]): Floats {
  if (parts.length === 1) return parts[0];
  const [, , ...size] = parts[0].dims;
  const data = new Float32Array(parts.reduce((length, part) => length + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { dims: [1, parts.reduce((channels, part) => channels + (part.dims[1] ?? 0), 0), ...size], data };
}
