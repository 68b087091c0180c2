import * as Comlink from 'comlink';
import type { WasmPaths } from '../contract/engine-build.js';
import { type ErrorCode, type ErrorRecord, ImageToImageError, isImageToImageError } from '../contract/errors.js';
import type { Device, Stage, TokenizerFileName } from '../contract/manifest.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { Tensor } from '../contract/tensor.js';
import type {
  DiffusionJob,
  EngineApi,
  FeedForwardJob,
  Job,
  JobEvent,
  JobResult,
  LoaderApi,
  ModelAsset,
  PictureFacts,
  PipelineApi,
  Probe,
} from '../contract/worker-apis.js';
import type { WorkerFactories } from '../options.js';
import { type EngineDemand, Engines } from './engines.js';
import { type JobEventHandlers, listenToJob } from './job-events.js';
import { type CallListeners, createLifetime, type Lifetime, whileAlive } from './lifetime.js';
import { spawnWorker } from './spawn.js';
import { createTurns } from './turns.js';
import { WorkerHost } from './worker-host.js';

/** How the workers are made and kept. */
export interface WorkshopOptions {
  readonly workers?: WorkerFactories | undefined;
  readonly wasmPaths?: WasmPaths | undefined;
  /** Milliseconds without a call after which all workers are ended. */
  readonly idleMs: number;
}

/** A feed-forward call, as the workshop gets it. */
export interface WorkshopJob extends Omit<FeedForwardJob, 'id' | 'engines'> {
  readonly mostEngines: number;
  /** Whether the call may go on with WASM should WebGPU fail. */
  readonly mayChangeDevice: boolean;
}

/** The files of a diffusion model in the form that a call uses. */
export interface DiffusionAssets {
  readonly graphs: Readonly<Record<Stage, ModelAsset>>;
  readonly tokenizer: Readonly<Partial<Record<TokenizerFileName, ModelAsset>>>;
}

/** A diffusion call, as the workshop gets it. */
export interface WorkshopDiffusionJob extends Omit<DiffusionJob, 'id' | 'graphs'> {
  readonly assets: DiffusionAssets;
  /** Whether all graphs stay open, or each is released for the next. */
  readonly residency: 'sequential' | 'resident';
  readonly mayChangeDevice: boolean;
}

/** The same tile on both devices. */
export interface Measurement {
  readonly wasm: Probe;
  /** `failed` where WebGPU cannot run the model, `unknown` where something else kept it from being tried. */
  readonly webgpu: Probe | 'failed' | 'unknown';
}

/** What is to be measured. */
export interface MeasurementOptions {
  /** The file for each device; mostly the same. */
  readonly assets: Readonly<Record<Device, ModelAsset>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

type QuietListeners = Omit<CallListeners, 'onTile' | 'onPreview'>;

const DEAF: Pick<CallListeners, 'onTile' | 'onPreview'> = { onTile: () => {}, onPreview: () => {} };

/** What a device that cannot run a model ends with; a model that cannot be fetched says nothing about the device. */
const DEVICE_FAILURES: readonly ErrorCode[] = [
  'device-lost',
  'inference-failed',
  'out-of-memory',
  'deadline-exceeded',
  'environment-unsupported',
  'runtime-unavailable',
];

/** Tiles that were planned for one engine are this large at most: as many of them as the memory for all engines holds. */
const MOST_SPARE_ENGINES = 3;

/** A finished job and how long its model took. */
export interface WorkshopResult extends JobResult {
  /** Until the first engine was ready. */
  readonly loadMs: number;
}

const STAGES: readonly Stage[] = ['text_encoder', 'vae_encoder', 'unet', 'vae_decoder'];

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

