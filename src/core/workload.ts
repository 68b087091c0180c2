import type { Device, ModelManifest } from '../contract/manifest.js';

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
const WARM_ENGINE_SECONDS = 0.1;

/** Side of a tile over its overlap, at least: 16 keeps what is computed twice below a third. */
const SIDE_PER_OVERLAP = 16;

/** Activations of one tile in one engine, at most; the runtime really takes {@link RUNTIME_FACTOR} times as much. */
const TILE_ACTIVATION_BYTES = 128 * 1024 * 1024;

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

/** Limits for a plan. */
export interface TileLimits {
  readonly maxTilePixels: number;
  readonly maxSidePx: number;
  /** The only sides that tiles may have; any, where left out. */
  readonly sidesPx?: readonly number[];
}

/**
 * How large a tile may be: {@link TILE_SECONDS} of work, but not so small that overlap eats the gain, and not so large that
 * one engine's activations exceed 128 MiB.
 * @param maxSidePx The caller's own limit on a side, in input pixels.
 */
export function tileLimits(manifest: ModelManifest, device: Device, maxSidePx = 4096): TileLimits {
  const byMemory = TILE_ACTIVATION_BYTES / manifest.activationBytesPerPixel;
  // A GPU wants much at once, and shares it with the screen: as large as memory allows, of few shapes.
  if (device === 'webgpu') return { maxTilePixels: Math.max(64 * 64, byMemory), maxSidePx, sidesPx: WEBGPU_SIDES_PX };
  const byTime = (ASSUMED_MACS_PER_SECOND * TILE_SECONDS) / manifest.macsPerPixel;
  const byOverlap = (SIDE_PER_OVERLAP * manifest.tile.overlapPx) ** 2;
  return { maxTilePixels: Math.max(64 * 64, Math.min(Math.max(byTime, byOverlap), byMemory)), maxSidePx };
}

/** Side of the square tile on which devices are compared, in input pixels. */
export function probeSidePx(manifest: ModelManifest, maxSidePx: number = PROBE_SIDE_PX): number {
  const { multiple } = manifest.tile;
  const byTime = Math.sqrt((ASSUMED_MACS_PER_SECOND * PROBE_SECONDS) / manifest.macsPerPixel);
  const side = Math.min(PROBE_SIDE_PX, maxSidePx, Math.max(64, byTime));
  return Math.max(1, Math.floor(side / multiple)) * multiple;
}

/**
 * How many engines a picture is worth: those that are warm while there is work for each, further ones only for more work.
 * @param pixels Pixels of the input.
 * @param engines `most` that there may be, and how many are `warm`: started already.
 */
export function planEngines(
  manifest: ModelManifest,
  pixels: number,
  engines: { readonly most: number; readonly warm: number },
): number {
  const seconds = (pixels * manifest.macsPerPixel) / ASSUMED_MACS_PER_SECOND;
  const warm = Math.min(engines.warm, Math.ceil(seconds / WARM_ENGINE_SECONDS));
  const cold = Math.ceil(seconds / COLD_ENGINE_SECONDS);
  return Math.max(1, Math.min(engines.most, Math.max(warm, cold)));
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
