import { expect, it } from 'vitest';
import type { DiffusionFamily } from '../../contract/manifest.js';
import { type Conditioning, chooseConditioning } from './conditioning.js';

function model(family: DiffusionFamily, inChannels: number, latentChannels: number) {
  const vae = { latentChannels, scalingFactor: 1, shiftFactor: 0, downscale: 8 };
  return { family, vae, unet: { inChannels, timeCondProjDim: null } };
}

const fitting: readonly [DiffusionFamily, number, number, boolean, Conditioning][] = [
  ['instruct-pix2pix', 8, 4, false, 'picture-channels'],
  ['instruct-pix2pix', 32, 16, false, 'picture-channels'],
  ['image-to-image', 4, 4, false, 'start'],
  ['image-to-image', 16, 16, false, 'start'],
  ['inpaint', 9, 4, true, 'mask-channels'],
  ['inpaint', 33, 16, true, 'mask-channels'],
  ['inpaint', 4, 4, true, 'blend'],
  ['inpaint', 4, 4, false, 'start'],
];

it.each(fitting)(
  '%s with %i channels over %i, mask: %s -> %s',
  (family, inChannels, latentChannels, hasMask, chosen) => {
    expect(chooseConditioning(model(family, inChannels, latentChannels), hasMask)).toBe(chosen);
  },
);

const misfits: readonly [DiffusionFamily, number, number][] = [
  ['instruct-pix2pix', 4, 4],
  ['image-to-image', 8, 4],
  ['image-to-image', 9, 4],
  ['inpaint', 8, 4],
  ['inpaint', 9, 16],
];

it.each(misfits)('%s with %i channels over %i is refused', (family, inChannels, latentChannels) => {
  expect(() => chooseConditioning(model(family, inChannels, latentChannels), true)).toThrow(
    expect.objectContaining({ code: 'model-unavailable', details: { family, inChannels, latentChannels } }),
  );
});

it('an inpainting model needs its mask', () => {
  expect(() => chooseConditioning(model('inpaint', 9, 4), false)).toThrow(TypeError);
});
