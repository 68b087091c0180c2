import * as Comlink from 'comlink';
import { type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import type { ProgressEvent, TileEvent } from '../contract/progress.js';
import type {
  Delivery,
  EngineApi,
  Job,
  JobEvent,
  JobResult,
  LoaderApi,
  ModelAsset,
  PictureFacts,
  PipelineApi,
} from '../contract/worker-apis.js';
import type { WorkerFactories } from '../options.js';
import { Engines } from './engines.js';
import { spawnWorker } from './spawn.js';
import { createTurns } from './turns.js';
import { WorkerHost } from './worker-host.js';

/** How the workers are made and kept. */
export interface WorkshopOptions {
  readonly workers?: WorkerFactories | undefined;
  readonly wasmPaths?: string | { readonly wasm: string } | undefined;
  /** Milliseconds without a call after which all workers are ended. */
  readonly idleMs: number;
}

/** What a call listens to. */
export interface CallListeners {
  readonly signal: AbortSignal | undefined;
  onProgress(event: ProgressEvent): void;
  /** A model's bytes reached an engine; once per engine. */
  onDelivery(delivery: Delivery): void;
  onTile(tile: TileEvent): void;
}

/** A finished job and how long its model took. */
export interface WorkshopResult extends JobResult {
  /** Until the first engine was ready. */
  readonly loadMs: number;
}

/** An aborted run is given this long to end by itself before its engine is ended. */
const CANCEL_GRACE_MS = 200;
/** A pipeline worker that does not confirm a cancel within this time is ended. */
const CANCEL_DEADLINE_MS = 5_000;

const ENDED: ErrorRecord = { code: 'worker-crashed', phase: 'run', message: 'The worker was ended with its call.' };
const DISPOSED: ErrorRecord = {
  code: 'worker-crashed',
  phase: 'run',
  message: 'The client was disposed while the call ran. Make a new client.',
};

/**
 * Everything behind the page's one call: spawns, joins and supervises the three kinds of worker, and runs jobs one at a time
 * in call order, each on all engines. Nothing is started before the first call.
 */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #engines: Engines;
  readonly #turns = createTurns();
  #loader: WorkerHost<LoaderApi> | undefined;
  #pipeline: WorkerHost<PipelineApi> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #calls = 0;
  #nextCall = 0;

  constructor(options: WorkshopOptions) {
    this.#options = options;
    const spawnEngine = options.workers?.engine ?? spawnWorker.engine;
    this.#engines = new Engines({
      makeEngine: (onDeath) => new WorkerHost<EngineApi>('engine', spawnEngine, onDeath),
      loader: () => this.#useLoader(),
      pipeline: () => this.#usePipeline(),
      ...(options.wasmPaths === undefined ? {} : { wasmPaths: options.wasmPaths }),
    });
  }

  /** Runs one job to its end. Rejects at once when the signal fires; the next job waits until this one has really stopped. */
  run(job: Omit<Job, 'id'>, asset: ModelAsset, listeners: CallListeners): Promise<WorkshopResult> {
    const id = this.#newId();
    return this.#call(listeners, id, (lifetime) => this.#runJob({ ...job, id }, asset, listeners, lifetime));
  }

  /** Downloads, verifies and opens a model on one engine. */
  load(asset: ModelAsset, listeners: Pick<CallListeners, 'signal' | 'onProgress'>): Promise<void> {
    const callId = this.#newId();
    return this.#call(listeners, callId, (lifetime) =>
      this.#engines.begin({
        callId,
        asset,
        onProgress: listeners.onProgress,
        onDelivery: () => {},
        onExhausted: lifetime.fail,
      }),
    );
  }

  stored(hashes: readonly string[]): Promise<readonly boolean[]> {
    return this.#busy(() => this.#useLoader().call((api) => api.stored(hashes)));
  }

  remove(hashes: readonly string[] | 'all'): Promise<void> {
    return this.#busy(() => this.#useLoader().call((api) => api.remove(hashes)));
  }

  inspect(picture: Blob, maxInputPixels: number): Promise<PictureFacts> {
    return this.#busy(() => this.#usePipeline().call((api) => api.inspect(picture, maxInputPixels)));
  }

  /** Ends all workers; calls in flight reject with `worker-crashed`. The workshop can be used again. */
  dispose(): void {
    this.#release(DISPOSED);
  }

  async #runJob(job: Job, asset: ModelAsset, listeners: CallListeners, lifetime: Lifetime): Promise<WorkshopResult> {
    const engines = this.#engines;
    const demand = {
      callId: job.id,
      asset,
      onProgress: listeners.onProgress,
      onDelivery: listeners.onDelivery,
      onExhausted: lifetime.fail,
    };
    const started = performance.now();
    let planned: Extract<JobEvent, { type: 'planned' }> | undefined;
    let loadMs: number | undefined;
    // Once there is a plan and an engine, whichever comes last.
    const startTiles = (): void => {
      if (!planned || loadMs === undefined) return;
      listeners.onProgress({ phase: 'tiles', done: 0, total: planned.tiles, unit: 'tiles' });
      engines.grow(planned.engines);
    };
    const { port1, port2 } = new MessageChannel();
    const eventsEnded = listen(port1, listeners, lifetime, (event) => {
      if (event.type === 'engine-failed') engines.end(event.engineId, event.error);
      if (event.type !== 'planned') return;
      planned = event;
      startTiles();
    });
    // Decoding and the first engine's start go on side by side.
    const outcome = this.#usePipeline().call((api) => api.run(job, Comlink.transfer(port2, [port2])));
    outcome.catch(lifetime.fail);
    try {
      await engines.begin(demand);
      loadMs = performance.now() - started;
      startTiles();
      const result = await outcome;
      await eventsEnded;
      return { ...result, loadMs };
    } finally {
      port1.close();
    }
  }

  /** Gives a piece of work its turn and its end: by itself, by the signal, or by the loss of its workers. */
  async #call<T>(
    listeners: Pick<CallListeners, 'signal' | 'onProgress'>,
    id: string,
    work: (lifetime: Lifetime) => Promise<T>,
  ): Promise<T> {
    const { signal } = listeners;
    signal?.throwIfAborted();
    return this.#busy(async () => {
      const turn = this.#turns.take();
      const lifetime = createLifetime(signal);
      if (turn.waits) listeners.onProgress({ phase: 'queued', done: 0, total: 1, unit: 'steps' });
      let begun = false;
      try {
        await Promise.race([turn.ready, lifetime.ended]);
        begun = true;
        const value = await Promise.race([work(lifetime), lifetime.ended]);
        turn.done();
        return value;
      } catch (caught) {
        void this.#stop(id, begun).finally(turn.done);
        throw caught;
      } finally {
        lifetime.close();
        if (begun) this.#engines.finish();
      }
    });
  }

  /** Stops what a failed or aborted call left running: asks, waits a little, then ends the engines that are still at it. */
  async #stop(id: string, begun: boolean): Promise<void> {
    if (!begun) return;
    const loader = this.#loader;
    const pipeline = this.#pipeline;
    if (loader && !loader.dead) loader.call((api) => api.cancel(id)).catch(() => {});
    if (!pipeline || pipeline.dead) return;
    const stopped = pipeline.call((api) => api.cancel(id)).catch(() => {});
    if (await within(stopped, CANCEL_GRACE_MS)) return;
    this.#engines.endAll(ENDED);
    if (!(await within(stopped, CANCEL_DEADLINE_MS))) pipeline.end(ENDED);
  }

  #useLoader(): WorkerHost<LoaderApi> {
    this.#loader ??= new WorkerHost<LoaderApi>('loader', this.#options.workers?.loader ?? spawnWorker.loader, () => {
      this.#loader = undefined;
    });
    return this.#loader;
  }

  #usePipeline(): WorkerHost<PipelineApi> {
    this.#pipeline ??= new WorkerHost<PipelineApi>(
      'pipeline',
      this.#options.workers?.pipeline ?? spawnWorker.pipeline,
      (error) => {
        this.#pipeline = undefined;
        // Engines are joined to this very worker; new ones are cheap, a half-joined pool is not worth the risk.
        this.#engines.endAll(error);
      },
    );
    return this.#pipeline;
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#idleTimer);
    this.#calls++;
    try {
      return await work();
    } finally {
      this.#calls--;
      if (this.#calls === 0) {
        clearTimeout(this.#idleTimer);
        this.#idleTimer = setTimeout(() => this.#release(ENDED), this.#options.idleMs);
      }
    }
  }

  #release(reason: ErrorRecord): void {
    clearTimeout(this.#idleTimer);
    this.#engines.finish();
    this.#engines.endAll(reason);
    this.#pipeline?.end(reason);
    this.#loader?.end(reason);
  }

  #newId(): string {
    return `call-${this.#nextCall++}`;
  }
}

