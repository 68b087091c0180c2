import type { EngineBuild } from './engine-build.js';
import type { ErrorRecord } from './errors.js';
import type { Device, DiffusionManifest, FeedForwardManifest, Stage, TokenizerFileName } from './manifest.js';
import type { Outcome } from './outcome.js';
import type { OutputType } from './picture.js';
import type { PreviewEvent, ProgressEvent, TileEvent } from './progress.js';
import type { Report, Warning } from './report.js';
import type { GraphPorts, Tensor } from './tensor.js';

/** Raised when page and workers no longer understand each other; a mix of two versions is refused at `hello`. */
export const PROTOCOL_VERSION = 3;

/** What each of the three kinds of worker answers. No method rejects: failure is `{ ok: false }`. */
export interface WorkerApi {
  /**
   * Answers once the worker holds the Web Lock `lockName`, which it keeps for life: the page learns of any death, also a
   * silent one, by being granted the same lock.
   */
  hello(lockName: string): Promise<Outcome<{ readonly protocolVersion: number; readonly holdsLock: boolean }>>;
}

/** One file to fetch and verify, with those that it names. */
export interface ModelAsset {
  /** Under this the workers and the store know the file: its SHA-256, or its URL and version where that is unknown. */
  readonly key: string;
  readonly url: string;
  readonly sizeBytes: number;
  /** Checked where it is known. */
  readonly sha256?: string;
  /** Weights that lie beside a graph, by the name that the graph has for them. */
  readonly externalData?: readonly { readonly path: string; readonly asset: ModelAsset }[];
}

/** How a model's bytes were had. */
export interface Delivery {
  readonly source: 'memory' | 'store' | 'network';
  readonly downloadedBytes: number;
  /** False when the bytes could not be stored for next time. */
  readonly stored: boolean;
}

/** The network, hashes and storage. Never sees a pixel. */
export interface LoaderApi extends WorkerApi {
  /** Joins an engine; verified model bytes are posted to `port`, past the page. */
  addEngine(engineId: string, port: MessagePort): Promise<Outcome<void>>;
  removeEngine(engineId: string): Promise<Outcome<void>>;
  /**
   * Gets the bytes (memory, store, network), checks size and SHA-256, and posts a copy to each engine named.
   * Several calls for one file share one download. `events` gets {@link ProgressEvent}s and is closed at the end.
   */
  deliver(
    callId: string,
    asset: ModelAsset,
    engineIds: readonly string[],
    events: MessagePort,
  ): Promise<Outcome<Delivery>>;
  /** Has all these files fetched and stored, or kept if they are small, with one progress over their sum. */
  prefetch(callId: string, assets: readonly ModelAsset[], events: MessagePort): Promise<Outcome<Delivery>>;
  /** The verified bytes of one small file, for the pipeline worker. */
  read(callId: string, asset: ModelAsset): Promise<Outcome<ArrayBuffer>>;
  /** Ends the call; its download stops unless another call needs it. */
  cancel(callId: string): Promise<Outcome<void>>;
  /** Which of these keys are stored. */
  stored(keys: readonly string[]): Promise<Outcome<readonly boolean[]>>;
  /** Forgets these, or all. */
  remove(keys: readonly string[] | 'all'): Promise<Outcome<void>>;
}

/** What the loader posts to an engine. */
export interface ModelMessage {
  readonly key: string;
  readonly bytes: ArrayBuffer;
  readonly externalData: readonly ExternalData[];
}

/** Weights that lie beside a graph. */
export interface ExternalData {
  readonly path: string;
  readonly bytes: ArrayBuffer;
}

/** A graph that is ready. */
export interface OpenedGraph {
  readonly compileMs: number;
  readonly ports: GraphPorts;
}

/** What an engine answers the page. One operation at a time, in call order. */
export interface EngineApi extends WorkerApi {
  /** Tells which build this is: a page that brings its own workers may have given another. */
  configure(options: EngineSettings): Promise<Outcome<{ readonly build: EngineBuild }>>;
  attachLoader(port: MessagePort): Promise<Outcome<void>>;
  /** From now on `port` answers {@link EngineRunApi}. */
  attachPipeline(port: MessagePort): Promise<Outcome<void>>;
  /**
   * Opens the graph whose bytes the loader posted under `key`. A no-op if it is open already.
   * @param keepOthers Whether other graphs stay open; else they are released first.
   */
  open(key: string, keepOthers: boolean): Promise<Outcome<OpenedGraph>>;
  /** Runs an open model twice on the same input and times the second run; for choosing a device. */
  probe(key: string, inputs: Readonly<Record<string, Tensor>>): Promise<Outcome<Probe>>;
}

/** What an engine must know before its first model. */
export interface EngineSettings {
  /** A prefix, or the exact URL of this build's `.wasm`. @default beside the worker's own script */
  readonly wasmPaths?: string | { readonly wasm: string };
}

