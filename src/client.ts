import type { CallListeners } from './bridge/lifetime.js';
import { Workshop } from './bridge/workshop.js';
import { ImageToImageError, isImageToImageError } from './contract/errors.js';
import type { Device, ModelManifest, ModelVariant } from './contract/manifest.js';
import type { ImageToImageArgs } from './contract/parameters.js';
import { type DeviceChoice, type DeviceRequest, Devices } from './devices.js';
import { chooseVariant, createModelRegistry, DEFAULT_MODEL, type ModelRegistry } from './models.js';
import type { Availability, CallOptions, ClientOptions, Estimate, ImageToImageOptions, ModelInfo } from './options.js';
import { toTransferable } from './picture-input.js';
import { type Capabilities, missingCapability, probeCapabilities } from './policy/capabilities.js';
import { type Decision, decide } from './policy/decide.js';
import { forwardOnly, quietly } from './progress.js';
import { createReportDraft, type ReportDraft } from './report-draft.js';
import { untilAborted } from './until-aborted.js';
import { optionWarnings, parameterWarnings, validateCall, validateClientOptions } from './validate.js';

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
  readonly #defaults: ClientOptions;
  readonly #registry: ModelRegistry;
  readonly #workshop: Workshop;
  readonly #devices: Devices;
  /** Calls per model file that load or run it. */
  readonly #inUse = new Map<string, number>();
  #capabilities: Capabilities | undefined;
  /** Measured, by device. */
  readonly #macsPerSecond: Partial<Record<Device, number>> = {};
  #disposed = false;

  /**
   * @param _accessToken Accepted because the hosted client takes it first; a call that stays in the page never reads it.
   * @param defaults Options of the client, and defaults for those of each call.
   * @throws TypeError or RangeError naming a bad option.
   */
  constructor(_accessToken?: string, defaults: ClientOptions = {}) {
    validateClientOptions(defaults);
    this.#defaults = defaults;
    this.#registry = createModelRegistry(defaults.models);
    const { workers, wasmPaths, idleMs = DEFAULT_IDLE_MS } = defaults;
    this.#workshop = new Workshop({ workers, wasmPaths, idleMs });
    this.#devices = new Devices(this.#workshop);
    this.models = { list: () => this.#listModels(), get: (id) => this.#registry.find(id) };
    this.storage = {
      remove: async (id) => {
        const { variants } = await this.#registry.find(id);
        const hashes = variants.map((variant) => variant.sha256);
        await this.#workshop.remove(hashes);
        await this.#devices.forget(hashes);
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
    const merged: ImageToImageOptions = mergeDefined(this.#defaults, options);
    const draft = createReportDraft(String(args?.model ?? DEFAULT_MODEL));
    try {
      validateCall(args, merged);
      merged.signal?.throwIfAborted();
      const blob = await untilAborted(merged.signal, this.#runInPage(args, merged, draft));
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
    let sha256: string;
    try {
      ({ sha256 } = (await this.#likelyChoice(manifest, this.#defaults)).variant);
    } catch (caught) {
      if (isImageToImageError(caught) && caught.code === 'environment-unsupported') return 'unavailable';
      throw caught;
    }
    const [stored] = await this.#workshop.stored([sha256]);
    if (stored) return 'available';
    return this.#inUse.has(sha256) ? 'downloading' : 'downloadable';
  }

  /** Downloads, verifies and opens a model, and measures devices where `auto` has to, so that the next call starts at once. */
  async load(choice: ModelChoice = {}, options: CallOptions = {}): Promise<void> {
    const merged: CallOptions = mergeDefined(this.#defaults, options);
    const { signal } = merged;
    signal?.throwIfAborted();
    this.#requireInPage();
    const manifest = await untilAborted(signal, this.#registry.find(choice.model ?? DEFAULT_MODEL));
    const request = this.#deviceRequest(manifest, merged);
    const listeners = {
      signal,
      onProgress: forwardOnly(merged.onProgress),
      onDelivery: () => {},
      onDeviceChanged: () => void this.#devices.failed(request),
    };
    const chosen = await untilAborted(signal, this.#devices.choose(request, listeners));
    await this.#using(chosen.variant, () => this.#workshop.load(chosen.variant, chosen, listeners));
  }

  /**
   * What a call would cost, before any work or download. Reads the picture's header only.
   * @throws ImageToImageError as the call itself would: `image-too-large`, `invalid-input`, `unsupported-type`, `model-unavailable`.
   */
  async estimate(args: ImageToImageArgs, options: ImageToImageOptions = {}): Promise<Estimate> {
    const merged: ImageToImageOptions = mergeDefined(this.#defaults, options);
    validateCall(args, merged);
    this.#requireInPage();
    return untilAborted(merged.signal, this.#estimate(args, merged));
  }

  /** Ends all workers and returns their memory. Calls in flight reject with `worker-crashed`; later calls with a TypeError. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#workshop.dispose();
  }

  /** The same as `dispose()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #runInPage(args: ImageToImageArgs, options: ImageToImageOptions, draft: ReportDraft): Promise<Blob> {
    const decision = this.#decide(args, options);
    draft.decided(decision);
    if (decision.where === 'refused') throw hostedRefused(decision);
    this.#requireInPage();
    const manifest = await this.#registry.find(args.model ?? DEFAULT_MODEL);
    draft.warn(...parameterWarnings(manifest, args.parameters), ...optionWarnings(options));
    const tell = forwardOnly(options.onProgress);
    const request = this.#deviceRequest(manifest, options);
    let hasChanged = false;
    const listeners: CallListeners = {
      signal: options.signal,
      onProgress: (event) => {
        draft.progressed(event);
        tell(event);
      },
      onDelivery: draft.delivered,
      onTile: quietly(options.onTile) ?? (() => {}),
      onDeviceChanged: (error) => {
        hasChanged = true;
        void this.#devices.failed(request);
        draft.deviceChanged(error);
      },
    };
    const choice = await this.#devices.choose(request, listeners);
    const { device, variant } = choice;
    draft.chosen(choice, variant.dtype);
    const picture = await toTransferable(args.inputs);
    try {
      draft.started();
      const job = this.#job(args, options, { manifest, choice, picture });
      const result = await this.#using(variant, () => this.#workshop.run(job, variant, listeners));
      if (result.macsPerSecond > 0 && !hasChanged) this.#macsPerSecond[device] = result.macsPerSecond;
      draft.ran(result);
      return result.blob;
    } finally {
      // Handed over, this does nothing; never handed over (an abort in the queue), its memory goes back at once.
      if (!(picture instanceof Blob)) picture.close();
    }
  }

  async #estimate(args: ImageToImageArgs, options: ImageToImageOptions): Promise<Estimate> {
    const manifest = await this.#registry.find(args.model ?? DEFAULT_MODEL);
    const { device, variant } = await this.#likelyChoice(manifest, options);
    const [stored] = await this.#workshop.stored([variant.sha256]);
    const size = await this.#sizeOf(args);
    const { estimateCall } = await import('./estimate.js');
    return estimateCall({
      manifest,
      variant,
      device,
      stored: stored === true,
      size,
      maxInputPixels: this.#maxInputPixels(),
      target: args.parameters?.target_size,
      engines: { most: device === 'wasm' ? this.#maxEngines() : 1, ...this.#workshop.started(device) },
      maxTileSidePx: options.tile?.maxSidePx,
      macsPerSecond: this.#macsPerSecond[device],
    });
  }

  #job(
    args: ImageToImageArgs,
    options: ImageToImageOptions,
    chosen: { readonly manifest: ModelManifest; readonly choice: DeviceChoice; readonly picture: Blob | ImageBitmap },
  ): Parameters<Workshop['run']>[0] {
    const target = args.parameters?.target_size;
    const maxTileSidePx = options.tile?.maxSidePx;
    return {
      picture: chosen.picture,
      manifest: chosen.manifest,
      modelKey: chosen.choice.variant.sha256,
      device: chosen.choice.device,
      mayChangeDevice: chosen.choice.mayChange,
      maxInputPixels: this.#maxInputPixels(),
      mostEngines: this.#maxEngines(),
      ...(maxTileSidePx === undefined ? {} : { maxTileSidePx }),
      ...(target === undefined ? {} : { targetSize: { width: target.width, height: target.height } }),
      output: {
        type: options.output?.type ?? 'image/png',
        quality: options.output?.quality ?? 0.92,
        background: options.output?.background ?? '#ffffff',
      },
      metadata: options.metadata ?? 'strip',
      wantTiles: options.onTile !== undefined,
    };
  }

  #decide(args: ImageToImageArgs, options: ImageToImageOptions): Decision {
    const { provider, endpointUrl } = args;
    const inPageAsked = provider === 'in-page';
    const hostedAsked = endpointUrl !== undefined || (provider !== undefined && !inPageAsked);
    return decide({ mode: options.mode ?? 'local-only', hostedAsked, inPageAsked });
  }

  /** @throws TypeError after dispose, ImageToImageError `environment-unsupported` where nothing can run. */
  #requireInPage(): void {
    if (this.#disposed) throw new TypeError('This client was disposed. Make a new InferenceClient.');
    const missing = missingCapability(this.#probe());
    if (missing === undefined) return;
    throw new ImageToImageError({
      code: 'environment-unsupported',
      phase: 'validate',
      message: `Images cannot be worked on here: missing ${missing}. Use a current browser, and serve the page over https or from localhost.`,
      details: { missing },
    });
  }

  #deviceRequest(manifest: ModelManifest, options: CallOptions & Pick<ImageToImageOptions, 'tile'>): DeviceRequest {
    const { device, dtype, tile } = options;
    return { manifest, device, dtype, maxTileSidePx: tile?.maxSidePx, engines: this.#maxEngines() };
  }

  /** What a call would choose now; WASM where that has to be measured first. */
  async #likelyChoice(
    manifest: ModelManifest,
    options: CallOptions & Pick<ImageToImageOptions, 'tile'>,
  ): Promise<Pick<DeviceChoice, 'device' | 'variant'>> {
    const known = await this.#devices.expect(this.#deviceRequest(manifest, options));
    return known ?? { device: 'wasm', variant: chooseVariant(manifest, 'wasm', options.dtype) };
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
    const variants = await Promise.all(manifests.map((manifest) => this.#listedVariant(manifest)));
    const usable = missingCapability(this.#probe()) === undefined;
    const stored = usable ? await this.#workshop.stored(variants.map((variant) => variant.sha256)) : [];
    return manifests.map((manifest, index) => {
      const { id, task, title, summary, scale, licence, attribution } = manifest;
      const sizeBytes = variants[index]?.sizeBytes ?? 0;
      return { id, task, title, summary, scale, licence, attribution, sizeBytes, stored: stored[index] === true };
    });
  }

  /** The file that a call without options would use; where none can run here, that for WASM stands for it. */
  async #listedVariant(manifest: ModelManifest): Promise<ModelVariant> {
    const { device } = this.#defaults;
    const likely = await this.#likelyChoice(manifest, { device }).catch(() => undefined);
    return likely?.variant ?? chooseVariant(manifest, 'wasm');
  }

  async #using<T>({ sha256 }: ModelVariant, work: () => Promise<T>): Promise<T> {
    this.#inUse.set(sha256, (this.#inUse.get(sha256) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#inUse.get(sha256) ?? 1) - 1;
      if (left > 0) this.#inUse.set(sha256, left);
      else this.#inUse.delete(sha256);
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

let shared: InferenceClient | undefined;

/** {@link InferenceClient.imageToImage} of one client that all such calls share. `args.accessToken` is never read in the page. */
export function imageToImage(args: ImageToImageArgs, options?: ImageToImageOptions): Promise<Blob> {
  shared ??= new InferenceClient();
  return shared.imageToImage(args, options);
}

function hostedRefused({ reason }: Decision): ImageToImageError {
  const message =
    reason === 'mode-forbids-hosted'
      ? "The call asks for the hosted side, but mode is 'local-only'. No request was made. Leave provider and endpointUrl out to run in the page."
      : 'The call asks for the hosted side, which this version of Tintype does not have yet. No request was made. Leave provider and endpointUrl out to run in the page.';
  return new ImageToImageError({ code: 'remote-refused', phase: 'validate', message, details: { reason } });
}

function wasAborted({ signal }: CallOptions, caught: unknown): boolean {
  return signal?.aborted === true && caught === signal.reason;
}

/** Later options win, but `undefined` does not hide a default. */
function mergeDefined<A extends object, B extends object>(defaults: A, options: B): A & B {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as A & B;
}