/** How a call can end from outside. */
interface Lifetime {
  /** Rejects with the signal's reason, or with what {@link fail} was given. Never resolves. */
  readonly ended: Promise<never>;
  fail(error: unknown): void;
  close(): void;
}

function createLifetime(signal: AbortSignal | undefined): Lifetime {
  const listening = new AbortController();
  let reject: (reason: unknown) => void = () => {};
  const ended = new Promise<never>((_, rejectEnded) => {
    reject = rejectEnded;
  });
  ended.catch(() => {});
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: listening.signal });
  return {
    ended,
    fail: (error) => reject(isRecord(error) ? new ImageToImageError(error) : error),
    close: () => listening.abort(),
  };
}

function isRecord(error: unknown): error is ErrorRecord {
  return typeof error === 'object' && error !== null && 'code' in error && !(error instanceof Error);
}

/** Hands on a job's events until its `end`, so that no tile arrives after the result. */
function listen(
  port: MessagePort,
  listeners: CallListeners,
  lifetime: Lifetime,
  onOther: (event: JobEvent) => void,
): Promise<void> {
  let over = false;
  lifetime.ended.catch(() => {
    over = true;
  });
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<JobEvent>) => {
      if (data.type === 'end') resolve();
      else if (over) return;
      else if (data.type === 'progress') listeners.onProgress(data.progress);
      else if (data.type === 'tile') listeners.onTile(data.tile);
      else onOther(data);
    };
  });
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
