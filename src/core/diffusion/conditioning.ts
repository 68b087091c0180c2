import { ImageToImageError } from '../../contract/errors.js';
import type { DiffusionManifest } from '../../contract/manifest.js';

/**
 * How the U-Net learns of the picture.
 * - `picture-channels`: its latents are channels beside the noise, which alone is worked on (InstructPix2Pix).
 * - `start`: its latents, noised, are where the run starts (image to image).
 * - `mask-channels`: the mask and the latents of the unmasked rest are channels beside (inpainting models).
 * - `blend`: after each step the latents of the unmasked rest are put back (inpainting with a model not made for it).
 */
export type Conditioning = 'picture-channels' | 'start' | 'mask-channels' | 'blend';

/**
 * Chooses by the model's family and the U-Net's channels. An inpainting family without mask channels and without a mask
 * works as image to image.
 * @throws TypeError if the model needs a mask and there is none; ImageToImageError `model-unavailable` if the channels do not fit
 * the family.
 */
export function chooseConditioning(
  { family, vae, unet }: Pick<DiffusionManifest, 'family' | 'vae' | 'unet'>,
  hasMask: boolean,
): Conditioning {
  const { inChannels } = unet;
  const plain = inChannels === vae.latentChannels;
  if (family === 'instruct-pix2pix' && inChannels === 2 * vae.latentChannels) return 'picture-channels';
  if (family === 'image-to-image' && plain) return 'start';
  if (family === 'inpaint' && plain) return hasMask ? 'blend' : 'start';
  if (family === 'inpaint' && inChannels === 2 * vae.latentChannels + 1) {
    if (hasMask) return 'mask-channels';
    throw new TypeError('An inpainting model needs a mask.');
  }
  throw new ImageToImageError({
    code: 'model-unavailable',
    phase: 'compile',
    message: `A U-Net of ${inChannels} channels over ${vae.latentChannels} latent channels is no "${family}" model: correct the manifest.`,
    details: { family, inChannels, latentChannels: vae.latentChannels },
  });
}
