import type { ModelManifest } from '../contract/manifest.js';
import { untilAborted } from '../until-aborted.js';
import { resolveAllowed } from './allowed-url.js';
import { createBlobSource, type HandedInFiles } from './blob-source.js';
import { readDiffusionRepository } from './diffusion-repository.js';
import { type RepositoryOptions, validateRepositoryOptions } from './options.js';
import { unusable } from './refusal.js';
import { openRepository, type Repository } from './repository.js';
import type { FileSource } from './source.js';
import { createUrlSource } from './url-source.js';

/**
 * Reads what a model repository says of itself and makes a manifest for `options.models`. Graphs are not downloaded: the server is
 * asked for their names and lengths only.
 *
 * Two layouts are known. **diffusers**, as `optimum` exports it: `model_index.json`, `unet/`, `text_encoder/`, `vae_encoder/`,
 * `vae_decoder/`, `scheduler/`, `tokenizer/`; InstructPix2Pix, image to image and inpainting, with one CLIP text encoder.
 * **transformers.js** image to image (Swin2SR): `config.json`, `preprocessor_config.json`, `onnx/`; needs the optional peer
 * `@huggingface/transformers`.
 *
 * Per network `model.onnx` (`f32`), `model_fp16.onnx` (`f16`), `model_quantized.onnx` (`w8`), `model_q4.onnx` and `model_q4f16.onnx`
 * are looked for. By default WASM takes the first there is of `w8`, `f32`, `q4`, `f16`, `q4f16`; WebGPU of `f16`, `q4f16`, `f32`,
 * `q4`, `w8`; unless the repository's `recommended.json` names a `variant`.
 *
 * @param source The folder's URL, absolute or relative to the page (on the hub: `https://huggingface.co/owner/name/resolve/main/`),
 * from the page's own origin or one of `options.origins`; or its files, from a directory picker or by path. Handed-in files are
 * read through `blob:` URLs, which live as long as the page unless it revokes them.
 * @throws ImageToImageError `model-unavailable`, phase `validate`, naming the part of the repository that is missing, contradicts
 * another or is of a kind that Tintype does not run; phase `download` if a server cannot be reached or fails;
 * `environment-unsupported` if the optional peer is missing. RangeError or TypeError for an address that is not allowed and for
 * wrong options. The signal's own reason on abort.
 */
export async function readRepository(
  source: string | URL | HandedInFiles,
  options: RepositoryOptions = {},
): Promise<ModelManifest> {
  validateRepositoryOptions(options);
  options.signal?.throwIfAborted();
  const files = openSource(source, options);
  try {
    return await untilAborted(options.signal, readLayout(openRepository(files, options), options));
  } catch (caught) {
    files.release();
    throw caught;
  }
}

function openSource(source: string | URL | HandedInFiles, options: RepositoryOptions): FileSource {
  if (typeof source === 'string' || source instanceof URL) {
    return createUrlSource(resolveAllowed(source, options.origins), options);
  }
  if (typeof source !== 'object' || source === null || !(Symbol.iterator in source)) {
    throw new TypeError('source must be the URL of a folder, or its files.');
  }
  return createBlobSource(source, options.signal);
}

async function readLayout(repository: Repository, options: RepositoryOptions): Promise<ModelManifest> {
  const index = await repository.readConfig('model_index');
  if (index) return readDiffusionRepository(repository, index, options);
  const config = await repository.readConfig('config');
  if (config) {
    const { readTransformersRepository } = await import('./transformers-repository.js');
    return readTransformersRepository(repository, config, options);
  }
  throw unusable(
    `Neither model_index.json nor config.json is in ${repository.place}. Name the folder that holds one of them; on the hub its URL ends in /resolve/main/.`,
    { missing: 'model_index.json' },
  );
}
