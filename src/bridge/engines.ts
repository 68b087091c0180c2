import * as Comlink from 'comlink';
import type { EngineBuild, WasmPaths } from '../contract/engine-build.js';
import { type ErrorRecord, ImageToImageError, toErrorRecord } from '../contract/errors.js';
import type { Device } from '../contract/manifest.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { Tensor } from '../contract/tensor.js';
import type {
  Delivery,
  EngineApi,
  EngineSettings,
  LoaderApi,
  ModelAsset,
  PipelineApi,
  Probe,
} from '../contract/worker-apis.js';
import type { WorkerHost } from './worker-host.js';

/** What the engines need of the rest of the workshop. */
export interface EnginesParts {
  makeEngine(build: EngineBuild, onDeath: (error: ErrorRecord) => void): WorkerHost<EngineApi>;
  loader(): WorkerHost<LoaderApi>;
  pipeline(): WorkerHost<PipelineApi>;
  readonly wasmPaths?: WasmPaths;
}

/** What a call wants of the engines, and hears of them. */
export interface EngineDemand {
  readonly callId: string;
  readonly asset: ModelAsset;
  readonly device: Device;
  /** Engines to go on with on WASM should WebGPU fail; 0 if the call must not run there. */
  readonly spareWasmEngines: number;
  onProgress(event: ProgressEvent): void;
  onDelivery(delivery: Delivery): void;
  /** WebGPU failed for good; the call goes on with WASM. */
  onDeviceChanged(error: ErrorRecord): void;
  /** No engine is left and no other can be had. */
  onExhausted(error: ErrorRecord): void;
}

interface ActiveDemand extends Omit<EngineDemand, 'device'> {
  device: Device;
  wanted: number;
  replacements: number;
}

interface Engine {
  readonly id: string;
  readonly device: Device;
  readonly host: WorkerHost<EngineApi>;
  joinedLoader?: WorkerHost<LoaderApi>;
  joinedPipeline?: WorkerHost<PipelineApi>;
  /** The model that is being opened; an engine opens one at a time. */
  opening?: { readonly key: string; readonly done: Promise<void> };
  /** SHA-256 of the model that is open. */
  modelKey?: string;
}

/** Engines that may be replaced during one call before it gives up. A graphics device that is lost twice will be lost again. */
const MAX_REPLACEMENTS: Readonly<Record<Device, number>> = { wasm: 6, webgpu: 1 };

/** Compiling shaders may take seconds; a tile that takes longer than this has frozen. */
const PROBE_DEADLINE_MS = 60_000;

/** The runtime asks for the graphics adapter itself when it opens a model, and would wait for ever; its download is in here too. */
const GPU_OPEN_DEADLINE_MS = 180_000;

const NO_ENGINE: Omit<ErrorRecord, 'cause'> = {
  code: 'worker-crashed',
  phase: 'start',
  message: 'No engine could be started. Call again.',
};

const SUPERSEDED: ErrorRecord = { code: 'worker-crashed', phase: 'start', message: 'The engine was no longer wanted.' };

/**
 * The engine workers: starts as many as a call wants, opens the model in each, joins them to the loader and the pipeline, and
 * replaces those that die while a call wants them. Engines stay warm for the next call, all on one device. An engine that is in
 * any doubt (still opening another model, failed to open, dropped by the pipeline) is ended, never repaired.
 */
export class Engines {
  readonly #parts: EnginesParts;
  readonly #engines = new Map<string, Engine>();
  #demand: ActiveDemand | undefined;
  #probing: Engine | undefined;
  #nextId = 0;

  constructor(parts: EnginesParts) {
    this.#parts = parts;
  }

  /** Engines that have a model open and could run on this device. */
  warm(device: Device): number {
    return this.#on(device).filter((engine) => engine.modelKey !== undefined).length;
  }

