import { measureFeedForward } from './bridge/feed-forward-runs.js';
import { Workshop } from './bridge/workshop.js';
import type { CallContext, CallKind } from './call.js';
import { ImageToImageError, isImageToImageError } from './contract/errors.js';
import type { ModelManifest } from './contract/manifest.js';
import type { ImageToImageArgs } from './contract/parameters.js';
import type { Report } from './contract/report.js';
import { Devices } from './devices.js';
import { feedForwardCalls, likelyFeedForward } from './feed-forward-call.js';
import type { AccessToken } from './hosted/hosted-call.js';
import { assetOf } from './model-assets.js';
import { createModelRegistry, DEFAULT_MODEL, type ModelRegistry } from './models.js';
import type { Availability, CallOptions, ClientOptions, Estimate, ImageToImageOptions, ModelInfo } from './options.js';
import { toTransferable } from './picture-input.js';
import { type Capabilities, missingCapability, probeCapabilities } from './policy/capabilities.js';
import { type Decision, decide } from './policy/decide.js';
import { mayFallBackToHosted, mayFallBackToPage } from './policy/fallback.js';
import { forwardOnly, quietly } from './progress.js';
import { createReportDraft, type ReportDraft } from './report-draft.js';
import { untilAborted } from './until-aborted.js';
import {
  hostedOnlyWarnings,
  pageOnlyWarnings,
  parameterWarnings,
  validateCall,
  validateClientOptions,
} from './validate.js';

/** The model catalogue of a client. */
export interface Models {
  /** Every model that this client can run, the default first, and whether it is stored. Fetches no weights. */
  list(): Promise<readonly ModelInfo[]>;
  /** The manifest of one model. @throws ImageToImageError `model-unavailable` */
  get(id: string): Promise<ModelManifest>;
}

/** The model files that are kept for next time. */
export interface Storage {
  /** Forgets one model's files. @throws ImageToImageError `model-unavailable` for an unknown id. */
  remove(modelId: string): Promise<void>;
  /** Forgets all model files of this origin that Tintype stored. */
  clear(): Promise<void>;
}

/** What `availability`, `load` and `estimate` need to know of a call. */
export type ModelChoice = Pick<ImageToImageArgs, 'model'>;

const DEFAULT_IDLE_MS = 30_000;
const DEFAULT_MAX_INPUT_PIXELS = 2 ** 26;
/** More engines than this cost more memory than they save time on common machines. */
const DEFAULT_MAX_ENGINES = 8;

/**
 * Hugging Face's image-to-image client, running in the page. Making one costs nothing: workers start with the first call and
 * end after `idleMs` without one.
 */
export class InferenceClient implements AsyncDisposable {
  /** The models that this client can run. */
  readonly models: Models;
  /** What is kept of them on this device. */
  readonly storage: Storage;
  readonly #accessToken: AccessToken | undefined;
  readonly #defaults: ClientOptions;
  readonly #registry: ModelRegistry;
  readonly #workshop: Workshop;
  readonly #devices: Devices;
  readonly #speeds = new Map<string, number>();
  /** Calls per model file that load or run it. */
  readonly #inUse = new Map<string, number>();
  #capabilities: Capabilities | undefined;
  readonly #disposing = new AbortController();

  /**
   * @param accessToken For calls that go to the hosted side; never read while a call stays in the page. A function is asked once per
   * attempt, so that it may refresh.
   * @param defaults Options of the client, and defaults for those of each call.
   * @throws TypeError or RangeError naming a bad option.
   */
  constructor(accessToken?: AccessToken, defaults: ClientOptions = {}) {
    validateClientOptions(defaults);
    this.#accessToken = accessToken;
    this.#defaults = defaults;
    this.#registry = createModelRegistry(defaults.models, defaults.aliases);
    const { workers, wasmPaths, idleMs = DEFAULT_IDLE_MS } = defaults;
    this.#workshop = new Workshop({ workers, wasmPaths, idleMs });
    this.#devices = new Devices({
      measure: (options, listeners) => measureFeedForward(this.#workshop, options, listeners),
    });
    this.models = { list: () => this.#listModels(), get: (id) => this.#registry.find(id) };
    this.storage = {
      remove: async (id) => {
        const keys = await this.#allKeys(await this.#registry.find(id));
        await this.#workshop.remove(keys);
        await this.#devices.forget(keys);
      },
      clear: async () => {
        await this.#workshop.remove('all');
        await this.#devices.forget('all');
      },
    };
  }

