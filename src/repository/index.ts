/** `tintype/repository`: model repositories of others, as manifests. */

export type {
  Device,
  DiffusionFamily,
  DiffusionManifest,
  DiffusionVariant,
  Dtype,
  FeedForwardManifest,
  FloatPixels,
  GraphFiles,
  ModelCard,
  ModelFile,
  ModelManifest,
  ModelTask,
  ModelVariant,
  RecommendedParameters,
  Stage,
  TileRule,
  TokenizerFileName,
  TokenizerFiles,
} from '../contract/manifest.js';
export type { ParameterName } from '../contract/parameters.js';
export type { SchedulerConfig } from '../contract/scheduler-config.js';
export type { HandedInFiles } from './blob-source.js';
export type { ConfigName, RepositoryDtype, RepositoryOptions } from './options.js';
export { readRepository } from './read-repository.js';
