import * as Comlink from 'comlink';
import type { WasmPaths } from '../contract/engine-build.js';
import { type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import type { Device } from '../contract/manifest.js';
import type { EngineApi, Job, JobResult, LoaderApi, PictureFacts, PipelineApi } from '../contract/worker-apis.js';
import type { WorkerFactories } from '../options.js';
import { Engines } from './engines.js';
import { type JobEventHandlers, listenToJob } from './job-events.js';
import { type CallListeners, createLifetime, type Lifetime, whileAlive } from './lifetime.js';
import { spawnWorker } from './spawn.js';
import { createTurns } from './turns.js';
import { WorkerHost } from './worker-host.js';

/** What a piece of work has while it is its turn. */
export interface Turn {
  readonly id: string;
  /** Deaf once the call is over. */
  readonly live: CallListeners;
  readonly lifetime: Lifetime;
  readonly engines: Engines;
  /** Started if it is not there. */
  loader(): WorkerHost<LoaderApi>;
  /** Started if it is not there. */
  pipeline(): WorkerHost<PipelineApi>;
  /** Hands a job to the pipeline worker, and listens to it until it has really ended. */
  send(job: Job, handlers: Pick<JobEventHandlers, 'planned' | 'graph-wanted'>): Promise<JobResult>;
}

/** How the workers are made and kept. */
export interface WorkshopOptions {
  readonly workers?: WorkerFactories | undefined;
  readonly wasmPaths?: WasmPaths | undefined;
  /** Milliseconds without a call after which all workers are ended. */
  readonly idleMs: number;
}

/** An aborted run is given this long to end by itself before its engine is ended. */
const CANCEL_GRACE_MS = 200;
/** The last event of a job follows its answer at once; should it be lost with its worker, the answer still counts. */
const END_DEADLINE_MS = 1_000;
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
  #earlierMacs = 0;
  #disposed = false;
  readonly #lifetimes = new Set<Lifetime>();
  #nextCall = 0;

  constructor(options: WorkshopOptions) {
    this.#options = options;
    const spawnEngine = options.workers?.engine ?? spawnWorker.engine;
    this.#engines = new Engines({
      makeEngine: (build, onDeath) => new WorkerHost<EngineApi>('engine', () => spawnEngine(build), onDeath),
      loader: () => this.#useLoader(),
      pipeline: () => this.#usePipeline(),
      ...(options.wasmPaths === undefined ? {} : { wasmPaths: options.wasmPaths }),
    });
  }

  /** Gives a piece of work its turn and its end: by itself, by the signal, or by the loss of its workers. */
  async call<T>(listeners: CallListeners, work: (turn: Turn) => Promise<T>): Promise<T> {
    listeners.signal?.throwIfAborted();
    // The client refuses what comes later; this call came before and was choosing its device.
    if (this.#disposed) throw new ImageToImageError(DISPOSED);
    const id = `call-${this.#nextCall++}`;
    return this.#busy(() => this.#inTurn(id, listeners, work));
  }

  /** What a call can build on: engines that are started already, and the work that was done since. */
  started(device: Device): { readonly warm: number; readonly earlierMacs: number } {
    return { warm: this.#engines.warm(device), earlierMacs: this.#earlierMacs };
  }

  stored(keys: readonly string[]): Promise<readonly boolean[]> {
    return this.#busy(() => this.#useLoader().call((api) => api.stored(keys)));
  }

  remove(keys: readonly string[] | 'all'): Promise<void> {
    return this.#busy(() => this.#useLoader().call((api) => api.remove(keys)));
  }

  inspect(picture: Blob, maxInputPixels: number): Promise<PictureFacts> {
    return this.#busy(() => this.#usePipeline().call((api) => api.inspect(picture, maxInputPixels)));
  }

  /** Ends all workers for good. Calls that run or wait reject with `worker-crashed`, later ones with a TypeError. */
  dispose(): void {
    this.#disposed = true;
    for (const lifetime of this.#lifetimes) lifetime.fail(DISPOSED);
    this.#release(DISPOSED);
  }

  async #inTurn<T>(id: string, listeners: CallListeners, work: (turn: Turn) => Promise<T>): Promise<T> {
    const turn = this.#turns.take();
    const lifetime = createLifetime(listeners.signal);
    const live = whileAlive(listeners, lifetime);
    this.#lifetimes.add(lifetime);
    let begun = false;
    try {
      if (turn.waits) live.onProgress({ phase: 'queued', done: 0, total: 1, unit: 'steps' });
      await Promise.race([turn.ready, lifetime.ended]);
      begun = true;
      const value = await Promise.race([work(this.#turn(id, live, lifetime)), lifetime.ended]);
      turn.done();
      return value;
    } catch (caught) {
      void this.#stop(id, begun).finally(turn.done);
      throw caught;
    } finally {
      this.#lifetimes.delete(lifetime);
      lifetime.close();
      if (begun) this.#engines.finish();
    }
  }

  #turn(id: string, live: CallListeners, lifetime: Lifetime): Turn {
    return {
      id,
      live,
      lifetime,
      engines: this.#engines,
      loader: () => this.#useLoader(),
      pipeline: () => this.#usePipeline(),
      send: (job, handlers) => this.#send(live, lifetime, job, handlers),
    };
  }

  #send(
    { onProgress, onTile, onPreview }: CallListeners,
    lifetime: Lifetime,
    job: Job,
    handlers: Parameters<Turn['send']>[1],
  ): Promise<JobResult> {
    const { port1, port2 } = new MessageChannel();
    const eventsEnded = listenToJob(port1, {
      ...handlers,
      progress: (event) => onProgress(event.progress),
      tile: (event) => onTile(event.tile),
      preview: (event) => onPreview(event.preview),
      'engine-failed': (event) => this.#engines.end(event.engineId, event.error),
    });
    const pictures = [job.picture, ...('mask' in job && job.mask ? [job.mask] : [])];
    const bitmaps = pictures.filter((picture) => !(picture instanceof Blob)) as Transferable[];
    const outcome = this.#usePipeline().call((api) =>
      api.run(Comlink.transfer(job, bitmaps), Comlink.transfer(port2, [port2])),
    );
    outcome.catch(lifetime.fail);
    // Heard until the job has really ended, also when the call is over: a failed engine must not pass for a warm one.
    const close = (): void => port1.close();
    const told = outcome.then(() => within(eventsEnded, END_DEADLINE_MS));
    told.then(close, close);
    const finished = told.then(() => outcome);
    finished.then(
      ({ macs }) => {
        this.#earlierMacs += macs;
      },
      () => {},
    );
    return finished;
  }

  /** Stops what a failed or aborted call left running: asks, waits a little, then ends the engines that are still at it. */
  async #stop(id: string, begun: boolean): Promise<void> {
    if (!begun) return;
    const loader = this.#loader;
    const pipeline = this.#pipeline;
    if (loader && !loader.dead) loader.call((api) => api.cancel(id)).catch(() => {});
    // One that is still opening may wait for a download that never ends.
    this.#engines.finish();
    this.#engines.endOpening(ENDED);
    if (!pipeline || pipeline.dead) return;
    const stopped = pipeline.call((api) => api.cancel(id)).catch(() => {});
    if (await within(stopped, CANCEL_GRACE_MS)) return;
    const running = pipeline.call((api) => api.runningEngines()).catch(() => []);
    running.then((engineIds) => {
      for (const engineId of engineIds) this.#engines.end(engineId, ENDED);
    });
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
        this.#engines.finish();
        // Engines are joined to this very worker; new ones are cheap, a half-joined pool is not worth the risk.
        this.#engines.endAll(error);
      },
    );
    return this.#pipeline;
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#disposed) throw new TypeError('This client was disposed. Make a new InferenceClient.');
    clearTimeout(this.#idleTimer);
    this.#calls++;
    try {
      return await work();
    } finally {
      this.#calls--;
      if (this.#calls === 0 && !this.#disposed) {
        clearTimeout(this.#idleTimer);
        this.#idleTimer = setTimeout(() => this.#release(ENDED), this.#options.idleMs);
      }
    }
  }

  #release(reason: ErrorRecord): void {
    clearTimeout(this.#idleTimer);
    this.#earlierMacs = 0;
    this.#engines.finish();
    this.#engines.endAll(reason);
    this.#pipeline?.end(reason);
    this.#loader?.end(reason);
  }
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