  /**
   * Opens the model on one engine, so that the first tile need not wait for more. Further ones come with {@link grow}.
   * @throws ImageToImageError when that engine could not be made ready.
   */
  async begin(demand: EngineDemand): Promise<void> {
    for (const engine of [...this.#engines.values()]) {
      if (engine.device !== demand.device) engine.host.end(SUPERSEDED);
    }
    this.#endOpeningOthers(demand.asset.sha256);
    const active: ActiveDemand = { ...demand, wanted: 1, replacements: 0 };
    this.#demand = active;
    try {
      await this.#prepareOne(active);
    } catch (caught) {
      if (active.device === demand.device) throw caught;
      // Its death has moved the demand to WASM.
      await this.#prepareOne(active);
    }
  }

  /**
   * Times the model on one engine of the device, and leaves that engine warm. Engines of the other device stay too, until the
   * next {@link begin}.
   * @throws ImageToImageError when the engine could not be made ready, failed or froze.
   */
  async probe(demand: EngineDemand, inputs: Readonly<Record<string, Tensor>>): Promise<Probe> {
    this.#demand = undefined;
    this.#endOpeningOthers(demand.asset.sha256);
    const active: ActiveDemand = { ...demand, wanted: 1, replacements: 0 };
    const engine = await this.#prepareOne(active);
    this.#probing = engine;
    const timer = setTimeout(() => engine.host.end(frozen('run', PROBE_DEADLINE_MS)), PROBE_DEADLINE_MS);
    try {
      return await engine.host.call((api) => api.probe(demand.asset.sha256, inputs));
    } catch (caught) {
      engine.host.end(toErrorRecord(caught, NO_ENGINE));
      throw caught;
    } finally {
      clearTimeout(timer);
      this.#probing = undefined;
    }
  }

  /** Brings the engines of a call to `wanted`, in the background: each joins the pool as soon as it is ready. */
  grow(callId: string, wanted: number): void {
    // Moved to WASM meanwhile, it has as many as it may.
    if (this.#demand?.callId !== callId || this.#demand.wanted >= wanted) return;
    this.#demand.wanted = wanted;
    this.#fill(this.#demand);
  }

  /** The call is over: engines stay, but dying ones are no longer replaced. */
  finish(): void {
    this.#demand = undefined;
  }

  /** Ends one engine, as failed or hung. */
  end(id: string, error: ErrorRecord): void {
    this.#engines.get(id)?.host.end(error);
  }

  /** Ends those that are still opening a model: for a call that failed or was aborted, nobody waits for them. */
  endOpening(error: ErrorRecord): void {
    for (const engine of [...this.#engines.values()]) {
      if (engine.opening || engine === this.#probing) engine.host.end(error);
    }
  }

  endAll(error: ErrorRecord): void {
    for (const engine of [...this.#engines.values()]) engine.host.end(error);
  }

  #fill(demand: ActiveDemand): void {
    try {
      while (this.#on(demand.device).length < demand.wanted) this.#add(demand.device);
    } catch (caught) {
      this.#giveUpIfNoneLeft(demand, toErrorRecord(caught, NO_ENGINE));
    }
    for (const engine of this.#suited(demand).slice(0, demand.wanted)) {
      this.#prepare(engine, demand).catch((caught: unknown) =>
        this.#giveUpIfNoneLeft(demand, toErrorRecord(caught, NO_ENGINE)),
      );
    }
  }

  /** An engine opens one model at a time; one that opens another than `key` is not waited for. */
  #endOpeningOthers(key: string): void {
    for (const engine of [...this.#engines.values()]) {
      if (engine.opening && engine.opening.key !== key) engine.host.end(SUPERSEDED);
    }
  }

  #on(device: Device): Engine[] {
    return [...this.#engines.values()].filter((engine) => engine.device === device);
  }

  /** The engines of the demand's device, those first that need the least to run its model. */
  #suited({ device, asset }: ActiveDemand): Engine[] {
    const key = asset.sha256;
    const cost = (engine: Engine): number => (engine.modelKey === key ? 0 : engine.opening?.key === key ? 1 : 2);
    return this.#on(device).sort((a, b) => cost(a) - cost(b));
  }

  #add(device: Device): Engine {
    const id = `engine-${this.#nextId++}`;
    const host = this.#parts.makeEngine(buildFor(device), (error) => this.#died(id, error));
    const engine: Engine = { id, device, host };
    this.#engines.set(id, engine);
    return engine;
  }

  async #prepareOne(demand: ActiveDemand): Promise<Engine> {
    const engine = this.#suited(demand)[0] ?? this.#add(demand.device);
    await this.#prepare(engine, demand);
    return engine;
  }

  /** Makes an engine ready for the demand's model; concurrent calls for the same model share the work. */
  async #prepare(engine: Engine, demand: ActiveDemand): Promise<void> {
    const key = demand.asset.sha256;
    if (engine.modelKey === key && !engine.opening) return this.#confirm(engine, demand);
    if (engine.opening?.key !== key) {
      const done = this.#open(engine, demand);
      const opening = { key, done };
      engine.opening = opening;
      const over = (): void => {
        if (engine.opening === opening) delete engine.opening;
      };
      done.then(over, over);
    }
    await engine.opening?.done;
  }

  /** The pipeline may have dropped an engine whose news never came; such a one is replaced, for nothing would ever run on it. */
  async #confirm(engine: Engine, demand: ActiveDemand): Promise<void> {
    const key = demand.asset.sha256;
    const pipeline = this.#parts.pipeline();
    if (engine.joinedPipeline === pipeline && (await pipeline.call((api) => api.reopenEngine(engine.id, key)))) return;
    const replaced = this.#prepare(this.#add(engine.device), demand);
    delete engine.modelKey;
    engine.host.end(SUPERSEDED);
    await replaced;
  }