  /**
   * One picture in, a better one out. Calls of one client run one after another, each on all cores.
   * @returns The result in `options.output.type`, by default PNG.
   * @throws ImageToImageError with a documented `code`; the signal's own reason on abort; TypeError or RangeError on misuse.
   */
  async imageToImage(args: ImageToImageArgs, options: ImageToImageOptions = {}): Promise<Blob> {
    const merged: ImageToImageOptions = mergeOptions(this.#defaults, options);
    const draft = createReportDraft(String(args?.model ?? DEFAULT_MODEL));
    try {
      validateCall(args, merged);
      merged.signal?.throwIfAborted();
      const blob = await untilAborted(merged.signal, this.#run(args, merged, draft));
      quietly(merged.onReport)?.(draft.finish('done'));
      return blob;
    } catch (caught) {
      quietly(merged.onReport)?.(draft.finish(wasAborted(merged, caught) ? 'aborted' : 'failed', caught));
      throw caught;
    }
  }

  /** Whether a model can be used at once; `unavailable` where this browser or page cannot run it at all. */
  async availability(choice: ModelChoice = {}): Promise<Availability> {
    const manifest = await this.#registry.find(choice.model ?? DEFAULT_MODEL);
    if (missingCapability(this.#probe()) !== undefined) return 'unavailable';
    let keys: readonly string[];
    try {
      ({ keys } = await this.#likelyFiles(manifest, this.#defaults));
    } catch (caught) {
      if (isImageToImageError(caught) && caught.code === 'environment-unsupported') return 'unavailable';
      throw caught;
    }
    const stored = await this.#workshop.stored(keys);
    if (stored.every(Boolean)) return 'available';
    return keys.some((key) => this.#inUse.has(key)) ? 'downloading' : 'downloadable';
  }

  /** Downloads, verifies and opens a model, and measures devices where `auto` has to, so that the next call starts at once. */
  async load(choice: ModelChoice = {}, options: CallOptions = {}): Promise<void> {
    const merged: CallOptions = mergeDefined(this.#defaults, options);
    const { signal } = merged;
    signal?.throwIfAborted();
    this.#requireInPage();
    const manifest = await untilAborted(signal, this.#registry.find(choice.model ?? DEFAULT_MODEL));
    const kind = await untilAborted(signal, kindOf(manifest));
    const listeners = {
      signal,
      onProgress: forwardOnly(merged.onProgress),
      onDelivery: () => {},
      onTile: () => {},
      onPreview: () => {},
      onDeviceChanged: () => {},
    };
    await untilAborted(signal, kind.load({ manifest, options: merged, context: this.#context(), listeners }));
  }

  /**
   * What a call would cost, before any work or download. Reads the picture's header only.
   * @throws ImageToImageError as the call itself would: `image-too-large`, `invalid-input`, `unsupported-type`, `model-unavailable`.
   */
  async estimate(args: ImageToImageArgs, options: ImageToImageOptions = {}): Promise<Estimate> {
    const merged: ImageToImageOptions = mergeOptions(this.#defaults, options);
    validateCall(args, merged);
    this.#requireInPage();
    return untilAborted(merged.signal, this.#estimate(args, merged));
  }

  /** Ends all workers and returns their memory. Calls in flight reject with `worker-crashed`; later calls with a TypeError. */
  async dispose(): Promise<void> {
    this.#disposing.abort(
      new ImageToImageError({
        code: 'worker-crashed',
        phase: 'hosted',
        message: 'The client was disposed while the call ran. Make a new client.',
      }),
    );
    this.#workshop.dispose();
  }

  /** The same as `dispose()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Begins where the decision says, and goes on at the other side where that is allowed. */
  async #run(args: ImageToImageArgs, options: ImageToImageOptions, draft: ReportDraft): Promise<Blob> {
    this.#refuseDisposed();
    const decision = decideCall(args, options);
    draft.decided(decision);
    const { where, reason, otherwise } = decision;
    if (where === 'refused') throw forbidden(decision);
    if (where === 'hosted') {
      try {
        return await this.#runHosted(args, options, draft, reason);
      } catch (caught) {
        if (otherwise !== 'in-page' || !mayFallBackToPage(caught)) throw caught;
        draft.fellBack(caught);
        return this.#runInPage(args, options, draft);
      }
    }
    if (otherwise === 'nowhere') draft.warn(...hostedOnlyWarnings(options));
    try {
      return await this.#runInPage(args, options, draft);
    } catch (caught) {
      // A page that is done with a picture does not want it sent.
      if (this.#disposing.signal.aborted) throw caught;
      const isOnline = globalThis.navigator?.onLine !== false;
      if (otherwise !== 'hosted' || !mayFallBackToHosted(caught, isOnline) || options.signal?.aborted) throw caught;
      const hasTarget =
        options.hosted?.endpointUrl !== undefined || (await this.#hostedModel(args, options)) !== undefined;
      if (!hasTarget) throw caught;
      draft.fellBack(caught);
      return this.#runHosted(args, options, draft, (caught as ImageToImageError).code, caught);
    }
  }

  async #runHosted(
    args: ImageToImageArgs,
    options: ImageToImageOptions,
    draft: ReportDraft,
    reason: string,
    cause?: unknown,
  ): Promise<Blob> {
    const model = await this.#hostedModel(args, options);
    const { runHosted } = await hostedSide();
    draft.warn(...pageOnlyWarnings(options));
    const tell = quietly(options.onProgress) ?? (() => {});
    const ended = this.#disposing.signal;
    const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
    const accessToken = this.#accessToken;
    const run = { args, options: { ...options, signal }, accessToken, model, reason, cause, draft, tell };
    return untilAborted(signal, runHosted(run));
  }

  /** Id of the hosted model that stands for the call's; undefined where none is known. */
  async #hostedModel({ model }: ImageToImageArgs, { hosted }: ImageToImageOptions): Promise<string | undefined> {
    if (hosted?.model !== undefined || model === undefined) return hosted?.model;
    const aliases = Object.entries(this.#defaults.aliases ?? {});
    if (aliases.some(([alias]) => alias === model)) return model;
    const isOfPage = (await this.#registry.all()).some(({ id }) => id === model);
    return isOfPage ? aliases.find(([, id]) => id === model)?.[0] : model;
  }

  async #runInPage(args: ImageToImageArgs, options: ImageToImageOptions, draft: ReportDraft): Promise<Blob> {
    this.#requireInPage();
    const manifest = await this.#registry.find(args.model ?? DEFAULT_MODEL);
    draft.warn(...parameterWarnings(manifest, args.parameters));
    const tell = forwardOnly(options.onProgress);
    const listeners = {
      signal: options.signal,
      onProgress: (event: Parameters<typeof tell>[0]) => {
        draft.progressed(event);
        tell(event);
      },
      onDelivery: draft.delivered,
      onTile: quietly(options.onTile) ?? (() => {}),
      onPreview: quietly(options.onPreview) ?? (() => {}),
      onDeviceChanged: draft.deviceChanged,
    };
    const kind = await kindOf(manifest);
    return kind.run({ manifest, args, options, context: this.#context(), draft, listeners });
  }

  async #estimate(args: ImageToImageArgs, options: ImageToImageOptions): Promise<Estimate> {
    const manifest = await this.#registry.find(args.model ?? DEFAULT_MODEL);
    const [kind, size] = await Promise.all([kindOf(manifest), this.#sizeOf(args)]);
    return kind.estimate({ manifest, args, options, context: this.#context(), size });
  }

  /** @throws TypeError after dispose, ImageToImageError `environment-unsupported` where nothing can run. */
  #requireInPage(): void {
    this.#refuseDisposed();
    const missing = missingCapability(this.#probe());
    if (missing === undefined) return;
    throw new ImageToImageError({
      code: 'environment-unsupported',
      phase: 'validate',
      message: `Images cannot be worked on here: missing ${missing}. Use a current browser, and serve the page over https or from localhost.`,
      details: { missing },
    });
  }

  #refuseDisposed(): void {
    if (this.#disposing.signal.aborted) throw new TypeError('This client was disposed. Make a new InferenceClient.');
  }

  #context(): CallContext {
    return {
      workshop: this.#workshop,
      devices: this.#devices,
      maxInputPixels: this.#maxInputPixels(),
      maxEngines: this.#maxEngines(),
      speeds: this.#speeds,
      using: (keys, work) => this.#using(keys, work),
    };
  }

  /** The files that a call would choose now. */
  async #likelyFiles(manifest: ModelManifest, options: CallOptions): Promise<LikelyFiles> {
    if (manifest.pipeline === 'diffusion') {
      const { likelyPrompted } = await prompted();
      return likelyPrompted(manifest, options, this.#context());
    }
    const { variant } = await likelyFeedForward(manifest, options, this.#context());
    return { keys: [assetOf(variant).key], sizeBytes: variant.sizeBytes };
  }

  /** Those of every form of the model. */
  async #allKeys(manifest: ModelManifest): Promise<readonly string[]> {
    const { variants } = manifest;
    const files = await Promise.all(
      variants.map(({ dtype }) => this.#likelyFiles(manifest, { device: 'wasm', dtype }).then(({ keys }) => keys)),
    );
    return [...new Set(files.flat())];
  }

  async #sizeOf(args: ImageToImageArgs): Promise<{ readonly width: number; readonly height: number }> {
    const picture = await toTransferable(args.inputs);
    if (picture instanceof Blob) return this.#workshop.inspect(picture, this.#maxInputPixels());
    const { width, height } = picture;
    picture.close();
    return { width, height };
  }

  async #listModels(): Promise<readonly ModelInfo[]> {
    const manifests = await this.#registry.all();
    const files = await Promise.all(manifests.map((manifest) => this.#listedFiles(manifest)));
    const usable = missingCapability(this.#probe()) === undefined;
    const stored = usable ? await this.#workshop.stored(files.flatMap(({ keys }) => keys)) : [];
    let at = 0;
    return manifests.map((manifest, index) => {
      const { id, task, title, summary, honours, licence, attribution } = manifest;
      const { keys = [], sizeBytes = 0 } = files[index] ?? {};
      const isStored = usable && stored.slice(at, at + keys.length).every(Boolean);
      at += keys.length;
      const facts = { id, task, title, summary, honours, licence, attribution, sizeBytes, stored: isStored };
      if (manifest.pipeline === 'feed-forward') return { ...facts, scale: manifest.scale };
      return { ...facts, scale: 1, recommended: manifest.recommended };
    });
  }

  /** The files that a call without options would use; where none can run here, those for WASM stand for them. */
  async #listedFiles(manifest: ModelManifest): Promise<LikelyFiles> {
    const { device } = this.#defaults;
    return this.#likelyFiles(manifest, { device }).catch(() => this.#likelyFiles(manifest, { device: 'wasm' }));
  }

  async #using<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const key of keys) this.#inUse.set(key, (this.#inUse.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const key of keys) {
        const left = (this.#inUse.get(key) ?? 1) - 1;
        if (left > 0) this.#inUse.set(key, left);
        else this.#inUse.delete(key);
      }
    }
  }

  #probe(): Capabilities {
    this.#capabilities ??= probeCapabilities();
    return this.#capabilities;
  }

  #maxEngines(): number {
    return this.#defaults.maxEngines ?? Math.min(DEFAULT_MAX_ENGINES, this.#probe().cores);
  }

  #maxInputPixels(): number {
    return this.#defaults.maxInputPixels ?? DEFAULT_MAX_INPUT_PIXELS;
  }
}

interface LikelyFiles {
  readonly keys: readonly string[];
  readonly sizeBytes: number;
}

/** What knows the calls of a model's kind. */
async function kindOf({ pipeline }: ModelManifest): Promise<CallKind<ModelManifest>> {
  const kind = pipeline === 'diffusion' ? (await prompted()).promptedCalls : feedForwardCalls;
  // Each is only ever given manifests of its own kind.
  return kind as CallKind<never>;
}

/** Shared while it loads, so that calls keep their order: a bundler may resolve a second import before the first. */
let loadingPrompted: Promise<typeof import('./prompted-call.js')> | undefined;

async function prompted(): Promise<typeof import('./prompted-call.js')> {
  loadingPrompted ??= import('./prompted-call.js');
  try {
    return await loadingPrompted;
  } catch (caught) {
    loadingPrompted = undefined;
    throw chunkMissing('prompted models', 'model-unavailable', caught);
  }
}

function chunkMissing(what: string, code: 'model-unavailable' | 'remote-failed', caught: unknown): ImageToImageError {
  return new ImageToImageError({
    code,
    phase: 'download',
    message: `The part of Tintype for ${what} could not be fetched. Check that the page is online and its script files are all served, then call again.`,
    cause: String(caught),
  });
}

let shared: InferenceClient | undefined;

/** {@link InferenceClient.imageToImage} of one client that all such calls share. `args.accessToken` is for the hosted side only. */
export function imageToImage(args: ImageToImageArgs, options?: ImageToImageOptions): Promise<Blob> {
  shared ??= new InferenceClient();
  return shared.imageToImage(args, options);
}

function decideCall(
  { provider, endpointUrl }: ImageToImageArgs,
  { mode = 'local-only' }: ImageToImageOptions,
): Decision {
  const inPageAsked = provider === 'in-page';
  const hostedAsked = endpointUrl !== undefined || (provider !== undefined && !inPageAsked);
  return decide({ mode, hostedAsked, inPageAsked });
}

function forbidden({ reason }: Decision): ImageToImageError {
  const message =
    reason === 'mode-forbids-hosted'
      ? "The call asks for the hosted side, but mode is 'local-only'. No request was made. Leave provider and endpointUrl out to run in the page, or pass another mode and consent."
      : "The call names the provider 'in-page', but mode is 'remote-only'. Leave one of them out.";
  return new ImageToImageError({ code: 'remote-refused', phase: 'validate', message, details: { reason } });
}

/** What speaks to the hosted side: pages that never do never fetch it. */
async function hostedSide(): Promise<typeof import('./hosted/run-hosted.js')> {
  try {
    return await import('./hosted/run-hosted.js');
  } catch (caught) {
    throw chunkMissing('the hosted side', 'remote-failed', caught);
  }
}

function wasAborted({ signal }: CallOptions, caught: unknown): boolean {
  return signal?.aborted === true && caught === signal.reason;
}

/** Later options win, but `undefined` does not hide a default. */
function mergeDefined<A extends object, B extends object>(defaults: A, options: B): A & B {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as A & B;
}

/** The same, one level deeper for `hosted`: a call that only sets a time limit must not lose the client's own proxy. */
function mergeOptions<Options extends Pick<ImageToImageOptions, 'hosted' | 'onReport'>>(
  defaults: Pick<ImageToImageOptions, 'hosted' | 'onReport'>,
  options: Options,
): Options {
  const { endpointUrl, ...others } = defaults.hosted ?? {};
  // A provider that the call names is not sent to the client's endpoint.
  const keepsEndpoint = endpointUrl !== undefined && options.hosted?.provider === undefined;
  const hosted = mergeDefined({ ...others, ...(keepsEndpoint ? { endpointUrl } : {}) }, options.hosted ?? {});
  // Whoever listens to a client hears of all its calls, also of those that have a listener of their own.
  const onReport = (report: Report): void => {
    for (const listener of new Set([defaults.onReport, options.onReport])) quietly(listener)?.(report);
  };
  // What is no function is left for validation to refuse.
  const listens = typeof defaults.onReport === 'function' && typeof options.onReport === 'function';
  return { ...mergeDefined(defaults, options), hosted, ...(listens ? { onReport } : {}) } as Options;
}
