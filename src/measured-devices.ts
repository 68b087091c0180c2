// Fetched only where there is a hardware adapter to choose: most of it concerns nobody else.
import type { Measurement, MeasurementListeners, MeasurementOptions } from './bridge/feed-forward-runs.js';
import type { Device, FeedForwardManifest, ModelVariant } from './contract/manifest.js';
import type { ModelAsset, Probe } from './contract/worker-apis.js';
import { tensorToTile, tileToTensor } from './core/pipelines/tile-tensor.js';
import { probeTile, samePixels } from './core/probe-tile.js';
import { probeSidePx } from './core/workload.js';
import { assetOf } from './model-assets.js';
import type { Verdict } from './policy/choose-device.js';
import { createVerdicts, type VerdictScope, type Verdicts } from './policy/verdicts.js';

/** What both devices are timed with. */
export interface MeasureRequest {
  readonly manifest: FeedForwardManifest;
  readonly variants: Readonly<Record<Device, ModelVariant>>;
  readonly adapter: string;
  /** Engines that the call could have on WASM. */
  readonly engines: number;
  readonly maxTileSidePx: number | undefined;
}

/** What {@link MeasuredDevices.measure} found. */
export interface Comparison {
  /** Undefined where the devices could not be compared, for want of a file. */
  readonly verdict: Verdict | undefined;
  /** How long measuring took; left out where another call had done it meanwhile. */
  readonly measureMs?: number;
}

/** What times a model on both devices. */
export interface MeasuringWorkshop {
  measure(options: MeasurementOptions, listeners: MeasurementListeners): Promise<Measurement>;
}

/** Times one tile on each device where that was not done before, and remembers. */
export class MeasuredDevices {
  readonly #workshop: MeasuringWorkshop;
  readonly #verdicts: Verdicts = createVerdicts(() => globalThis.localStorage);
  #measuring: Promise<void> | undefined;

  constructor(workshop: MeasuringWorkshop) {
    this.#workshop = workshop;
  }

  /** What is known already. */
  known(request: MeasureRequest): Verdict | undefined {
    return this.#verdicts.get(scopeOf(request));
  }

  /**
   * Measures, unless another call does it just now or has done it.
   * @throws ImageToImageError if the model cannot run on WASM; that it cannot run on WebGPU is a verdict.
   */
  async measure(request: MeasureRequest, listeners: Parameters<MeasuringWorkshop['measure']>[1]): Promise<Comparison> {
    // Calls that came together share one measurement, unless the first of them fails or is aborted.
    while (this.#measuring) await this.#measuring;
    const known = this.known(request);
    if (known) return { verdict: known };
    const { manifest } = request;
    const started = performance.now();
    const side = sideOf(request);
    const tile = tileToTensor(manifest, probeTile(side), { width: side, height: side });
    const measuring = this.#workshop.measure(
      { assets: assetsOf(request), inputs: { [manifest.input]: tile } },
      listeners,
    );
    const over = (): void => {
      this.#measuring = undefined;
    };
    this.#measuring = measuring.then(over, over);
    const verdict = judge(await measuring, request);
    // A failure may pass: it is remembered by this client only.
    if (verdict) this.#verdicts.set(scopeOf(request), verdict, verdict.msPerMegapixel !== undefined);
    return { verdict, measureMs: performance.now() - started };
  }

  /** WebGPU failed in a call: this client does not try it again for this model; another client does. */
  failed(request: MeasureRequest): void {
    this.#verdicts.set(scopeOf(request), { device: 'wasm' }, false);
  }

  /** Forgets what was measured with these model files, or all. */
  forget(hashes: readonly string[] | 'all'): void {
    this.#verdicts.forget(hashes);
  }
}

function scopeOf(request: MeasureRequest): VerdictScope {
  const { wasm, webgpu } = assetsOf(request);
  const modelHashes = [wasm.key, webgpu.key];
  const { adapter } = request;
  return { modelHashes, adapter, engines: enginesAtOnce(request), sidePx: sideOf(request) };
}

/** Engines beyond the cores that the browser has only wait for one another. */
function enginesAtOnce({ engines }: MeasureRequest): number {
  return Math.min(engines, globalThis.navigator?.hardwareConcurrency || engines);
}

function assetsOf({ variants }: MeasureRequest): Readonly<Record<Device, ModelAsset>> {
  return { wasm: assetOf(variants.wasm), webgpu: assetOf(variants.webgpu) };
}

function sideOf({ manifest, maxTileSidePx }: MeasureRequest): number {
  return probeSidePx(manifest, maxTileSidePx);
}

/** Undefined where the graph gave something else than its manifest says. */
function pixelsOf({ outputs }: Probe, request: MeasureRequest): Uint8Array | undefined {
  const { manifest } = request;
  const side = sideOf(request) * manifest.scale;
  try {
    return tensorToTile(manifest, outputs[manifest.output], { width: side, height: side });
  } catch {
    return undefined;
  }
}

/** The faster one; WASM where WebGPU failed or painted something else. A pool of engines divides WASM's time. */
function judge(
  { wasm, webgpu }: Awaited<ReturnType<MeasuringWorkshop['measure']>>,
  request: MeasureRequest,
): Verdict | undefined {
  if (webgpu === 'unknown') return undefined;
  if (webgpu === 'failed' || !samePixels(pixelsOf(wasm, request), pixelsOf(webgpu, request))) return { device: 'wasm' };
  const perMegapixel = (ms: number): number => (ms * 1e6) / sideOf(request) ** 2;
  const msPerMegapixel = {
    wasm: perMegapixel(wasm.runMs / enginesAtOnce(request)),
    webgpu: perMegapixel(webgpu.runMs),
  };
  return { device: msPerMegapixel.webgpu < msPerMegapixel.wasm ? 'webgpu' : 'wasm', msPerMegapixel };
}
