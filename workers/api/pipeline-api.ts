import { type ErrorRecord, ImageToImageError, toErrorRecord } from '../../src/contract/errors.js';
import { failed, type Outcome, ok } from '../../src/contract/outcome.js';
import type { Picture, PixelWindow } from '../../src/contract/picture.js';
import type { ProgressEvent } from '../../src/contract/progress.js';
import type { EngineRunApi, Job, JobEvent, JobResult, PipelineApi } from '../../src/contract/worker-apis.js';
import { fillHiddenColours, hasTransparency } from '../../src/core/image/alpha.js';
import { resizeRows } from '../../src/core/image/resize.js';
import { planTiles, type TilePlan } from '../../src/core/image/tile-plan.js';
import { upsampleAlpha } from '../../src/core/image/upsample-alpha.js';
import { cropTile, runFeedForward } from '../../src/core/pipelines/feed-forward.js';
import { planEngines, tileLimits } from '../../src/core/workload.js';
import type { Codec, DecodedPicture, OutputSurface } from '../codec.js';
import { EnginePool } from '../engine-pool.js';

/** What the pipeline worker is built from. */
export interface PipelineParts {
  readonly codec: Codec;
  /** Makes an engine's port callable. */
  connect(port: MessagePort): EngineRunApi;
}

const CANCELLED: ErrorRecord = { code: 'worker-crashed', phase: 'run', message: 'The job was cancelled.' };

interface RunningJob {
  cancelled: boolean;
  /** Set while runs may wait for an engine. */
  stopWaiting?: () => void;
  readonly ended: Promise<unknown>;
}

/** The pipeline worker without its worker. */
export function createPipelineApi(parts: PipelineParts): Omit<PipelineApi, 'hello'> {
  const pool = new EnginePool();
  const jobs = new Map<string, RunningJob>();

  return {
    attachEngine: async (engineId, modelKey, port) => {
      pool.attach(engineId, modelKey, parts.connect(port), () => port.close());
      return ok(undefined);
    },
    reopenEngine: async (engineId, modelKey) => ok(pool.reopened(engineId, modelKey)),
    detachEngine: async (engineId, error) => {
      pool.detach(engineId, error);
      return ok(undefined);
    },
    runningEngines: async () => ok(pool.running),
    inspect: (picture, maxInputPixels) => settle(() => parts.codec.inspect(picture, maxInputPixels)),
    run: (job, events) => {
      const post = (event: JobEvent, transfer: Transferable[] = []): void => events.postMessage(event, transfer);
      let done: (value: unknown) => void = () => {};
      const running: RunningJob = {
        cancelled: false,
        ended: new Promise((resolve) => {
          done = resolve;
        }),
      };
      jobs.set(job.id, running);
      const outcome = settle(() => new JobRun(parts.codec, pool, job, running, post).run());
      return outcome.finally(() => {
        jobs.delete(job.id);
        post({ type: 'end' });
        events.close();
        done(undefined);
      });
    },
    cancel: async (jobId) => {
      const job = jobs.get(jobId);
      if (!job) return ok(undefined);
      job.cancelled = true;
      job.stopWaiting?.();
      await job.ended;
      return ok(undefined);
    },
  };
}

/** One job from file to file. */
class JobRun {
  readonly #codec: Codec;
  readonly #pool: EnginePool;
  readonly #job: Job;
  readonly #state: RunningJob;
  readonly #post: (event: JobEvent, transfer?: Transferable[]) => void;

  constructor(
    codec: Codec,
    pool: EnginePool,
    job: Job,
    state: RunningJob,
    post: (event: JobEvent, transfer?: Transferable[]) => void,
  ) {
    this.#codec = codec;
    this.#pool = pool;
    this.#job = job;
    this.#state = state;
    this.#post = post;
  }

