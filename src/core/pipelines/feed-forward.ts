import type { FeedForwardManifest } from '../../contract/manifest.js';
import type { Picture, PixelWindow } from '../../contract/picture.js';
import type { EngineSession } from '../engine.js';
import type { Tile, TilePlan } from '../image/tile-plan.js';
import { tensorToTile, tileToTensor } from './tile-tensor.js';

/** One picture through one feed-forward model. */
export interface FeedForwardOptions {
  readonly picture: Picture;
  readonly manifest: Pick<FeedForwardManifest, 'input' | 'output' | 'floatPixels' | 'scale'>;
  readonly plan: TilePlan;
  readonly session: EngineSession;
  /** Throws when the job was cancelled; asked before each tile. */
  throwIfCancelled(): void;
  /** Called once per tile with the kept part of its output, in the order in which they finish. */
  onTile(tile: PixelWindow): void;
}

/**
 * Runs every tile of the plan and hands each on as it finishes. Keeps one tile more in flight than the session can run at
 * once, so that an engine finds its next tile waiting; memory is that many tiles whatever the picture's size.
 * @throws What the session or `throwIfCancelled` throws, after every run in flight has settled.
 */
export async function runFeedForward(options: FeedForwardOptions): Promise<void> {
  const { plan, session } = options;
  const inFlight = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let next = 0;
  while (next < plan.tiles.length || inFlight.size > 0) {
    try {
      options.throwIfCancelled();
    } catch (error) {
      failure ??= { error };
    }
    while (!failure && next < plan.tiles.length && inFlight.size <= session.parallelism) {
      const tile = plan.tiles[next++] as Tile;
      const run: Promise<void> = runTile(options, tile)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => inFlight.delete(run));
      inFlight.add(run);
    }
    if (inFlight.size === 0) break;
    await Promise.race(inFlight);
  }
  if (failure) throw failure.error;
}

async function runTile(options: FeedForwardOptions, tile: Tile): Promise<void> {
  const { manifest, plan, picture } = options;
  const outputs = await options.session.run(() => ({
    [manifest.input]: tileToTensor(manifest, cutTile(picture, tile), tile),
  }));
  const { scale } = manifest;
  const size = { width: plan.tileWidth * scale, height: plan.tileHeight * scale };
  const data = tensorToTile(manifest, outputs[manifest.output], size);
  options.onTile({
    data,
    dataWidth: tile.width * scale,
    fromX: (tile.keep.x - tile.x) * scale,
    fromY: (tile.keep.y - tile.y) * scale,
    x: tile.keep.x * scale,
    y: tile.keep.y * scale,
    width: tile.keep.width * scale,
    height: tile.keep.height * scale,
  });
}

/** Copies a tile's pixels; beyond the picture (plans with `multiple` above 1) its last column and row are repeated. */
export function cutTile(picture: Picture, tile: Pick<Tile, 'x' | 'y' | 'width' | 'height'>): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(tile.width * tile.height * 4);
  const inside = Math.min(tile.width, picture.width - tile.x) * 4;
  const rowBytes = tile.width * 4;
  for (let row = 0; row < tile.height; row++) {
    const y = Math.min(tile.y + row, picture.height - 1);
    const from = (y * picture.width + tile.x) * 4;
    const to = row * rowBytes;
    out.set(picture.data.subarray(from, from + inside), to);
    for (let at = to + inside; at < to + rowBytes; at += 4) out.copyWithin(at, at - 4, at);
  }
  return out;
}

/** Copies the kept part into a buffer of its own: `height * width * 4` bytes, RGBA rows. */
export function cropTile(tile: PixelWindow): Uint8ClampedArray<ArrayBuffer> {
  const rowBytes = tile.width * 4;
  const out = new Uint8ClampedArray(tile.height * rowBytes);
  for (let row = 0; row < tile.height; row++) {
    const from = ((tile.fromY + row) * tile.dataWidth + tile.fromX) * 4;
    out.set(tile.data.subarray(from, from + rowBytes), row * rowBytes);
  }
  return out;
}
