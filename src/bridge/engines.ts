import * as Comlink from 'comlink';
import { type ErrorRecord, toErrorRecord } from '../contract/errors.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { Delivery, EngineApi, LoaderApi, ModelAsset, PipelineApi } from '../contract/worker-apis.js';
import type { WorkerHost } from './worker-host.js';

/** What the engines need of the rest of the workshop. */
export interface EnginesParts {
  makeEngine(onDeath: (error: ErrorRecord) => void): WorkerHost<EngineApi>;
  loader(): WorkerHost<LoaderApi>;
  pipeline(): WorkerHost<PipelineApi>;
  readonly wasmPaths?: string | { readonly wasm: string };
}

/** What a call wants of the engines, and hears of them. */
export interface EngineDemand {
  readonly callId: string;
  readonly asset: ModelAsset;
  onProgress(event: ProgressEvent): void;
  onDelivery(delivery: Delivery): void;
  /** No engine is left and no other can be had. */
  onExhausted(error: ErrorRecord): void;
}

interface ActiveDemand extends EngineDemand {
  wanted: number;
  replacements: number;
}

interface Engine {
  readonly id: string;
  readonly host: WorkerHost<EngineApi>;
  joinedLoader?: WorkerHost<LoaderApi>;
  joinedPipeline?: WorkerHost<PipelineApi>;
  /** The model that is being opened; an engine opens one at a time. */
  opening?: { readonly key: string; readonly done: Promise<void> };
  /** SHA-256 of the model that is open. */
  modelKey?: string;
}

/** Engines that may be replaced during one call before it gives up. */
const MAX_REPLACEMENTS = 6;

const NO_ENGINE: Omit<ErrorRecord, 'cause'> = {
  code: 'worker-crashed',
  phase: 'start',
  message: 'No engine could be started. Call again.',
};

const SUPERSEDED: ErrorRecord = { code: 'worker-crashed', phase: 'start', message: 'The engine was no longer wanted.' };

/**
 * The engine workers: starts as many as a call wants, opens the model in each, joins them to the loader and the pipeline, and
 * replaces those that die while a call wants them. Engines stay warm for the next call. An engine that is in any doubt (still
 * opening another model, failed to open, dropped by the pipeline) is ended, never repaired.
 */
export class Engines {
  readonly #parts: EnginesParts;
  readonly #engines = new Map<string, Engine>();
  #demand: ActiveDemand | undefined;
  #nextId = 0;

  constructor(parts: EnginesParts) {
    this.#parts = parts;
  }

  /** Engines that have a model open and could run. */
  get warm(): number {
    return [...this.#engines.values()].filter((engine) => engine.modelKey !== undefined).length;
  }

  /**
   * Opens the model on one engine, so that the first tile need not wait for more. Further ones come with {@link grow}.
   * @throws ImageToImageError when that engine could not be made ready.
   */
  async begin(demand: EngineDemand): Promise<void> {
    const key = demand.asset.sha256;
    for (const engine of [...this.#engines.values()]) {
      if (engine.opening && engine.opening.key !== key) engine.host.end(SUPERSEDED);
    }
    const active = { ...demand, wanted: 1, replacements: 0 };
    this.#demand = active;
    await this.#prepare(this.#suited(key)[0] ?? this.#add(), active);
  }

  /** Brings the engines of a call to `wanted`, in the background: each joins the pool as soon as it is ready. */
  grow(callId: string, wanted: number): void {
    if (this.#demand?.callId !== callId) return;
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
      if (engine.opening) engine.host.end(error);
    }
  }

  endAll(error: ErrorRecord): void {
    for (const engine of [...this.#engines.values()]) engine.host.end(error);
  }

  #fill(demand: ActiveDemand): void {
    try {
      while (this.#engines.size < demand.wanted) this.#add();
    } catch (caught) {
      this.#giveUpIfNoneLeft(demand, toErrorRecord(caught, NO_ENGINE));
    }
    for (const engine of this.#suited(demand.asset.sha256).slice(0, demand.wanted)) {
      this.#prepare(engine, demand).catch((caught: unknown) =>
        this.#giveUpIfNoneLeft(demand, toErrorRecord(caught, NO_ENGINE)),
      );
    }
  }

  /** All engines, those first that need the least to run the model. */
  #suited(key: string): Engine[] {
    const cost = (engine: Engine): number => (engine.modelKey === key ? 0 : engine.opening?.key === key ? 1 : 2);
    return [...this.#engines.values()].sort((a, b) => cost(a) - cost(b));
  }

  #add(): Engine {
    const id = `engine-${this.#nextId++}`;
    const host = this.#parts.makeEngine((error) => this.#died(id, error));
    const engine: Engine = { id, host };
    this.#engines.set(id, engine);
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
    const replaced = this.#prepare(this.#add(), demand);
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
    try {
      await engine.host.call((api) => api.open(asset.sha256));
      await this.#joinPipeline(engine, asset.sha256);
      engine.modelKey = asset.sha256;
    } catch (caught) {
      // A failed start is sticky inside onnxruntime-web: only another worker can succeed.
      engine.host.end(toErrorRecord(caught, NO_ENGINE));
      throw caught;
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
    const { wasmPaths } = this.#parts;
    await engine.host.call((api) => api.configure(wasmPaths === undefined ? {} : { wasmPaths }));
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
    if (!demand) return;
    // One that never opened the model is not replaced: the next would fare the same.
    if (engine.modelKey === demand.asset.sha256 && demand.replacements++ < MAX_REPLACEMENTS) this.#fill(demand);
    else this.#giveUpIfNoneLeft(demand, error);
  }

  /** Ends the call when no engine has its model open, or is opening it. `begin` tells of the first one by itself. */
  #giveUpIfNoneLeft(demand: ActiveDemand, error: ErrorRecord): void {
    if (this.#demand !== demand) return;
    const key = demand.asset.sha256;
    const hopeful = [...this.#engines.values()].some(
      (engine) => engine.modelKey === key || engine.opening?.key === key,
    );
    if (!hopeful) demand.onExhausted(error);
  }
}
