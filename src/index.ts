/** Tintype: Hugging Face's image-to-image call, running in the page. */

export { InferenceClient, imageToImage, type ModelChoice, type Models, type Storage } from './client.js';
export type { EngineBuild, WasmPaths } from './contract/engine-build.js';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeInfo,
  type ErrorDetails,
  type ErrorPhase,
  type ErrorRecord,
  ImageToImageError,
  isImageToImageError,
} from './contract/errors.js';
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
} from './contract/manifest.js';
export type {
  HTMLCanvasElementLike,
  HTMLImageElementLike,
  ImageToImageArgs,
  ImageToImageParameters,
  ParameterName,
  PictureInput,
  TargetSize,
  VideoFrameLike,
} from './contract/parameters.js';
export type { OutputType } from './contract/picture.js';
export type { PreviewEvent, ProgressEvent, ProgressPhase, TileEvent } from './contract/progress.js';
export {
  DECISION_REASONS,
  DEVICE_REASONS,
  type DecisionReason,
  type DeviceReason,
  type NumericParameter,
  type Report,
  WARNING_CODES,
  type Warning,
  type WarningCode,
} from './contract/report.js';
export type { SchedulerConfig } from './contract/scheduler-config.js';
export type { AccessToken } from './hosted/hosted-call.js';
export { DEFAULT_MODEL } from './models.js';
export type {
  Availability,
  CallOptions,
  ClientOptions,
  ConsentRequest,
  Estimate,
  HostedSettings,
  ImageToImageOptions,
  Mode,
  ModelInfo,
  OutputOptions,
  TileOptions,
  WorkerFactories,
} from './options.js';
