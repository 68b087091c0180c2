import type { ModelManifest } from '../contract/manifest.js';

/**
 * Multiply-adds per second of one engine before anything was measured: onnxruntime-web's WASM on one core of an ordinary
 * laptop (29 GFLOP/s measured on 16-channel nets).
 */
export const ASSUMED_MACS_PER_SECOND = 14.5e9;

/** A tile should take about this long: short enough for progress and cancel, long enough that hops do not count. */
const TILE_SECONDS = 0.3;

/** A further engine must have at least this much work, for starting it costs about as much. */
const ENGINE_SECONDS = 0.3;

/** Side of a tile over its overlap, at least: 16 keeps what is computed twice below a third. */
const SIDE_PER_OVERLAP = 16;

/** Activations of one tile in one engine, at most; the runtime really takes {@link RUNTIME_FACTOR} times as much. */
const TILE_ACTIVATION_BYTES = 128 * 1024 * 1024;

/** What onnxruntime-web's heap grows by, over the sum of the activations (measured 1.3 to 2.9, see docs/models.md). */
const RUNTIME_FACTOR = 2.5;

/** Limits for a plan. */
export interface TileLimits {
  readonly maxTilePixels: number;
  readonly maxSidePx: number;
}

/**
 * How large a tile may be: {@link TILE_SECONDS} of work, but not so small that overlap eats the gain, and not so large that
 * one engine's activations exceed 128 MiB.
 * @param maxSidePx The caller's own limit on a side, in input pixels.
 */
export function tileLimits(manifest: ModelManifest, maxSidePx = 4096): TileLimits {
  const byTime = (ASSUMED_MACS_PER_SECOND * TILE_SECONDS) / manifest.macsPerPixel;
  const byOverlap = (SIDE_PER_OVERLAP * manifest.tile.overlapPx) ** 2;
  const byMemory = TILE_ACTIVATION_BYTES / manifest.activationBytesPerPixel;
  return { maxTilePixels: Math.max(64 * 64, Math.min(Math.max(byTime, byOverlap), byMemory)), maxSidePx };
}

/**
 * How many engines a picture is worth: one per {@link ENGINE_SECONDS} of work, at most `maxEngines`.
 * @param pixels Pixels of the input.
 */
export function planEngines(manifest: ModelManifest, pixels: number, maxEngines: number): number {
  const seconds = (pixels * manifest.macsPerPixel) / ASSUMED_MACS_PER_SECOND;
  return Math.max(1, Math.min(maxEngines, Math.ceil(seconds / ENGINE_SECONDS)));
}

/** Peak bytes of a call, after the formula in docs/memory.md. */
export function peakBytes(options: {
  readonly manifest: ModelManifest;
  readonly inputPixels: number;
  readonly outputPixels: number;
  readonly targetPixels: number | undefined;
  readonly tilePixels: number;
  readonly engines: number;
}): number {
  const { manifest, inputPixels, outputPixels, targetPixels, tilePixels, engines } = options;
  const tileBytes = tilePixels * (4 + 4 * manifest.scale ** 2);
  const perEngine = ENGINE_BYTES + tilePixels * manifest.activationBytesPerPixel * RUNTIME_FACTOR + tileBytes;
  const output = targetPixels === undefined ? outputPixels * 4 : outputPixels * 4 + targetPixels * 4;
  return Math.round(inputPixels * 4 + output + engines * perEngine + 2 * tileBytes);
}

/** One engine worker with onnxruntime-web's WASM started and an empty heap. */
const ENGINE_BYTES = 64 * 1024 * 1024;
