import type { Device, FeedForwardManifest } from '../contract/manifest.js';

/**
 * Multiply-adds per second of one engine before anything was measured: onnxruntime-web's WASM on one core of an ordinary
 * laptop (29 GFLOP/s measured on 16-channel nets).
 */
export const ASSUMED_MACS_PER_SECOND = 14.5e9;

/** A tile should take about this long: short enough for progress and cancel, long enough that hops do not count. */
const TILE_SECONDS = 0.3;

/** An engine that must be started first needs at least this much work to be worth it; measured, see docs/decisions. */
const COLD_ENGINE_SECONDS = 0.8;

/** One that waits already needs this much. */
const WARM_ENGINE_SECONDS = 0.05;

/** Side of a tile over its overlap, at least: keeps what is computed twice to about a tenth. */
const SIDE_PER_OVERLAP = 30;

/** Activations of one tile in one engine, at most; the runtime really takes {@link RUNTIME_FACTOR} times as much. */
const TILE_ACTIVATION_BYTES = 128 * 1024 * 1024;

/** The same for all engines of a call together: many cores must not mean many times the memory. */
const ALL_ACTIVATION_BYTES = 384 * 1024 * 1024;

/** What onnxruntime-web's heap grows by, over the sum of the activations (measured 1.3 to 2.9, see docs/models.md). */
const RUNTIME_FACTOR = 2.5;

/**
 * Sides that a tile may have on WebGPU. Each shape costs a session and its shaders, so there are few; a picture that is smaller
 * runs at its own size.
 */
const WEBGPU_SIDES_PX: readonly number[] = [512, 384, 256, 128];

/** A tile for timing a device is at most this wide, and takes about this long on one WASM engine. */
const PROBE_SIDE_PX = 256;
const PROBE_SECONDS = 0.1;

/** Engines that a call can count on. */
export interface EngineStock {
  /** That there may be. */
  readonly most: number;
  /** That are started already. */
  readonly warm: number;
  /** Multiply-adds of the calls since the workers were started. */
  readonly earlierMacs: number;
}

/** Limits for a plan. */
export interface TileLimits {
  readonly maxTilePixels: number;
  readonly maxSidePx: number;
  /** The only sides that tiles may have; any, where left out. */
  readonly sidesPx?: readonly number[];
}

/**
 * How large a tile may be: {@link TILE_SECONDS} of work, but not so small that overlap eats the gain, and not so large that
 * one engine's activations exceed 128 MiB, or those of all engines 384 MiB.
 * @param options.maxSidePx The caller's own limit on a side, in input pixels.
 */
export function tileLimits(
  manifest: FeedForwardManifest,
  options: { readonly device: Device; readonly engines: number; readonly maxSidePx?: number | undefined },
): TileLimits {
  const { device, engines, maxSidePx = 4096 } = options;
  const bytes = Math.min(TILE_ACTIVATION_BYTES, ALL_ACTIVATION_BYTES / engines);
  const byMemory = bytes / manifest.activationBytesPerPixel;
  // A GPU wants much at once, and shares it with the screen: as large as memory allows, of few shapes.
  if (device === 'webgpu') return { maxTilePixels: Math.max(64 * 64, byMemory), maxSidePx, sidesPx: WEBGPU_SIDES_PX };
  const byTime = (ASSUMED_MACS_PER_SECOND * TILE_SECONDS) / manifest.macsPerPixel;
  const byOverlap = (SIDE_PER_OVERLAP * manifest.tile.overlapPx) ** 2;
  return { maxTilePixels: Math.max(64 * 64, Math.min(Math.max(byTime, byOverlap), byMemory)), maxSidePx };
}

/** Side of the square tile on which devices are compared, in input pixels. */
export function probeSidePx(manifest: FeedForwardManifest, maxSidePx: number = PROBE_SIDE_PX): number {
  const { multiple } = manifest.tile;
  const byTime = Math.sqrt((ASSUMED_MACS_PER_SECOND * PROBE_SECONDS) / manifest.macsPerPixel);
  const side = Math.min(PROBE_SIDE_PX, maxSidePx, Math.max(64, byTime));
  return Math.max(1, Math.floor(side / multiple)) * multiple;
}

/**
 * How many engines a picture is worth: those that are warm while there is work for each; further ones for more work, which
 * counts earlier calls too, for a client that has had much to do will have more.
 * @param pixels Pixels of the input.
 */
export function planEngines(
  manifest: Pick<FeedForwardManifest, 'macsPerPixel'>,
  pixels: number,
  engines: EngineStock,
): number {
  const seconds = (pixels * manifest.macsPerPixel) / ASSUMED_MACS_PER_SECOND;
  const busy = Math.ceil(seconds / WARM_ENGINE_SECONDS);
  const worthStarting = Math.ceil((seconds + engines.earlierMacs / ASSUMED_MACS_PER_SECOND) / COLD_ENGINE_SECONDS);
  return Math.max(1, Math.min(engines.most, busy, Math.max(engines.warm, worthStarting)));
}

/** Peak bytes of a call, after the formula in docs/memory.md. */
export function peakBytes(options: {
  readonly manifest: FeedForwardManifest;
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
