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

type ActiveDemand = EngineDemand & { wanted: number; replacements: number };

interface Engine {
  readonly id: string;
  readonly host: WorkerHost<EngineApi>;
  joinedLoader?: WorkerHost<LoaderApi>;
  joinedPipeline?: WorkerHost<PipelineApi>;
  /** The model that is open or being opened, by SHA-256. */
  opening?: { readonly key: string; readonly done: Promise<void> };
  /** SHA-256 of the model that is open. */
  modelKey?: string;
}

/** Engines that may be replaced during one call before it gives up. */
const MAX_REPLACEMENTS = 6;

/**
 * The engine workers: starts as many as a call wants, opens the model in each, joins them to the loader and the pipeline, and
 * replaces those that die while a call wants them. Engines stay warm for the next call.
 */
export class Engines {
  readonly #parts: EnginesParts;
  readonly #engines = new Map<string, Engine>();
  #demand: ActiveDemand | undefined;
  #nextId = 0;

  constructor(parts: EnginesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#engines.size;
  }

  /** Opens the model on one engine, so that the first tile need not wait for more. Further ones come with {@link grow}. */
  async begin(demand: EngineDemand): Promise<void> {
    this.#demand = { ...demand, wanted: 1, replacements: 0 };
    const first = this.#engines.values().next().value ?? this.#add();
    await this.#prepare(first, demand);
  }

  /** Brings the engines to `wanted`, in the background: each joins the pool as soon as it is ready. */
  grow(wanted: number): void {
    if (!this.#demand) return;
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

  endAll(error: ErrorRecord): void {
    for (const engine of [...this.#engines.values()]) engine.host.end(error);
  }

  #fill(demand: ActiveDemand): void {
    while (this.#engines.size < demand.wanted) {
      try {
        this.#add();
      } catch (caught) {
        this.#lost(toErrorRecord(caught, NO_ENGINE));
        return;
      }
    }
    for (const engine of [...this.#engines.values()].slice(0, demand.wanted)) {
      this.#prepare(engine, demand).catch((caught: unknown) => this.#failed(demand, caught));
    }
  }

  #add(): Engine {
    const id = `engine-${this.#nextId++}`;
    const host = this.#parts.makeEngine((error) => this.#died(id, error));
    const engine: Engine = { id, host };
    this.#engines.set(id, engine);
    return engine;
  }

  /** Makes an engine ready for the demand's model; concurrent calls share the work. */
  #prepare(engine: Engine, demand: EngineDemand): Promise<void> {
    const key = demand.asset.sha256;
    if (engine.opening?.key !== key) {
      const done = this.#open(engine, demand);
      const opening = { key, done };
      engine.opening = opening;
      done.catch(() => {
        if (engine.opening === opening) delete engine.opening;
      });
    }
    return engine.opening.done;
  }

  async #open(engine: Engine, demand: EngineDemand): Promise<void> {
    const { asset } = demand;
    const loader = this.#parts.loader();
    if (engine.joinedLoader !== loader) await this.#joinLoader(engine, loader);
    await this.#deliver(engine, loader, demand);
    demand.onProgress({ phase: 'compile', done: 0, total: 1, unit: 'steps' });
    delete engine.modelKey;
    try {
      await engine.host.call((api) => api.open(asset.sha256));
      engine.modelKey = asset.sha256;
      await this.#joinPipeline(engine, asset.sha256);
    } catch (caught) {
      // A failed start is sticky inside onnxruntime-web: only another worker can succeed.
      engine.host.end(toErrorRecord(caught, NO_ENGINE));
      throw caught;
    }
    demand.onProgress({ phase: 'compile', done: 1, total: 1, unit: 'steps' });
  }

  async #deliver(engine: Engine, loader: WorkerHost<LoaderApi>, demand: EngineDemand): Promise<void> {
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
    if (engine.joinedPipeline === pipeline && (await pipeline.call((api) => api.reopenEngine(engine.id, modelKey))))
      return;
    const { port1, port2 } = new MessageChannel();
    await engine.host.call((api) => api.attachPipeline(Comlink.transfer(port2, [port2])));
    await pipeline.call((api) => api.attachEngine(engine.id, modelKey, Comlink.transfer(port1, [port1])));
    engine.joinedPipeline = pipeline;
  }

  /** A further engine could not be made ready: the call goes on with those it has, or ends when it has none. */
  #failed(demand: EngineDemand, caught: unknown): void {
    if (this.#demand?.callId === demand.callId && this.#ready() === 0) this.#lost(toErrorRecord(caught, NO_ENGINE));
  }

  #ready(): number {
    const wanted = this.#demand?.asset.sha256;
    return [...this.#engines.values()].filter((engine) => engine.modelKey === wanted).length;
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
    // One that never opened the model is not replaced: the next would fare the same.
    if (!demand || engine.modelKey === undefined) return;
    if (demand.replacements++ < MAX_REPLACEMENTS) this.#fill(demand);
    else if (this.#engines.size === 0) this.#lost(error);
  }

  #lost(error: ErrorRecord): void {
    this.#demand?.onExhausted(error);
  }
}

const NO_ENGINE: Omit<ErrorRecord, 'cause'> = {
  code: 'worker-crashed',
  phase: 'start',
  message: 'No engine could be started. Call again.',
};
