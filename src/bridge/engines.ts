import * as Comlink from 'comlink';
import type { EngineBuild, WasmPaths } from '../contract/engine-build.js';
import { type ErrorRecord, ImageToImageError, toErrorRecord } from '../contract/errors.js';
import type { Device } from '../contract/manifest.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { Tensor } from '../contract/tensor.js';
import type {
  AttachedGraph,
  Delivery,
  EngineApi,
  LoaderApi,
  ModelAsset,
  PipelineApi,
  Probe,
} from '../contract/worker-apis.js';
import { buildFor, frozen, settingsFor, wrongBuild } from './engine-builds.js';
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
  /** The graph that is wanted first; {@link Engines.open} changes it. */
  readonly asset: ModelAsset;
  /** Whether engines keep graphs open when they open another. */
  readonly keepsGraphs: boolean;
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

interface ActiveDemand extends Omit<EngineDemand, 'device' | 'asset'> {
  device: Device;
  asset: ModelAsset;
  wanted: number;
  replacements: number;
}

interface Engine {
  readonly id: string;
  readonly device: Device;
  readonly host: WorkerHost<EngineApi>;
  configured?: Promise<void>;
  joinedLoader?: WorkerHost<LoaderApi>;
  joinedPipeline?: WorkerHost<PipelineApi>;
  /** The graph that is being opened; an engine opens one at a time. */
  opening?: { readonly key: string; readonly done: Promise<void> };
  /** The graph that the pipeline knows to be open. */
  graph?: AttachedGraph;
  /** Keys of all graphs that are open. */
  readonly open: Set<string>;
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
    return this.#on(device).filter((engine) => engine.graph !== undefined).length;
  }

  /**
   * Opens the model on one engine, so that the first tile need not wait for more. Further ones come with {@link grow}.
   * @throws ImageToImageError when that engine could not be made ready.
   */
  async begin(demand: EngineDemand): Promise<void> {
    for (const engine of [...this.#engines.values()]) {
      if (engine.device !== demand.device) engine.host.end(SUPERSEDED);
    }
    this.#endOpeningOthers(demand.asset.key);
    const active: ActiveDemand = { ...demand, wanted: 1, replacements: 0 };
    this.#demand = active;
    await this.#prepareFirst(active);
  }

  /** Starts an engine of the device, if there is none, while the first graph is still on its way. */
  warmUp(device: Device): void {
    if (this.#on(device).length > 0) return;
    // What goes wrong shows again when a graph is to be opened.
    this.#configure(this.#add(device)).catch(() => {});
  }

  /** Goes on with another graph of the same call. A no-op for a call that is over. */
  async open(callId: string, asset: ModelAsset): Promise<void> {
    const demand = this.#demand;
    if (demand?.callId !== callId) return;
    demand.asset = asset;
    await this.#prepareFirst(demand);
  }

  /**
   * Times the model on one engine of the device, and leaves that engine warm. Engines of the other device stay too, until the
   * next {@link begin}.
   * @throws ImageToImageError when the engine could not be made ready, failed or froze.
   */
  async probe(demand: EngineDemand, inputs: Readonly<Record<string, Tensor>>): Promise<Probe> {
    this.#demand = undefined;
    this.#endOpeningOthers(demand.asset.key);
    const active: ActiveDemand = { ...demand, wanted: 1, replacements: 0 };
    const engine = await this.#prepareOne(active);
    this.#probing = engine;
    const timer = setTimeout(() => engine.host.end(frozen('run', PROBE_DEADLINE_MS)), PROBE_DEADLINE_MS);
    try {
      return await engine.host.call((api) => api.probe(demand.asset.key, inputs));
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
    const { key } = asset;
    const cost = (engine: Engine): number => (engine.open.has(key) ? 0 : engine.opening?.key === key ? 1 : 2);
    return this.#on(device).sort((a, b) => cost(a) - cost(b));
  }

  #add(device: Device): Engine {
    const id = `engine-${this.#nextId++}`;
    const host = this.#parts.makeEngine(buildFor(device), (error) => this.#died(id, error));
    const engine: Engine = { id, device, host, open: new Set() };
    this.#engines.set(id, engine);
    return engine;
  }

  /** One engine for the demand's graph, also when WebGPU fails with it and WASM has to do. */
  async #prepareFirst(demand: ActiveDemand): Promise<void> {
    const { device } = demand;
    try {
      await this.#prepareOne(demand);
    } catch (caught) {
      // Its death may have moved the demand to WASM, or brought another engine in its place.
      if (demand.device === device && !this.#hasHope(demand)) throw caught;
      await this.#prepareOne(demand);
    }
  }

  async #prepareOne(demand: ActiveDemand): Promise<Engine> {
    const engine = this.#suited(demand)[0] ?? this.#add(demand.device);
    await this.#prepare(engine, demand);
    return engine;
  }

  /** Makes an engine ready for the demand's model; concurrent calls for the same model share the work. */
  async #prepare(engine: Engine, demand: ActiveDemand): Promise<void> {
    const { key } = demand.asset;
    // Begun for the graph before, in the place of an engine that died: two at once would be told to the pipeline in any order.
    while (engine.opening && engine.opening.key !== key) await engine.opening.done.catch(() => {});
    if (engine.graph?.key === key && !engine.opening) return this.#confirm(engine, engine.graph, demand);
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
  async #confirm(engine: Engine, graph: AttachedGraph, demand: ActiveDemand): Promise<void> {
    const pipeline = this.#parts.pipeline();
    if (engine.joinedPipeline === pipeline && (await pipeline.call((api) => api.reopenEngine(engine.id, graph))))
      return;
    const replaced = this.#prepare(this.#add(engine.device), demand);
    delete engine.graph;
    engine.open.clear();
    engine.host.end(SUPERSEDED);
    await replaced;
  }

  async #open(engine: Engine, demand: ActiveDemand): Promise<void> {
    const { asset, keepsGraphs } = demand;
    const loader = this.#parts.loader();
    if (engine.joinedLoader !== loader) await this.#joinLoader(engine, loader);
    const isOpen = engine.open.has(asset.key);
    if (!isOpen) {
      // The demand may have moved on to another graph.
      await this.#deliver(engine, loader, { ...demand, asset });
      demand.onProgress({ phase: 'compile', done: 0, total: 1, unit: 'steps' });
    }
    delete engine.graph;
    const deadlineMs = GPU_OPEN_DEADLINE_MS;
    const timer =
      engine.device === 'webgpu'
        ? setTimeout(() => engine.host.end(frozen('compile', deadlineMs)), deadlineMs)
        : undefined;
    try {
      const { ports } = await engine.host.call((api) => api.open(asset.key, keepsGraphs));
      if (!keepsGraphs) engine.open.clear();
      engine.open.add(asset.key);
      const graph = { key: asset.key, ports };
      await this.#joinPipeline(engine, graph);
      engine.graph = graph;
    } catch (caught) {
      // A failed start is sticky inside onnxruntime-web: only another worker can succeed.
      engine.host.end(toErrorRecord(caught, NO_ENGINE));
      throw caught;
    } finally {
      clearTimeout(timer);
    }
    if (!isOpen) demand.onProgress({ phase: 'compile', done: 1, total: 1, unit: 'steps' });
  }

  async #deliver(engine: Engine, loader: WorkerHost<LoaderApi>, demand: ActiveDemand): Promise<void> {
    // The loader closes it: its answer may overtake the last event.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event: MessageEvent<ProgressEvent>) => demand.onProgress(event.data);
    const delivery = await loader.call((api) =>
      api.deliver(demand.callId, demand.asset, [engine.id], Comlink.transfer(port2, [port2])),
    );
    demand.onDelivery(delivery);
  }

  async #joinLoader(engine: Engine, loader: WorkerHost<LoaderApi>): Promise<void> {
    await this.#configure(engine);
    const { port1, port2 } = new MessageChannel();
    await loader.call((api) => api.addEngine(engine.id, Comlink.transfer(port1, [port1])));
    await engine.host.call((api) => api.attachLoader(Comlink.transfer(port2, [port2])));
    engine.joinedLoader = loader;
  }

  /** Tells the engine where its runtime lies; it fetches and compiles it at once. */
  #configure(engine: Engine): Promise<void> {
    engine.configured ??= this.#settle(engine);
    return engine.configured;
  }

  async #settle(engine: Engine): Promise<void> {
    const asked = buildFor(engine.device);
    const { build } = await engine.host.call((api) => api.configure(settingsFor(asked, this.#parts.wasmPaths)));
    if (build === asked) return;
    const error = wrongBuild(asked, build);
    engine.host.end(error);
    throw new ImageToImageError(error);
  }

  async #joinPipeline(engine: Engine, graph: AttachedGraph): Promise<void> {
    const pipeline = this.#parts.pipeline();
    if (engine.joinedPipeline === pipeline && (await pipeline.call((api) => api.reopenEngine(engine.id, graph)))) {
      return;
    }
    // From now on its death must be told there, also while it is being attached.
    engine.joinedPipeline = pipeline;
    const { port1, port2 } = new MessageChannel();
    await engine.host.call((api) => api.attachPipeline(Comlink.transfer(port2, [port2])));
    await pipeline.call((api) => api.attachEngine(engine.id, graph, Comlink.transfer(port1, [port1])));
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
    const { key } = demand.asset;
    const wasOpen = engine.open.has(key);
    if (wasOpen && demand.replacements++ < MAX_REPLACEMENTS[demand.device]) this.#fill(demand);
    else if (this.#hasHope(demand) || !this.#changeDevice(demand, error)) this.#giveUpIfNoneLeft(demand, error);
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
    if (!this.#hasHope(demand)) demand.onExhausted(error);
  }

  /** Whether an engine has the model open, or is opening it. */
  #hasHope({ device, asset }: ActiveDemand): boolean {
    const { key } = asset;
    return this.#on(device).some((one) => one.graph?.key === key || one.opening?.key === key);
  }
}
