import type { Picture } from '../../contract/picture.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { Conditioning } from './conditioning.js';
import type { GuidanceRow } from './guidance.js';
import { assertDims, latentDims, sampleLatents, scaleNoise, type VaeFacts } from './latents.js';
import { hideMasked, type Mask, readMask, shrinkMask } from './mask.js';
import type { Floats, VaeEncoder } from './networks.js';
import { assertFinite } from './not-finite.js';
import { pictureToPixels } from './pixels.js';

/** What a run starts from and what it is told at every step. */
export interface Start {
  /** Latents before the first step. */
  readonly latents: Floats['data'];
  /** What follows the latents among a row's channels. */
  channelsOf(row: GuidanceRow): readonly Floats[];
  /** What is put back after each step where the mask is 0. */
  readonly blend?: { readonly mask: Floats; readonly original: Floats['data']; readonly noise: Floats['data'] };
}

/** What a start is made of. */
export interface StartOptions {
  readonly conditioning: Conditioning;
  readonly vae: VaeFacts;
  readonly encoder: VaeEncoder;
  readonly scheduler: Pick<Scheduler, 'addNoise' | 'initNoiseSigma'>;
  readonly picture: Picture;
  /** For `mask-channels` and `blend`; as large as the picture. */
  readonly mask?: Picture | undefined;
  /** Above 0 to 1. At 1 inpainting starts from noise alone. */
  readonly strength: number;
  /** Standard normal numbers, as many as the latents have. */
  draw(): Floats['data'];
  /** The encoder draws by itself, whatever the seed: older exports give a sample, not its distribution. */
  onEncoderDraws?: (() => void) | undefined;
}

/** Encodes the picture and draws the first noise, in diffusers' order, so that a seed gives the same numbers. */
export async function prepareStart(options: StartOptions): Promise<Start> {
  const { conditioning, scheduler } = options;
  const pixels = pictureToPixels(options.picture);
  if (conditioning === 'picture-channels') return besideNoise(options, pixels);
  if (conditioning !== 'start') return inpainting(options, pixels);
  const original = await encodeSample(options, pixels);
  return { latents: scheduler.addNoise(original.data, options.draw(), 0), channelsOf: () => [] };
}

/** InstructPix2Pix: the mean, neither scaled nor sampled; nothing for the row without a picture. */
async function besideNoise(options: StartOptions, pixels: Floats): Promise<Start> {
  const { mean } = await encode(options, pixels);
  const nothing: Floats = { dims: mean.dims, data: new Float32Array(mean.data.length) };
  return {
    latents: scaleNoise(options.draw(), options.scheduler.initNoiseSigma),
    channelsOf: (row) => [row === 'uncond' ? nothing : mean],
  };
}

async function inpainting(options: StartOptions, pixels: Floats): Promise<Start> {
  const { conditioning, scheduler } = options;
  const mask = maskOf(options);
  const fromNoise = options.strength === 1;
  const blends = conditioning === 'blend';
  const original = blends || !fromNoise ? await encodeSample(options, pixels) : undefined;
  const noise = options.draw();
  const latents =
    original === undefined || fromNoise
      ? scaleNoise(noise, scheduler.initNoiseSigma)
      : scheduler.addNoise(original.data, noise, 0);
  const [, , height = 0, width = 0] = latentDims(options.vae, options.picture);
  const latentMask = shrinkMask(mask, width, height);
  if (blends && original !== undefined) {
    // Here diffusers encodes the masked picture and never uses it. Its draw is kept, so that later ones are the same.
    options.draw();
    return { latents, channelsOf: () => [], blend: { mask: latentMask, original: original.data, noise } };
  }
  const channels = [latentMask, await encodeSample(options, hideMasked(pixels, mask))];
  return { latents, channelsOf: () => channels };
}

function maskOf({ mask, picture }: StartOptions): Mask {
  if (mask?.width === picture.width && mask.height === picture.height) return readMask(mask);
  throw new RangeError('A mask must be as large as the picture.');
}

async function encode(
  { encoder, vae, picture, onEncoderDraws }: StartOptions,
  pixels: Floats,
): ReturnType<VaeEncoder['encode']> {
  const encoded = await encoder.encode(pixels);
  if (!('deviation' in encoded)) onEncoderDraws?.();
  assertDims(encoded.mean, latentDims(vae, picture), "The VAE encoder's output");
  assertFinite(encoded.mean.data, 'vae_encoder');
  return encoded;
}

async function encodeSample(options: StartOptions, pixels: Floats): Promise<Floats> {
  return sampleLatents(await encode(options, pixels), options.draw(), options.vae);
}
