// Fetched only where there is a hardware adapter to choose: most of it concerns nobody else.
import type { Workshop } from './bridge/workshop.js';
import type { Device, ModelManifest, ModelVariant } from './contract/manifest.js';
import { probeTile, samePixels } from './core/probe-tile.js';
import { probeSidePx } from './core/workload.js';
import type { Verdict } from './policy/choose-device.js';
import { createVerdicts, type VerdictScope, type Verdicts } from './policy/verdicts.js';

/** What both devices are timed with. */
export interface MeasureRequest {
  readonly manifest: ModelManifest;
  readonly variants: Readonly<Record<Device, ModelVariant>>;
  readonly adapter: string;
  /** Engines that the call could have on WASM. */
  readonly engines: number;
  readonly maxTileSidePx: number | undefined;
}

/** Times one tile on each device where that was not done before, and remembers. */
export class MeasuredDevices {
  readonly #workshop: Workshop;
  readonly #verdicts: Verdicts = createVerdicts(() => globalThis.localStorage);
  #measuring: Promise<void> | undefined;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  /** What is known already. */
  known(request: MeasureRequest): Verdict | undefined {
    return this.#verdicts.get(scopeOf(request));
  }

  /**
   * @returns Undefined where the devices could not be compared, for want of a file.
   * @throws ImageToImageError if the model cannot run on WASM; that it cannot run on WebGPU is a verdict.
   */
  async measure(request: MeasureRequest, listeners: Parameters<Workshop['measure']>[1]): Promise<Verdict | undefined> {
    // Calls that came together share one measurement, unless the first of them fails or is aborted.
    while (this.#measuring) await this.#measuring;
    const known = this.known(request);
    if (known) return known;
    const { manifest, variants } = request;
    const tile = probeTile(sideOf(request));
    const measuring = this.#workshop.measure({ assets: variants, inputs: { [manifest.input]: tile } }, listeners);
    const over = (): void => {
      this.#measuring = undefined;
    };
    this.#measuring = measuring.then(over, over);
    const verdict = judge(await measuring, request, tile.data.length / 4);
    if (!verdict) return undefined;
    // A failure may pass: it is remembered by this client only.
    this.#verdicts.set(scopeOf(request), verdict, verdict.msPerMegapixel !== undefined);
    return verdict;
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
  const { variants, adapter, engines } = request;
  return { modelHashes: [variants.wasm.sha256, variants.webgpu.sha256], adapter, engines, sidePx: sideOf(request) };
}

function sideOf({ manifest, maxTileSidePx }: MeasureRequest): number {
  return probeSidePx(manifest, maxTileSidePx);
}

/** The faster one; WASM where WebGPU failed or painted something else. A pool of engines divides WASM's time. */
function judge(
  { wasm, webgpu }: Awaited<ReturnType<Workshop['measure']>>,
  { manifest, engines }: MeasureRequest,
  pixels: number,
): Verdict | undefined {
  if (webgpu === 'unknown') return undefined;
  if (webgpu === 'failed' || !samePixels(wasm.outputs[manifest.output], webgpu.outputs[manifest.output]))
    return { device: 'wasm' };
  const perMegapixel = (ms: number): number => (ms * 1e6) / pixels;
  const msPerMegapixel = { wasm: perMegapixel(wasm.runMs / engines), webgpu: perMegapixel(webgpu.runMs) };
  return { device: msPerMegapixel.webgpu < msPerMegapixel.wasm ? 'webgpu' : 'wasm', msPerMegapixel };
}
