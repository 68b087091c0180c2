import type { EngineBuild } from './engine-build.js';
import type { ErrorRecord } from './errors.js';
import type { Device, ModelManifest } from './manifest.js';
import type { Outcome } from './outcome.js';
import type { OutputType } from './picture.js';
import type { ProgressEvent, TileEvent } from './progress.js';
import type { Report, Warning } from './report.js';
import type { Tensor } from './tensor.js';

/** Raised when page and workers no longer understand each other; a mix of two versions is refused at `hello`. */
export const PROTOCOL_VERSION = 2;

/** What each of the three kinds of worker answers. No method rejects: failure is `{ ok: false }`. */
export interface WorkerApi {
  /**
   * Answers once the worker holds the Web Lock `lockName`, which it keeps for life: the page learns of any death, also a
   * silent one, by being granted the same lock.
   */
  hello(lockName: string): Promise<Outcome<{ readonly protocolVersion: number; readonly holdsLock: boolean }>>;
}

/** One file to fetch and verify. */
export interface ModelAsset {
  readonly url: string;
  readonly sizeBytes: number;
  /** Also the key under which engines know the model. */
  readonly sha256: string;
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
  /** Ends the call; its download stops unless another call needs it. */
  cancel(callId: string): Promise<Outcome<void>>;
  /** Which of these SHA-256 are stored. */
  stored(hashes: readonly string[]): Promise<Outcome<readonly boolean[]>>;
  /** Forgets these, or all. */
  remove(hashes: readonly string[] | 'all'): Promise<Outcome<void>>;
}

/** What the loader posts to an engine. */
export interface ModelMessage {
  readonly key: string;
  readonly bytes: ArrayBuffer;
}

/** What an engine answers the page. One operation at a time, in call order. */
export interface EngineApi extends WorkerApi {
  /** Tells which build this is: a page that brings its own workers may have given another. */
  configure(options: EngineSettings): Promise<Outcome<{ readonly build: EngineBuild }>>;
  attachLoader(port: MessagePort): Promise<Outcome<void>>;
  /** From now on `port` answers {@link EngineRunApi}. */
  attachPipeline(port: MessagePort): Promise<Outcome<void>>;
  /** Opens the model whose bytes the loader posted under `key`; releases the one before. A no-op if it is open already. */
  open(key: string): Promise<Outcome<{ readonly compileMs: number }>>;
  /** Runs the open model twice on the same input and times the second run; for choosing a device. */
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

/** One validated call, as the pipeline worker gets it. */
export interface Job {
  readonly id: string;
  readonly picture: Blob | ImageBitmap;
  readonly manifest: ModelManifest;
  /** SHA-256 of the chosen variant. */
  readonly modelKey: string;
  /** What the engines run on; decides how large tiles are. */
  readonly device: Device;
  readonly maxInputPixels: number;
  /** Engines that there may be, that are started already, and the multiply-adds of the calls since the workers were started. */
  readonly engines: { readonly most: number; readonly warm: number; readonly earlierMacs: number };
  readonly maxTileSidePx?: number;
  readonly targetSize?: { readonly width: number; readonly height: number };
  readonly output: { readonly type: OutputType; readonly quality: number; readonly background: string };
  readonly metadata: 'strip' | 'keep';
  readonly wantTiles: boolean;
}

/** What a finished job tells besides the picture. */
export interface JobResult {
  readonly blob: Blob;
  readonly input: NonNullable<Report['input']>;
  readonly output: NonNullable<Report['output']>;
  readonly tiles: number;
  readonly engines: number;
  readonly warnings: readonly Warning[];
  readonly timingsMs: Readonly<{ decode: number; tiles: number; resize: number; encode: number }>;
  /** Measured multiply-adds per second of one engine; feeds `estimate()`. */
  readonly macsPerSecond: number;
}

/** What the pipeline worker posts while a job runs. `end` is last, so that no event is lost behind the answer. */
export type JobEvent =
  | { readonly type: 'progress'; readonly progress: ProgressEvent }
  | { readonly type: 'tile'; readonly tile: TileEvent }
  | { readonly type: 'planned'; readonly engines: number; readonly tiles: number }
  | { readonly type: 'engine-failed'; readonly engineId: string; readonly error: ErrorRecord }
  | { readonly type: 'end' };

/** A picture's facts by its header alone. */
export interface PictureFacts {
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly type: string;
}

/** The pixels. Needs no network; its event loop is never blocked by a run. */
export interface PipelineApi extends WorkerApi {
  attachEngine(engineId: string, modelKey: string, port: MessagePort): Promise<Outcome<void>>;
  /** An attached engine has opened another model. False if the engine is not attached any more: attach it anew. */
  reopenEngine(engineId: string, modelKey: string): Promise<Outcome<boolean>>;
  /** The engine is gone; what it was running is run again elsewhere. */
  detachEngine(engineId: string, error: ErrorRecord): Promise<Outcome<void>>;
  run(job: Job, events: MessagePort): Promise<Outcome<JobResult>>;
  /** Ids of the engines that have a run in them just now. */
  runningEngines(): Promise<Outcome<readonly string[]>>;
  /** Answers once the job has stopped: nothing of it runs or waits any more. */
  cancel(jobId: string): Promise<Outcome<void>>;
  inspect(picture: Blob, maxInputPixels: number): Promise<Outcome<PictureFacts>>;
}