/** One timed run. */
export interface Probe {
  readonly runMs: number;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** What an engine answers the pipeline worker. */
export interface EngineRunApi {
  /** The inputs are handed over. */
  run(key: string, inputs: Readonly<Record<string, Tensor>>): Promise<Outcome<Readonly<Record<string, Tensor>>>>;
}

/** What every validated call tells the pipeline worker. */
interface JobFacts {
  readonly id: string;
  readonly picture: Blob | ImageBitmap;
  /** What the engines run on; decides how large tiles are. */
  readonly device: Device;
  readonly maxInputPixels: number;
  readonly targetSize?: { readonly width: number; readonly height: number };
  readonly output: { readonly type: OutputType; readonly quality: number; readonly background: string };
  readonly metadata: 'strip' | 'keep';
  /** Engines that there may be, that are started already, and the multiply-adds of the calls since the workers were started. */
  readonly engines: { readonly most: number; readonly warm: number; readonly earlierMacs: number };
}

/** A call of a feed-forward model. */
export interface FeedForwardJob extends JobFacts {
  readonly manifest: FeedForwardManifest;
  /** Key of the chosen variant. */
  readonly modelKey: string;
  readonly maxTileSidePx?: number;
  readonly wantTiles: boolean;
}

/** A call of a diffusion model. */
export interface DiffusionJob extends JobFacts {
  readonly manifest: DiffusionManifest;
  readonly mask?: Blob | ImageBitmap;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly settings: DiffusionSettings;
  /** Keys of the graphs. */
  readonly graphs: Readonly<Record<Stage, string>>;
  /** Whether guided rows go through the U-Net at once. */
  readonly rows: 'batch' | 'loop';
  /** Whether the decoder may be open beside the U-Net, and previews are wanted. */
  readonly wantPreviews: boolean;
}

/** Every parameter of a diffusion call, none left out. */
export interface DiffusionSettings {
  readonly steps: number;
  readonly guidanceScale: number;
  readonly imageGuidanceScale: number;
  /** Above 0 to 1. */
  readonly strength: number;
  /** 0 to 2^53 - 1. */
  readonly seed: number;
}

/** One validated call, as the pipeline worker gets it. */
export type Job = FeedForwardJob | DiffusionJob;

/** What a finished job tells besides the picture. */
export interface JobResult {
  readonly blob: Blob;
  readonly facts: Pick<Report, 'input' | 'output' | 'tiles' | 'engines' | 'steps' | 'workSize'>;
  readonly warnings: readonly Warning[];
  readonly timingsMs: Report['timingsMs'];
  /** Multiply-adds of the whole job; 0 where nobody knows. */
  readonly macs: number;
  /** Measured multiply-adds per second of one engine; feeds `estimate()`. 0 where there is no measure. */
  readonly macsPerSecond: number;
}

/** What the pipeline worker posts while a job runs. `end` is last, so that no event is lost behind the answer. */
export type JobEvent =
  | { readonly type: 'progress'; readonly progress: ProgressEvent }
  | { readonly type: 'tile'; readonly tile: TileEvent }
  | { readonly type: 'planned'; readonly engines: number; readonly tiles: number }
  | { readonly type: 'preview'; readonly preview: PreviewEvent }
  | { readonly type: 'graph-wanted'; readonly stage: Stage; readonly engines: number }
  | { readonly type: 'engine-failed'; readonly engineId: string; readonly error: ErrorRecord }
  | { readonly type: 'end' };

/** A picture's facts by its header alone. */
export interface PictureFacts {
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly type: string;
}

/** The graph that an engine has ready. */
export interface AttachedGraph {
  readonly key: string;
  readonly ports: GraphPorts;
}

/** A tokenizer's files as text. */
export type TokenizerTexts = Readonly<Partial<Record<TokenizerFileName, string>>>;

/** The pixels. Needs no network; its event loop is never blocked by a run. */
export interface PipelineApi extends WorkerApi {
  attachEngine(engineId: string, graph: AttachedGraph, port: MessagePort): Promise<Outcome<void>>;
  /** An attached engine has opened another graph. False if the engine is not attached any more: attach it anew. */
  reopenEngine(engineId: string, graph: AttachedGraph): Promise<Outcome<boolean>>;
  /** The tokenizer of a diffusion model, before its first job; kept for the next ones. `modelId` is the manifest's. */
  provideTokenizer(modelId: string, files: TokenizerTexts, maxTokens: number): Promise<Outcome<void>>;
  /** Whether the tokenizer of this model is there. */
  hasTokenizer(modelId: string): Promise<Outcome<boolean>>;
  /** The engine is gone; what it was running is run again elsewhere. */
  detachEngine(engineId: string, error: ErrorRecord): Promise<Outcome<void>>;
  run(job: Job, events: MessagePort): Promise<Outcome<JobResult>>;
  /** Ids of the engines that have a run in them just now. */
  runningEngines(): Promise<Outcome<readonly string[]>>;
  /** Answers once the job has stopped: nothing of it runs or waits any more. */
  cancel(jobId: string): Promise<Outcome<void>>;
  inspect(picture: Blob, maxInputPixels: number): Promise<Outcome<PictureFacts>>;
}
