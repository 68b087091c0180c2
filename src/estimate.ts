import type { Device, FeedForwardManifest, ModelVariant } from './contract/manifest.js';
import { checkInputSize, checkOutputSize } from './core/image/size-limits.js';
import { planTiles } from './core/image/tile-plan.js';
import { ASSUMED_MACS_PER_SECOND, type EngineStock, peakBytes, planEngines, tileLimits } from './core/workload.js';
import type { Estimate } from './options.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What an estimate is made from. */
export interface EstimateInput {
  readonly manifest: FeedForwardManifest;
  readonly variant: ModelVariant;
  readonly device: Device;
  readonly stored: boolean;
  readonly size: Size;
  readonly maxInputPixels: number;
  readonly target: Size | undefined;
  readonly engines: EngineStock;
  readonly maxTileSidePx: number | undefined;
  /** Of one engine, as measured by this client; undefined before the first run. */
  readonly macsPerSecond: number | undefined;
}

/**
 * The cost of a call, from the very plan that the call would use.
 * @throws ImageToImageError `image-too-large` where the call would be refused for its result's size.
 */
export function estimateCall(input: EstimateInput): Estimate {
  const { manifest, size, target } = input;
  const output = target ?? { width: size.width * manifest.scale, height: size.height * manifest.scale };
  checkInputSize(size.width, size.height, input.maxInputPixels);
  checkOutputSize(output.width, output.height);
  const engines = planEngines(manifest, size.width * size.height, input.engines);
  const limits = tileLimits(manifest, { device: input.device, engines, maxSidePx: input.maxTileSidePx });
  const plan = planTiles({ ...size, rule: manifest.tile, engines, ...limits });
  const used = Math.min(engines, plan.tiles.length);
  const tilePixels = plan.tileWidth * plan.tileHeight;
  const rounds = Math.ceil(plan.tiles.length / used);
  return {
    tiles: plan.tiles.length,
    engines: used,
    peakBytes: peakBytes({
      manifest,
      inputPixels: size.width * size.height,
      outputPixels: size.width * size.height * manifest.scale ** 2,
      targetPixels: target && target.width * target.height,
      tilePixels,
      engines: used,
    }),
    downloadBytes: input.stored ? 0 : input.variant.sizeBytes,
    seconds: (rounds * tilePixels * manifest.macsPerPixel) / (input.macsPerSecond ?? ASSUMED_MACS_PER_SECOND),
    basis: input.macsPerSecond === undefined ? 'assumed' : 'measured',
    output: { width: output.width, height: output.height },
  };
}
