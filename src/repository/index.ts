/** `tintype/repository`: model repositories of others, as manifests. */

export type {
  DiffusionManifest,
  Dtype,
  FeedForwardManifest,
  ModelManifest,
  RecommendedParameters,
  Stage,
} from '../contract/manifest.js';
export type { HandedInFiles } from './blob-source.js';
export type { ConfigName, RepositoryDtype, RepositoryOptions } from './options.js';
export { readRepository } from './read-repository.js';