  /** Runs one job to its end. Rejects at once when the signal fires; the next job waits until this one has really stopped. */
  run(job: WorkshopJob, asset: ModelAsset, listeners: CallListeners): Promise<WorkshopResult> {
    const id = this.#newId();
    const { mostEngines, mayChangeDevice, ...rest } = job;
    return this.#call(listeners, id, (live, lifetime) => {
      // Counted when its turn comes: the job before may have started some. A GPU has one queue, so one engine feeds it.
      const most = job.device === 'wasm' ? mostEngines : 1;
      const engines = { most, ...this.started(job.device) };
      const demand: EngineDemand = {
        ...live,
        callId: id,
        asset,
        keepsGraphs: false,
        device: job.device,
        spareWasmEngines: mayChangeDevice ? Math.min(mostEngines, MOST_SPARE_ENGINES) : 0,
        onExhausted: lifetime.fail,
      };
      return this.#runTiles({ ...rest, id, engines }, demand, live, lifetime);
    });
  }

  /** The same for a diffusion model: its graphs are opened one after another, when the pipeline wants them. */
  runDiffusion(job: WorkshopDiffusionJob, listeners: CallListeners): Promise<WorkshopResult> {
    const id = this.#newId();
    const { assets, residency, mayChangeDevice, ...rest } = job;
    return this.#call(listeners, id, async (live, lifetime) => {
      const started = performance.now();
      await this.#fetchDiffusion(id, job, live);
      const loadMs = performance.now() - started;
      const demand = this.#diffusionDemand(id, job, live, lifetime);
      let begun = false;
      const result = await this.#send({ ...rest, id, graphs: keysOf(assets) }, live, lifetime, {
        planned: () => {},
        'graph-wanted': ({ stage }) => {
          const asset = assets.graphs[stage];
          const opened = begun ? this.#engines.open(id, asset) : this.#engines.begin({ ...demand, asset });
          begun = true;
          opened.catch(lifetime.fail);
        },
      });
      return { ...result, loadMs };
    });
  }

  /** Downloads and verifies a diffusion model, and opens as much of it as may be open at once. */
  loadDiffusion(
    job: Pick<WorkshopDiffusionJob, 'assets' | 'manifest' | 'device' | 'residency' | 'mayChangeDevice'>,
    listeners: QuietListeners,
  ): Promise<void> {
    const id = this.#newId();
    return this.#call({ ...listeners, ...DEAF }, id, async (live, lifetime) => {
      await this.#fetchDiffusion(id, job, live);
      const [first, ...others] = STAGES.map((stage) => job.assets.graphs[stage]);
      if (first) await this.#engines.begin({ ...this.#diffusionDemand(id, job, live, lifetime), asset: first });
      if (job.residency === 'sequential') return;
      for (const asset of others) await this.#engines.open(id, asset);
    });
  }

  /** What a call can build on: engines that are started already, and the work that was done since. */
  started(device: Device): { readonly warm: number; readonly earlierMacs: number } {
    return { warm: this.#engines.warm(device), earlierMacs: this.#earlierMacs };
  }

  /** Downloads, verifies and opens a model on one engine. */
  load(
    asset: ModelAsset,
    { device, mayChange }: { readonly device: Device; readonly mayChange: boolean },
    listeners: QuietListeners,
  ): Promise<void> {
    const callId = this.#newId();
    const demand = { callId, asset, keepsGraphs: false, device, spareWasmEngines: mayChange ? 1 : 0 };
    return this.#call({ ...listeners, ...DEAF }, callId, (live, lifetime) =>
      this.#engines.begin({ ...live, ...demand, onExhausted: lifetime.fail }),
    );
  }

  /**
   * Times a model on both devices, one after the other.
   * @throws ImageToImageError if it cannot run on WASM; that it cannot run on WebGPU is an answer.
   */
  measure(
    { assets, inputs }: MeasurementOptions,
    listeners: Omit<QuietListeners, 'onDeviceChanged'>,
  ): Promise<Measurement> {
    const callId = this.#newId();
    const deaf = { ...listeners, ...DEAF, onDeviceChanged: () => {} };
    return this.#call(deaf, callId, async (live, lifetime) => {
      const probe = (device: Device): Promise<Probe> => {
        const asked = { callId, asset: assets[device], keepsGraphs: false, device, spareWasmEngines: 0 };
        return this.#engines.probe({ ...live, ...asked, onExhausted: () => {} }, inputs);
      };
      const measured = (done: number): void => live.onProgress({ phase: 'measure', done, total: 2, unit: 'steps' });
      const wasm = await probe('wasm');
      measured(1);
      if (lifetime.over) return { wasm, webgpu: 'unknown' };
      const webgpu = await probe('webgpu').catch(failureOf);
      measured(2);
      return { wasm, webgpu };
    });
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

  async #runTiles(
    job: FeedForwardJob,
    demand: EngineDemand,
    live: CallListeners,
    lifetime: Lifetime,
  ): Promise<WorkshopResult> {
    const engines = this.#engines;
    const started = performance.now();
    let planned: Extract<JobEvent, { type: 'planned' }> | undefined;
    let loadMs: number | undefined;
    // Once there is a plan and an engine, whichever comes last.
    const startTiles = (): void => {
      if (!planned || loadMs === undefined) return;
      live.onProgress({ phase: 'tiles', done: 0, total: planned.tiles, unit: 'tiles' });
      engines.grow(job.id, planned.engines);
    };
    // Decoding and the first engine's start go on side by side.
    const outcome = this.#send(job, live, lifetime, {
      planned: (event) => {
        planned = event;
        startTiles();
      },
      'graph-wanted': () => {},
    });
    await engines.begin(demand);
    loadMs = performance.now() - started;
    startTiles();
    return { ...(await outcome), loadMs };
  }

  /** Hands a job to the pipeline worker and listens to it until it has really ended. */
  #send(
    job: Job,
    { onProgress, onTile, onPreview }: CallListeners,
    lifetime: Lifetime,
    handlers: Pick<JobEventHandlers, 'planned' | 'graph-wanted'>,
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

  #diffusionDemand(
    callId: string,
    job: Pick<WorkshopDiffusionJob, 'assets' | 'device' | 'residency' | 'mayChangeDevice'>,
    live: CallListeners,
    lifetime: Lifetime,
  ): EngineDemand {
    return {
      ...live,
      callId,
      asset: job.assets.graphs.text_encoder,
      keepsGraphs: job.residency === 'resident',
      device: job.device,
      spareWasmEngines: job.mayChangeDevice ? 1 : 0,
      onExhausted: lifetime.fail,
    };
  }

  /** Has all files of a model on this device, and its tokenizer in the pipeline worker, while the runtime starts. */
  async #fetchDiffusion(
    callId: string,
    { assets, manifest, device }: Pick<WorkshopDiffusionJob, 'assets' | 'manifest' | 'device'>,
    live: CallListeners,
  ): Promise<void> {
    this.#engines.warmUp(device);
    const loader = this.#useLoader();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event: MessageEvent<ProgressEvent>) => live.onProgress(event.data);
    const texts = Object.entries(assets.tokenizer);
    const all = [...texts.map(([, asset]) => asset), ...STAGES.map((stage) => assets.graphs[stage])];
    try {
      live.onDelivery(await loader.call((api) => api.prefetch(callId, all, Comlink.transfer(port2, [port2]))));
    } finally {
      port1.close();
    }
    const pipeline = this.#usePipeline();
    if (await pipeline.call((api) => api.hasTokenizer(manifest.id))) return;
    const decoder = new TextDecoder();
    const files: Record<string, string> = {};
    for (const [name, asset] of texts) {
      files[name] = decoder.decode(await loader.call((api) => api.read(callId, asset)));
    }
    await pipeline.call((api) => api.provideTokenizer(manifest.id, files, manifest.tokenizer.maxTokens));
  }

  /** Gives a piece of work its turn and its end: by itself, by the signal, or by the loss of its workers. */
  async #call<T>(
    listeners: CallListeners,
    id: string,
    work: (live: CallListeners, lifetime: Lifetime) => Promise<T>,
  ): Promise<T> {
    listeners.signal?.throwIfAborted();
    // The client refuses what comes later; this call came before and was choosing its device.
    if (this.#disposed) throw new ImageToImageError(DISPOSED);
    return this.#busy(async () => {
      const turn = this.#turns.take();
      const lifetime = createLifetime(listeners.signal);
      const live = whileAlive(listeners, lifetime);
      this.#lifetimes.add(lifetime);
      let begun = false;
      try {
        if (turn.waits) live.onProgress({ phase: 'queued', done: 0, total: 1, unit: 'steps' });
        await Promise.race([turn.ready, lifetime.ended]);
        begun = true;
        const value = await Promise.race([work(live, lifetime), lifetime.ended]);
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
    });
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

  #newId(): string {
    return `call-${this.#nextCall++}`;
  }
}

function failureOf(caught: unknown): 'failed' | 'unknown' {
  if (!isImageToImageError(caught)) return 'unknown';
  const engineDied = caught.code === 'worker-crashed' && caught.details?.worker === 'engine';
  return engineDied || DEVICE_FAILURES.includes(caught.code) ? 'failed' : 'unknown';
}

function keysOf({ graphs }: DiffusionAssets): DiffusionJob['graphs'] {
  return {
    text_encoder: graphs.text_encoder.key,
    vae_encoder: graphs.vae_encoder.key,
    unet: graphs.unet.key,
    vae_decoder: graphs.vae_decoder.key,
  };
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
