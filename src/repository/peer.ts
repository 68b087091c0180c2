import { ImageToImageError } from '../contract/errors.js';

/** The optional peer, as far as it is used here. */
export type Transformers = Pick<
  typeof import('@huggingface/transformers'),
  'AutoModelForImageToImage' | 'RawImage' | 'Swin2SRImageProcessor'
>;

/** @throws ImageToImageError `environment-unsupported` if the application has not installed it. */
export async function importTransformers(): Promise<Transformers> {
  // In a `try`, so that bundlers take a missing package for what it is: optional.
  try {
    return await import('@huggingface/transformers');
  } catch (caught) {
    throw new ImageToImageError({
      code: 'environment-unsupported',
      phase: 'validate',
      message:
        'Repositories in the transformers.js layout are read with @huggingface/transformers, which could not be loaded. Install it: npm install @huggingface/transformers.',
      cause: String(caught),
    });
  }
}
