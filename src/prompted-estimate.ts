import type { DiffusionManifest, Dtype } from './contract/manifest.js';
import type { DiffusionSettings } from './contract/worker-apis.js';
import { guidanceRows } from './core/diffusion/guidance.js';
import { planRowEngines } from './core/diffusion/row-engines.js';
import { planWorkSize } from './core/diffusion/work-size.js';
import { checkOutputSize } from './core/image/size-limits.js';
import { ASSUMED_MACS_PER_SECOND, type EngineStock } from './core/workload.js';
import type { Estimate } from './options.js';
import { stepsToRun } from './prompted-settings.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What an estimate is made from. */
export interface PromptedEstimateInput {
  readonly manifest: DiffusionManifest;
  readonly settings: DiffusionSettings;
  /** Of the picture. */
  readonly size: Size;
  readonly target: Size | undefined;
  readonly dtype: Dtype;
  /** Bytes of each graph with its weights. */
  readonly graphBytes: readonly number[];
  readonly residency: 'sequential' | 'resident';
  /** Whether guided rows go through the U-Net at once. */
  readonly batchesRows: boolean;
  readonly engines: EngineStock;
  readonly downloadBytes: number;
  /** Of one engine, as measured by this client; undefined before the first run. */
  readonly macsPerSecond: number | undefined;
}

/** What onnxruntime-web takes over a graph's own bytes: int8 weights unfold to float32. */
const BYTES_PER_FILE_BYTE: Readonly<Record<Dtype, number>> = {
  f32: 1,
  f16: 1,
  w8: 4,
  u8: 1,
  q4: 1,
  q4f16: 1,
};

/** One engine worker with onnxruntime-web's WASM started and an empty heap. */
const ENGINE_BYTES = 64 * 2 ** 20;

/**
 * The cost of a call, from the very plan that the call would use.
 * @throws ImageToImageError `image-too-large` where the call would be refused for its result's size.
 */
export function estimatePrompted(input: PromptedEstimateInput): Estimate {
  const { manifest, settings, size, target, graphBytes, residency, macsPerSecond } = input;
  const output = target ?? size;
  checkOutputSize(output.width, output.height);
  const workSize = planWorkSize(output, { multiple: manifest.sizeMultiple, maxPixels: manifest.maxWorkPixels });
  const pixels = workSize.width * workSize.height;
  const rows = guidanceRows(manifest, settings).length;
  const steps = stepsToRun(manifest, settings);
  const engines = input.batchesRows ? 1 : planRowEngines(manifest, { pixels, rows, steps }, input.engines);
  const weights =
    residency === 'resident' ? graphBytes.reduce((sum, bytes) => sum + bytes, 0) : Math.max(...graphBytes);
  const activations = (manifest.unetActivationBytesPerPixel ?? 0) * pixels * (input.batchesRows ? rows : engines);
  const perEngine = ENGINE_BYTES + weights * BYTES_PER_FILE_BYTE[input.dtype];
  const pictures = 4 * (size.width * size.height + output.width * output.height + 2 * pixels);
  const { unetMacsPerPixel } = manifest;
  const rounds = input.batchesRows ? rows : Math.ceil(rows / engines);
  return {
    tiles: 1,
    engines,
    steps,
    workSize,
    peakBytes: Math.round(engines * perEngine + activations + pictures),
    downloadBytes: input.downloadBytes,
    ...(unetMacsPerPixel === undefined
      ? {}
      : { seconds: (unetMacsPerPixel * pixels * rounds * steps) / (macsPerSecond ?? ASSUMED_MACS_PER_SECOND) }),
    basis: macsPerSecond === undefined ? 'assumed' : 'measured',
    output: { width: output.width, height: output.height },
  };
}
