import type { ModelFile } from '../contract/manifest.js';
import { type JsonObject, parseJsonObject } from './json-object.js';
import type { ConfigName, RepositoryOptions } from './options.js';
import { unusable } from './refusal.js';
import type { FileSource } from './source.js';

/** Where each configuration file is. */
export const CONFIG_PATHS: Readonly<Record<ConfigName, string>> = {
  model_index: 'model_index.json',
  text_encoder: 'text_encoder/config.json',
  vae_encoder: 'vae_encoder/config.json',
  unet: 'unet/config.json',
  vae_decoder: 'vae_decoder/config.json',
  scheduler: 'scheduler/scheduler_config.json',
  tokenizer: 'tokenizer/tokenizer_config.json',
  config: 'config.json',
  preprocessor: 'preprocessor_config.json',
};

/** The files of a repository under their usual paths, with the caller's corrections applied. */
export interface Repository {
  readonly name: string;
  readonly place: string;
  /** Where a file really is. */
  locate(path: string): string;
  /** A JSON file; undefined where there is none. */
  readJson(path: string): Promise<JsonObject | undefined>;
  /** A configuration file under the caller's `configs`; undefined where there is neither. */
  readConfig(name: ConfigName): Promise<JsonObject | undefined>;
  /** See {@link FileSource.describe}. @throws ImageToImageError if `files` names a path that is not there. */
  describe(path: string, length?: 'told' | 'count'): Promise<ModelFile | undefined>;
}

/** @param options Only `files` and `configs` count. */
export function openRepository(
  source: FileSource,
  { files = {}, configs = {} }: Pick<RepositoryOptions, 'files' | 'configs'>,
): Repository {
  const locate = (path: string): string => (Object.hasOwn(files, path) ? (files[path] ?? path) : path);

  async function readJson(path: string): Promise<JsonObject | undefined> {
    const text = await source.readText(locate(path));
    return text === undefined ? undefined : parseJsonObject(text, locate(path));
  }

  return {
    name: source.name,
    place: source.place,
    locate,
    readJson,
    async readConfig(name) {
      const [stored, given] = [await readJson(CONFIG_PATHS[name]), configs[name]];
      return stored || given ? { ...stored, ...given } : undefined;
    },
    async describe(path, length = 'told') {
      const located = locate(path);
      const file = await source.describe(located, length);
      if (file || located === path) return file;
      throw unusable(`files['${path}'] names ${located}, which is not in ${source.place}. Correct the path.`);
    },
  };
}
