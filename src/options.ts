import type { EngineBuild, WasmPaths } from './contract/engine-build.js';
import type { Device, Dtype, ModelManifest, ModelTask, RecommendedParameters } from './contract/manifest.js';
import type { ParameterName } from './contract/parameters.js';
import type { OutputType } from './contract/picture.js';
import type { PreviewEvent, ProgressEvent, TileEvent } from './contract/progress.js';
import type { Report } from './contract/report.js';

/**
 * Where a call may run.
 * - `local-only`: in the page or not at all. Every hosted wish is refused before any request.
 * - `local-first`: in the page; the hosted side if that fails and consent is given.
 * - `remote-first`: the hosted side if consent is given; else in the page.
 * - `remote-only`: the hosted side or not at all.
 */
export type Mode = 'local-only' | 'local-first' | 'remote-first' | 'remote-only';

/** What the picture's owner is asked before anything leaves the page. Holds no pixels. */
export interface ConsentRequest {
  /** Why the hosted side is needed: the code of the error that ended the call in the page, or the report's `reason`. */
  readonly reason: string;
  /** The host that the picture would be sent to first. */
  readonly host: string;
  /** All hosts that this consent covers; results are fetched from where the provider says. */
  readonly hosts: readonly string[];
  /** The hosted provider's name, `auto`, or `endpoint` for an own URL. */
  readonly provider: string;
  /** Id of the hosted model; empty where an endpoint has only one. */
  readonly model: string;
  /**
   * Size of the picture that would be sent, without its metadata. Requests are larger: base64 adds a third, and some providers take the
   * picture in several fields (fal-ai and wavespeed two, replicate four).
   */
  readonly sizeBytes: number;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The hosted side of calls that do not name it themselves, and how it is used. */
export interface HostedSettings {
  /** Id of the hosted model. @default `args.model`, if it is none of the page's own */
  readonly model?: string | undefined;
  /** `hf-inference`, `fal-ai`, `replicate`, `wavespeed`, `together` or `auto`. @default 'auto' */
  readonly provider?: string | undefined;
  /** An inference endpoint or a proxy of your own, absolute or relative to the page. */
  readonly endpointUrl?: string | undefined;
  /** Milliseconds for a whole hosted call. @default 300000 */
  readonly timeoutMs?: number | undefined;
  /** Bytes of an answer at most. @default 67108864 */
  readonly maxAnswerBytes?: number | undefined;
  /** Pixels of a picture that is sent, at most; larger ones are scaled down first. @default no limit */
  readonly maxUploadPixels?: number | undefined;
  /** Whether a long-lived `hf_` token in a page is warned about, once, on the console. @default true */
  readonly warnsOfToken?: boolean | undefined;
}

/** How the result is written. */
export interface OutputOptions {
  /** @default 'image/png' */
  readonly type?: OutputType | undefined;
  /** Quality of JPEG and WebP, 0 to 1. Ignored for PNG. @default 0.92 */
  readonly quality?: number | undefined;
  /** CSS colour under transparent pixels where the type has no transparency (JPEG). @default '#ffffff' */
  readonly background?: string | undefined;
}

/** How the picture is cut. Left out, the plan is chosen from the model's cost and receptive field. */
export interface TileOptions {
  /** Longest tile side in input pixels, 32 to 4096. Larger tiles compute less twice and take more memory. */
  readonly maxSidePx?: number | undefined;
}

/** Makers of the three kinds of worker, for own hosting (another path, a strict CSP, a bundler without worker support). */
export interface WorkerFactories {
  /** Of `tintype/loader.worker`; needs the network. */
  readonly loader?: (() => Worker) | undefined;
  /** Of `tintype/pipeline.worker`; sees the pictures. */
  readonly pipeline?: (() => Worker) | undefined;
  /** Of `tintype/engine.wasm.worker`, `.jspi.worker` or `.asyncify.worker`, as `build` says; called once per engine. */
  readonly engine?: ((build: EngineBuild) => Worker) | undefined;
}

/** What a call waits for and listens to, shared by `imageToImage` and `load`. */
export interface CallOptions {
  /** Ends the call: it rejects at once with the signal's own reason, and the work stops. */
  readonly signal?: AbortSignal | undefined;
  /** Called in order with each step forward; see {@link ProgressEvent}. Throwing in it does not disturb the call. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /**
   * Where the graph runs. A named device is used or the call is refused with `environment-unsupported`. `auto` is WASM without a
   * hardware graphics adapter; with one it times a tile on both, once per model, runtime and adapter, remembers the faster, and
   * goes on with WASM should WebGPU fail. The report says why.
   * @default 'auto'
   */
  readonly device?: 'auto' | Device | undefined;
  /** Which of the model's files to use. @default 'auto': the manifest's choice for the device */
  readonly dtype?: 'auto' | Dtype | undefined;
  /**
   * Whether the networks of a prompted model stay open together (`resident`: faster, previews, the next call starts at once) or take
   * turns (`sequential`: less memory).
   * @default 'auto': `resident` up to 256 MiB of weights
   */
  readonly residency?: 'auto' | 'sequential' | 'resident' | undefined;
}

/** Options of one `imageToImage` call. The snake_case ones are the hosted client's own and concern the hosted side. */
export interface ImageToImageOptions extends CallOptions {
  /** Called with each finished tile, in any order; see {@link TileEvent}. Left out, no pixel is sent to the page early. */
  readonly onTile?: ((tile: TileEvent) => void) | undefined;
  /**
   * Called after each step of a prompted model with the picture as foreseen; costs a run of the model's decoder each, and is never
   * called where the networks take turns (`residency`).
   */
  readonly onPreview?: ((preview: PreviewEvent) => void) | undefined;
  /**
   * Called exactly once per call, also when it fails or is aborted, just before the promise settles. That of a client hears of all its
   * calls, also of those with a listener of their own.
   */
  readonly onReport?: ((report: Report) => void) | undefined;
  /** @default 'local-only' */
  readonly mode?: Mode | undefined;
  /** The owner's agreement that the picture may leave the page: asked for each call that needs it. @default undefined: it may not */
  readonly consent?: true | ((request: ConsentRequest) => boolean | Promise<boolean>) | undefined;
  readonly hosted?: HostedSettings | undefined;
  readonly tile?: TileOptions | undefined;
  readonly output?: OutputOptions | undefined;
  /**
   * What becomes of EXIF metadata. `keep` copies it into the result with the orientation reset, for the pixels are already
   * upright; it may hold the place where the picture was taken.
   * @default 'strip'
   */
  readonly metadata?: 'strip' | 'keep' | undefined;
  /** Hosted side only: whether a busy or loading server is asked again. @default true */
  readonly retry_on_error?: boolean | undefined;
  /** Hosted side only: makes every request of a call. @default the page's own */
  readonly fetch?: typeof fetch | undefined;
  /** Hosted side only: `RequestInit.credentials`; `true` is `include`. @default none are sent */
  readonly includeCredentials?: string | boolean | undefined;
  /** Hosted side only: sent to Hugging Face as `X-HF-Bill-To`. */
  readonly billTo?: string | undefined;
  /** Hosted side only: `false` asks for a fresh result (`x-use-cache`). */
  readonly use_cache?: boolean | undefined;
  /** Hosted side only: `true` waits for a model that is loading from the first attempt on (`x-wait-for-model`). */
  readonly wait_for_model?: boolean | undefined;
}

/** What a client is made with; also the default of every option of its calls. */
export interface ClientOptions extends Omit<ImageToImageOptions, 'signal'> {
  /** Models besides the embedded catalogue. An id of the catalogue may be replaced. */
  readonly models?: readonly ModelManifest[] | undefined;
  /** Names that calls may use for models of the page: hosted ids mostly, `{ 'timbrooks/instruct-pix2pix': 'instruct-pix2pix-micro' }`. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  readonly workers?: WorkerFactories | undefined;
  /**
   * Where the onnxruntime-web files are, for own hosting: a URL prefix ending in `/`, or the exact URL of the `.wasm` file of each
   * build that may be used.
   * @default undefined: beside the package's own engine workers, as the bundler put them
   */
  readonly wasmPaths?: WasmPaths | undefined;
  /** Engine workers at most, 1 to 16. @default one per core, at most 8; fewer for small pictures */
  readonly maxEngines?: number | undefined;
  /** Milliseconds without a call after which all workers are ended and their memory returned. @default 30000 */
  readonly idleMs?: number | undefined;
  /** Pixels of an input picture at most. @default 67108864 */
  readonly maxInputPixels?: number | undefined;
}

/** Whether a model can be used at once. Named after the browsers' built-in AI APIs. */
export type Availability = 'available' | 'downloadable' | 'downloading' | 'unavailable';

/** Cost of a call before any work or download. */
export interface Estimate {
  /** Pieces that the picture would be cut into; 1 for prompted models. */
  readonly tiles: number;
  /** Steps that a prompted model would run. */
  readonly steps?: number;
  /** Size that a prompted model would work at, in pixels. */
  readonly workSize?: { readonly width: number; readonly height: number };
  /** Engine workers that would be used. */
  readonly engines: number;
  /** Peak memory over all workers for pixels and activations; see docs/memory.md for the formula. */
  readonly peakBytes: number;
  /** Bytes still to fetch for the model; 0 when stored. */
  readonly downloadBytes: number;
  /**
   * Expected seconds of running tiles, or steps; loading, decoding and encoding come on top. Left out for prompted models whose work
   * nobody has computed.
   */
  readonly seconds?: number;
  /** `measured`: from runs of this client on this device. `assumed`: from a typical laptop core; run once to replace it. */
  readonly basis: 'measured' | 'assumed';
  /** Size of the result in pixels. */
  readonly output: { readonly width: number; readonly height: number };
}

/** A model for a picker. */
export interface ModelInfo {
  /** What `args.model` names. */
  readonly id: string;
  /** For grouping. */
  readonly task: ModelTask;
  /** Plain name without the scale: "Enlarge, sharp". */
  readonly title: string;
  /** One sentence: what for, and what not. */
  readonly summary: string;
  /** Output pixels per input pixel and side; 1 for same-size models. */
  readonly scale: number;
  /** Parameters that have an effect, besides `target_size`. */
  readonly honours: readonly ParameterName[];
  /** Values of a prompted model for parameters that are left out. */
  readonly recommended?: RecommendedParameters;
  /** SPDX id. */
  readonly licence: string;
  /** Whom to credit, in one line. */
  readonly attribution: string;
  /** Size of the variant that this device would use by default. */
  readonly sizeBytes: number;
  /** Whether that variant is stored and needs no network. */
  readonly stored: boolean;
}