  async #open(engine: Engine, demand: ActiveDemand): Promise<void> {
    const { asset } = demand;
    const loader = this.#parts.loader();
    if (engine.joinedLoader !== loader) await this.#joinLoader(engine, loader);
    await this.#deliver(engine, loader, demand);
    demand.onProgress({ phase: 'compile', done: 0, total: 1, unit: 'steps' });
    delete engine.modelKey;
    const deadlineMs = GPU_OPEN_DEADLINE_MS;
    const timer =
      engine.device === 'webgpu'
        ? setTimeout(() => engine.host.end(frozen('compile', deadlineMs)), deadlineMs)
        : undefined;
    try {
      await engine.host.call((api) => api.open(asset.sha256));
      await this.#joinPipeline(engine, asset.sha256);
      engine.modelKey = asset.sha256;
    } catch (caught) {
      // A failed start is sticky inside onnxruntime-web: only another worker can succeed.
      engine.host.end(toErrorRecord(caught, NO_ENGINE));
      throw caught;
    } finally {
      clearTimeout(timer);
    }
    demand.onProgress({ phase: 'compile', done: 1, total: 1, unit: 'steps' });
  }

  async #deliver(engine: Engine, loader: WorkerHost<LoaderApi>, demand: ActiveDemand): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event: MessageEvent<ProgressEvent>) => demand.onProgress(event.data);
    try {
      const delivery = await loader.call((api) =>
        api.deliver(demand.callId, demand.asset, [engine.id], Comlink.transfer(port2, [port2])),
      );
      demand.onDelivery(delivery);
    } finally {
      port1.close();
    }
  }

  async #joinLoader(engine: Engine, loader: WorkerHost<LoaderApi>): Promise<void> {
    const asked = buildFor(engine.device);
    const { build } = await engine.host.call((api) => api.configure(settingsFor(asked, this.#parts.wasmPaths)));
    if (build !== asked) {
      const error = wrongBuild(asked, build);
      engine.host.end(error);
      throw new ImageToImageError(error);
    }
    const { port1, port2 } = new MessageChannel();
    await loader.call((api) => api.addEngine(engine.id, Comlink.transfer(port1, [port1])));
    await engine.host.call((api) => api.attachLoader(Comlink.transfer(port2, [port2])));
    engine.joinedLoader = loader;
  }

  async #joinPipeline(engine: Engine, modelKey: string): Promise<void> {
    const pipeline = this.#parts.pipeline();
    if (engine.joinedPipeline === pipeline && (await pipeline.call((api) => api.reopenEngine(engine.id, modelKey)))) {
      return;
    }
    const { port1, port2 } = new MessageChannel();
    await engine.host.call((api) => api.attachPipeline(Comlink.transfer(port2, [port2])));
    await pipeline.call((api) => api.attachEngine(engine.id, modelKey, Comlink.transfer(port1, [port1])));
    engine.joinedPipeline = pipeline;
  }

  #died(id: string, error: ErrorRecord): void {
    const engine = this.#engines.get(id);
    if (!engine) return;
    this.#engines.delete(id);
    if (engine.joinedLoader && !engine.joinedLoader.dead) {
      engine.joinedLoader.call((api) => api.removeEngine(id)).catch(() => {});
    }
    if (engine.joinedPipeline && !engine.joinedPipeline.dead) {
      engine.joinedPipeline.call((api) => api.detachEngine(id, error)).catch(() => {});
    }
    const demand = this.#demand;
    if (!demand || engine.device !== demand.device) return;
    // One that never opened the model is not replaced: the next would fare the same.
    const key = demand.asset.sha256;
    const wasOpen = engine.modelKey === key;
    const hasAnother = this.#on(demand.device).some((one) => one.modelKey === key || one.opening?.key === key);
    if (wasOpen && demand.replacements++ < MAX_REPLACEMENTS[demand.device]) this.#fill(demand);
    else if (hasAnother || !this.#changeDevice(demand, error)) this.#giveUpIfNoneLeft(demand, error);
  }

  /** From WebGPU to WASM, where the call may run there. The pool's waiting tiles find the new engines by themselves. */
  #changeDevice(demand: ActiveDemand, error: ErrorRecord): boolean {
    if (demand.device === 'wasm' || demand.spareWasmEngines === 0) return false;
    demand.device = 'wasm';
    demand.wanted = demand.spareWasmEngines;
    demand.replacements = 0;
    demand.onDeviceChanged(error);
    this.#fill(demand);
    return true;
  }

  /** Ends the call when no engine has its model open, or is opening it. `begin` tells of the first one by itself. */
  #giveUpIfNoneLeft(demand: ActiveDemand, error: ErrorRecord): void {
    if (this.#demand !== demand) return;
    const key = demand.asset.sha256;
    const hopeful = this.#on(demand.device).some((engine) => engine.modelKey === key || engine.opening?.key === key);
    if (!hopeful) demand.onExhausted(error);
  }
}

/** JSPI's build is a third smaller than asyncify's and survives failed runs; not every browser has it. */
function buildFor(device: Device): EngineBuild {
  if (device === 'wasm') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

function frozen(phase: 'compile' | 'run', deadlineMs: number): ErrorRecord {
  return {
    code: 'deadline-exceeded',
    phase,
    message: `An engine gave no answer for ${deadlineMs / 1000} s and was ended. Call again, or pass device: 'wasm'.`,
    details: { deadlineMs },
  };
}

function settingsFor(build: EngineBuild, paths: WasmPaths | undefined): EngineSettings {
  if (typeof paths === 'string') return { wasmPaths: paths };
  const wasm = paths?.[build];
  return wasm === undefined ? {} : { wasmPaths: { wasm } };
}

function wrongBuild(asked: EngineBuild, got: EngineBuild): ErrorRecord {
  return {
    code: 'environment-unsupported',
    phase: 'start',
    message: `workers.engine was asked for the build '${asked}' and gave '${got}'. Return a worker of tintype/engine.${asked}.worker, or pass device: '${got === 'wasm' ? 'wasm' : 'webgpu'}'.`,
    details: { asked, got },
  };
}