  async run(): Promise<JobResult> {
    const { manifest, targetSize } = this.#job;
    const clock = stopwatch();
    this.#progress({ phase: 'decode', done: 0, total: 1, unit: 'steps' });
    const decoded = await this.#codec.decode(this.#job.picture, this.#job.maxInputPixels);
    const { width, height } = decoded.picture;
    const decodeMs = clock.lap();

    const engines = planEngines(manifest, width * height, this.#job.engines);
    const plan = planTiles({
      width,
      height,
      rule: manifest.tile,
      engines,
      ...tileLimits(manifest, { device: this.#job.device, engines, maxSidePx: this.#job.maxTileSidePx }),
    });
    const outputSize = { width: width * manifest.scale, height: height * manifest.scale };
    const finalSize = targetSize ?? outputSize;
    const transparent = decoded.mayHaveAlpha && hasTransparency(decoded.picture.data);
    // Before any work: too large a result is known now.
    const surface = this.#codec.createSurface(finalSize.width, finalSize.height, !transparent);
    try {
      this.#throwIfCancelled();
      this.#post({ type: 'planned', engines: Math.min(engines, plan.tiles.length), tiles: plan.tiles.length });
      const whole = targetSize && !sameSize(targetSize, outputSize) ? emptyPicture(outputSize) : undefined;
      const ran = await this.#runTiles({ decoded, transparent, plan, engines, outputSize, surface, whole });
      const tilesMs = clock.lap();
      if (whole) await this.#resizeInto(surface, whole, finalSize);
      const resizeMs = clock.lap();
      this.#throwIfCancelled();
      this.#progress({ phase: 'encode', done: 0, total: 1, unit: 'steps' });
      const exif = this.#job.metadata === 'keep' ? decoded.exif : undefined;
      const { blob, warnings } = await surface.encode({ ...this.#job.output, mayHaveAlpha: transparent, exif });
      this.#throwIfCancelled();
      return {
        blob,
        input: { width, height, type: decoded.type },
        output: { ...finalSize, type: blob.type, sizeBytes: blob.size },
        tiles: plan.tiles.length,
        engines: Math.min(engines, plan.tiles.length),
        warnings: [...decoded.warnings, ...ran.warnings, ...warnings],
        timingsMs: { decode: decodeMs, tiles: tilesMs, resize: resizeMs, encode: clock.lap() },
        macsPerSecond: ran.macsPerSecond,
      };
    } finally {
      surface.close();
    }
  }

  async #runTiles(options: {
    readonly decoded: DecodedPicture;
    readonly transparent: boolean;
    readonly plan: TilePlan;
    readonly engines: number;
    readonly outputSize: { readonly width: number; readonly height: number };
    readonly surface: OutputSurface;
    readonly whole: Picture | undefined;
  }): Promise<Pick<JobResult, 'warnings' | 'macsPerSecond'>> {
    const { decoded, transparent, plan, surface, whole, outputSize } = options;
    const { manifest, modelKey, wantTiles } = this.#job;
    const picture = transparent ? fillHiddenColours(decoded.picture) : decoded.picture;
    const warnings: JobResult['warnings'][number][] = [];
    const session = this.#pool.session(modelKey, Math.min(options.engines, plan.tiles.length), {
      onEngineFailed: (engineId, error) => {
        warnings.push({ code: 'engine-restarted', message: `An engine was replaced: ${error.message}` });
        this.#post({ type: 'engine-failed', engineId, error });
      },
    });
    this.#state.stopWaiting = () => session.close(CANCELLED);
    const started = performance.now();
    let done = 0;
    const total = plan.tiles.length;
    try {
      await runFeedForward({
        picture,
        manifest,
        plan,
        session,
        throwIfCancelled: () => this.#throwIfCancelled(),
        onTile: (finished) => {
          if (this.#state.cancelled) return;
          const tile = transparent ? withAlpha(picture, manifest.scale, finished) : finished;
          if (whole) copyInto(whole, tile);
          else surface.write(tile);
          if (wantTiles) this.#postTile(tile, outputSize);
          done++;
          const remainingMs = ((performance.now() - started) / done) * (total - done);
          this.#progress({ phase: 'tiles', done, total, unit: 'tiles', remainingMs });
        },
      });
      const tileMs = this.#pool.medianMs ?? 0;
      const tileMacs = plan.tileWidth * plan.tileHeight * manifest.macsPerPixel;
      return { warnings, macsPerSecond: tileMs > 0 ? (tileMacs / tileMs) * 1000 : 0 };
    } finally {
      session.close(CANCELLED);
    }
  }

  async #resizeInto(
    surface: OutputSurface,
    whole: Picture,
    size: { readonly width: number; readonly height: number },
  ): Promise<void> {
    this.#progress({ phase: 'resize', done: 0, total: size.height, unit: 'steps' });
    for (const band of resizeRows(whole, size.width, size.height)) {
      surface.write({
        data: new Uint8Array(band.data.buffer),
        dataWidth: size.width,
        fromX: 0,
        fromY: 0,
        x: 0,
        y: band.y,
        width: size.width,
        height: band.rows,
      });
      this.#progress({ phase: 'resize', done: band.y + band.rows, total: size.height, unit: 'steps' });
      // Lets cancel and other messages in.
      await macrotask();
      this.#throwIfCancelled();
    }
  }

  #postTile(tile: PixelWindow, outputSize: { readonly width: number; readonly height: number }): void {
    const data = cropTile(tile);
    const { x, y, width, height } = tile;
    const event = { x, y, width, height, data, outputWidth: outputSize.width, outputHeight: outputSize.height };
    this.#post({ type: 'tile', tile: event }, [data.buffer]);
  }

  #progress(progress: ProgressEvent): void {
    this.#post({ type: 'progress', progress });
  }

  #throwIfCancelled(): void {
    if (this.#state.cancelled) throw new ImageToImageError(CANCELLED);
  }
}

/** The tile alone in a buffer, with the source's alpha beside the model's colours. */
function withAlpha(source: Picture, scale: number, tile: PixelWindow): PixelWindow {
  const data = cropTile(tile);
  upsampleAlpha(source, scale, tile, data);
  return { ...tile, data: new Uint8Array(data.buffer), dataWidth: tile.width, fromX: 0, fromY: 0 };
}

function copyInto(whole: Picture, tile: PixelWindow): void {
  for (let row = 0; row < tile.height; row++) {
    const from = ((tile.fromY + row) * tile.dataWidth + tile.fromX) * 4;
    whole.data.set(tile.data.subarray(from, from + tile.width * 4), ((tile.y + row) * whole.width + tile.x) * 4);
  }
}

function emptyPicture(size: { readonly width: number; readonly height: number }): Picture {
  try {
    return { ...size, data: new Uint8Array(size.width * size.height * 4) };
  } catch (caught) {
    throw new ImageToImageError({
      code: 'out-of-memory',
      phase: 'run',
      message: `The browser refused memory for the model's output of ${size.width} x ${size.height} pixels. Use a smaller picture.`,
      details: { ...size },
      cause: String(caught),
    });
  }
}

function sameSize(
  a: { readonly width: number; readonly height: number },
  b: { readonly width: number; readonly height: number },
): boolean {
  return a.width === b.width && a.height === b.height;
}

function stopwatch(): { lap(): number } {
  let last = performance.now();
  return {
    lap() {
      const now = performance.now();
      const elapsed = now - last;
      last = now;
      return elapsed;
    },
  };
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return ok(await work());
  } catch (caught) {
    return failed(
      toErrorRecord(caught, { code: 'inference-failed', phase: 'run', message: 'The picture could not be worked on.' }),
    );
  }
}
