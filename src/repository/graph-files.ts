import type { Device, DiffusionVariant, GraphFiles, Stage } from '../contract/manifest.js';
import type { RepositoryDtype } from './options.js';
import { unusable } from './refusal.js';
import type { Repository } from './repository.js';

/** What follows `model` in the name of a graph's file; optimum's and transformers.js's names. */
const SUFFIXES: Readonly<Record<RepositoryDtype, string>> = {
  f32: '',
  f16: '_fp16',
  w8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
};

/** All that are looked for. */
const DTYPES = Object.keys(SUFFIXES) as readonly RepositoryDtype[];

/** What stands in for a missing file of the text encoder or VAE, which are small beside the U-Net. */
const STAND_INS: Readonly<Record<RepositoryDtype, readonly RepositoryDtype[]>> = {
  f32: [],
  f16: ['f32'],
  w8: ['f32'],
  q4: ['f32'],
  q4f16: ['f16', 'f32'],
};

const SMALL_STAGES = ['text_encoder', 'vae_encoder', 'vae_decoder'] as const;

/** WASM has no float16 sums and gains by short downloads; a GPU gains by float16 and has few integer kernels. */
const PREFERENCES: Readonly<Record<Device, readonly RepositoryDtype[]>> = {
  wasm: ['w8', 'f32', 'q4', 'f16', 'q4f16'],
  webgpu: ['f16', 'q4f16', 'f32', 'q4', 'w8'],
};

/**
 * The dtypes to look for.
 * @throws RangeError for a name that is none of them.
 */
export function wishedDtypes(dtype: 'auto' | RepositoryDtype = 'auto'): readonly RepositoryDtype[] {
  if (dtype === 'auto') return DTYPES;
  if (DTYPES.includes(dtype)) return [dtype];
  throw new RangeError(`dtype must be 'auto' or one of ${DTYPES.join(', ')}; got ${String(dtype)}.`);
}

/** Usual path of a graph: `unet/model_fp16.onnx`. */
export function graphPath(folder: string, dtype: RepositoryDtype): string {
  return `${folder}/model${SUFFIXES[dtype]}.onnx`;
}

/**
 * Which of the offered dtypes to use on each device where the caller names none.
 * @param recommended File name of the repository's own advice, such as `model_quantized.onnx`; counts if it is offered.
 */
export function defaultDtypes(
  offered: readonly RepositoryDtype[],
  recommended?: string,
): Readonly<Record<Device, RepositoryDtype>> {
  const advised = offered.find((dtype) => `model${SUFFIXES[dtype]}.onnx` === recommended);
  const first = (device: Device): RepositoryDtype =>
    advised ?? PREFERENCES[device].find((dtype) => offered.includes(dtype)) ?? 'f32';
  return { wasm: first('wasm'), webgpu: first('webgpu') };
}

/**
 * The complete variants of a diffusion repository. A dtype is offered if the U-Net has a file for it; the other networks stand in
 * with float32 (for `q4f16`: float16 first) where they have none.
 * @throws ImageToImageError `model-unavailable` naming the missing files if there is none.
 */
export async function findVariants(
  repository: Repository,
  dtypes: readonly RepositoryDtype[],
): Promise<readonly DiffusionVariant[]> {
  const asked = new Map<string, Promise<GraphFiles | undefined>>();
  const find = (stage: Stage, dtype: RepositoryDtype): Promise<GraphFiles | undefined> => {
    const path = graphPath(stage, dtype);
    const answer = asked.get(path) ?? findGraph(repository, path);
    asked.set(path, answer);
    return answer;
  };
  async function findAny(stage: Stage, dtype: RepositoryDtype): Promise<GraphFiles | undefined> {
    for (const candidate of [dtype, ...STAND_INS[dtype]]) {
      const graph = await find(stage, candidate);
      if (graph) return graph;
    }
    return undefined;
  }
  const missing: string[] = [];
  const variants = await Promise.all(
    dtypes.map(async (dtype): Promise<DiffusionVariant | undefined> => {
      const unet = await find('unet', dtype);
      if (!unet) return undefined;
      const [text_encoder, vae_encoder, vae_decoder] = await Promise.all(
        SMALL_STAGES.map((stage) => findAny(stage, dtype)),
      );
      if (text_encoder && vae_encoder && vae_decoder) {
        return { dtype, files: { text_encoder, vae_encoder, unet, vae_decoder } };
      }
      if (!text_encoder) missing.push(graphPath('text_encoder', dtype));
      if (!vae_encoder) missing.push(graphPath('vae_encoder', dtype));
      if (!vae_decoder) missing.push(graphPath('vae_decoder', dtype));
      return undefined;
    }),
  );
  const complete = variants.filter((variant) => variant !== undefined);
  if (complete.length > 0) return complete;
  throw incomplete(repository, missing.length > 0 ? missing : dtypes.map((dtype) => graphPath('unet', dtype)));
}

function incomplete({ place }: Repository, missing: readonly string[]): Error {
  const encoder = missing.some((path) => path.startsWith('vae_encoder'))
    ? ' Text-to-image exports have no vae_encoder; export the model for image to image.'
    : '';
  return unusable(
    `No complete set of networks in ${place}: not found ${missing.join(', ')}. Add what is missing, or name other paths in \`files\`.${encoder}`,
    { missing: missing.join(' ') },
  );
}

/** A graph with its external data; undefined where there is no such file. */
export async function findGraph(repository: Repository, path: string): Promise<GraphFiles | undefined> {
  const file = await repository.describe(path);
  if (!file) return undefined;
  const externalData = await findExternalData(repository, repository.locate(path));
  return externalData.length === 0 ? file : { ...file, externalData };
}

/**
 * Files of weights beside a graph, by the names that exporters give: `model.onnx_data`, `model.onnx_data_1` and on (optimum,
 * transformers.js), `model.onnx.data` (torch), `weights.pb` (older scripts of diffusers, which know `model.onnx` only). What a graph
 * really names is inside it, and it may be gigabytes long; a file too many does no harm.
 */
async function findExternalData(
  repository: Repository,
  path: string,
): Promise<NonNullable<GraphFiles['externalData']>[number][]> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const name = path.slice(folder.length);
  const find = async (candidate: string) => {
    const file = await repository.describe(folder + candidate);
    return file && { ...file, path: candidate };
  };
  const [chunk, torch, weights] = await Promise.all([
    find(`${name}_data`),
    find(`${name}.data`),
    name === 'model.onnx' ? find('weights.pb') : undefined,
  ]);
  const found = [chunk, torch, weights].filter((file) => file !== undefined);
  if (!chunk) return found;
  for (let number = 1; ; number++) {
    const next = await find(`${name}_data_${number}`);
    if (!next) return found;
    found.push(next);
  }
}
