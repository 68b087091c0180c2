import type { Picture, PixelWindow } from '../../src/contract/picture.js';
import type { Warning } from '../../src/contract/report.js';
import type { FeedForwardJob, JobResult } from '../../src/contract/worker-apis.js';
import { fillHiddenColours, hasTransparency } from '../../src/core/image/alpha.js';
import { planTiles, type TilePlan } from '../../src/core/image/tile-plan.js';
import { upsampleAlpha } from '../../src/core/image/upsample-alpha.js';
import { cropTile, runFeedForward } from '../../src/core/pipelines/feed-forward.js';
import { planEngines, tileLimits } from '../../src/core/workload.js';
import type { DecodedPicture, OutputSurface } from '../codec.js';
import { emptyPicture, resizeInto, type Size, sameSize } from './finish-picture.js';
import { CANCELLED, type JobContext } from './job-context.js';
import { startStopwatch } from './stopwatch.js';

/** One picture through a feed-forward model, from file to file. */
export async function runFeedForwardJob(job: FeedForwardJob, context: JobContext): Promise<JobResult> {
  const { manifest, targetSize } = job;
  const { codec } = context;
  const clock = startStopwatch();
  context.progress({ phase: 'decode', done: 0, total: 1, unit: 'steps' });
  const decoded = await codec.decode(job.picture, job.maxInputPixels);
  const { width, height } = decoded.picture;
  const decodeMs = clock.lap();

  const engines = planEngines(manifest, width * height, job.engines);
  const plan = planTiles({
    width,
    height,
    rule: manifest.tile,
    engines,
    ...tileLimits(manifest, { device: job.device, engines, maxSidePx: job.maxTileSidePx }),
  });
  const outputSize = { width: width * manifest.scale, height: height * manifest.scale };
  const finalSize = targetSize ?? outputSize;
  const transparent = decoded.mayHaveAlpha && hasTransparency(decoded.picture.data);
  // Before any work: too large a result is known now.
  const surface = codec.createSurface(finalSize.width, finalSize.height, !transparent);
  try {
    context.throwIfCancelled();
    const used = Math.min(engines, plan.tiles.length);
    context.post({ type: 'planned', engines: used, tiles: plan.tiles.length });
    const whole = targetSize && !sameSize(targetSize, outputSize) ? emptyPicture(outputSize) : undefined;
    const ran = await runTiles({ job, context, decoded, transparent, plan, engines, outputSize, surface, whole });
    const tilesMs = clock.lap();
    if (whole) await resizeInto(context, surface, whole, finalSize);
    const resizeMs = clock.lap();
    context.throwIfCancelled();
    context.progress({ phase: 'encode', done: 0, total: 1, unit: 'steps' });
    const exif = job.metadata === 'keep' ? decoded.exif : undefined;
    const { blob, warnings } = await surface.encode({ ...job.output, mayHaveAlpha: transparent, exif });
    context.throwIfCancelled();
    return {
      blob,
      facts: {
        input: { width, height, type: decoded.type },
        output: { ...finalSize, type: blob.type, sizeBytes: blob.size },
        tiles: plan.tiles.length,
        engines: used,
      },
      warnings: [...decoded.warnings, ...ran.warnings, ...warnings],
      timingsMs: { decode: decodeMs, tiles: tilesMs, resize: resizeMs, encode: clock.lap() },
      macs: width * height * manifest.macsPerPixel,
      macsPerSecond: ran.macsPerSecond,
    };
  } finally {
    surface.close();
  }
}

interface TilesRun {
  readonly job: FeedForwardJob;
  readonly context: JobContext;
  readonly decoded: DecodedPicture;
  readonly transparent: boolean;
  readonly plan: TilePlan;
  readonly engines: number;
  readonly outputSize: Size;
  readonly surface: OutputSurface;
  readonly whole: Picture | undefined;
}

async function runTiles(options: TilesRun): Promise<Pick<JobResult, 'warnings' | 'macsPerSecond'>> {
  const { job, context, decoded, transparent, plan, surface, whole, outputSize } = options;
  const { manifest, modelKey, wantTiles } = job;
  const picture = transparent ? fillHiddenColours(decoded.picture) : decoded.picture;
  const warnings: Warning[] = [];
  const session = context.pool.session({
    key: modelKey,
    expected: Math.min(options.engines, plan.tiles.length),
    onEngineFailed: (engineId, error) => {
      warnings.push({ code: 'engine-restarted', message: `An engine was replaced: ${error.message}` });
      context.post({ type: 'engine-failed', engineId, error });
    },
  });
  context.cancelled.catch(() => session.close(CANCELLED));
  const started = performance.now();
  let done = 0;
  const total = plan.tiles.length;
  try {
    await runFeedForward({
      picture,
      manifest,
      plan,
      session,
      throwIfCancelled: context.throwIfCancelled,
      onTile: (finished) => {
        if (context.isCancelled) return;
        const tile = transparent ? withAlpha(picture, manifest.scale, finished) : finished;
        if (whole) copyInto(whole, tile);
        else surface.write(tile);
        if (wantTiles) postTile(context, tile, outputSize);
        done++;
        const remainingMs = ((performance.now() - started) / done) * (total - done);
        context.progress({ phase: 'tiles', done, total, unit: 'tiles', remainingMs });
      },
    });
    const tileMs = context.pool.medianMs(modelKey) ?? 0;
    const tileMacs = plan.tileWidth * plan.tileHeight * manifest.macsPerPixel;
    return { warnings, macsPerSecond: tileMs > 0 ? (tileMacs / tileMs) * 1000 : 0 };
  } finally {
    session.close(CANCELLED);
  }
}

function postTile(context: JobContext, tile: PixelWindow, outputSize: Size): void {
  const data = cropTile(tile);
  const { x, y, width, height } = tile;
  const event = { x, y, width, height, data, outputWidth: outputSize.width, outputHeight: outputSize.height };
  context.post({ type: 'tile', tile: event }, [data.buffer]);
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
