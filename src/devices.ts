import { ImageToImageError, isImageToImageError } from './contract/errors.js';
import type {
  Device,
  DiffusionManifest,
  DiffusionVariant,
  Dtype,
  FeedForwardManifest,
  ModelVariant,
} from './contract/manifest.js';
import type { DeviceReason } from './contract/report.js';
import type { MeasuredDevices, MeasureRequest, MeasuringWorkshop } from './measured-devices.js';
import { chooseVariant } from './models.js';
import { chooseDevice, type Verdict } from './policy/choose-device.js';
import { type GpuFacts, probeGpu } from './policy/gpu.js';

/** Where a call runs, with which file, and why. */
export interface DeviceChoice<Variant = ModelVariant> {
  readonly device: Device;
  readonly variant: Variant;
  readonly reason: DeviceReason;
  readonly msPerMegapixel?: Readonly<Record<Device, number>>;
  /** How long measuring took, where this call did it. */
  readonly measureMs?: number;
  /** Whether the call may go on with WASM should WebGPU fail: only where the device was our choice. */
  readonly mayChange: boolean;
}

/** What a call says of the device it wants. */
export interface DeviceRequest {
  readonly manifest: FeedForwardManifest;
  readonly device: 'auto' | Device | undefined;
  readonly dtype: 'auto' | Dtype | undefined;
  readonly maxTileSidePx: number | undefined;
  /** Engines that the call could have on WASM. */
  readonly engines: number;
}

/** Chooses the device of each call: asks the browser once, has both timed where it pays. */
export class Devices {
  readonly #workshop: MeasuringWorkshop;
  #gpu: Promise<GpuFacts> | undefined;
  #measured: Promise<MeasuredDevices> | undefined;
  /** Models that are not timed and failed on WebGPU, by id. */
  readonly #failed = new Set<string>();

  constructor(workshop: MeasuringWorkshop) {
    this.#workshop = workshop;
  }

  /**
   * Chooses, and measures first if need be.
   * @throws ImageToImageError `environment-unsupported` where the device that was asked for cannot be had; RangeError for a `dtype`
   * that the model does not have.
   */
  async choose(request: DeviceRequest, listeners: Parameters<MeasuringWorkshop['measure']>[1]): Promise<DeviceChoice> {
    const known = await this.expect(request);
    if (known) return known;
    const gpu = await this.#probe();
    const compared = await (await this.#load())?.measure(measureRequest(request, gpu), listeners);
    const { verdict, measureMs } = compared ?? {};
    const reason = !verdict ? 'webgpu-unmeasured' : measureMs === undefined ? 'remembered' : 'measured';
    const choice = choiceOf(request, gpu, { device: verdict?.device ?? 'wasm', reason }, verdict);
    return { ...choice, ...(measureMs === undefined ? {} : { measureMs }) };
  }

  /**
   * Chooses for a model that is not timed, by whether it is too large for the CPU.
   * @throws As {@link choose}.
   */
  async chooseBySize(
    request: Pick<DeviceRequest, 'device' | 'dtype'> & { readonly manifest: DiffusionManifest },
    isLarge: (variant: DiffusionVariant) => boolean,
  ): Promise<DeviceChoice<DiffusionVariant>> {
    const { manifest, device: asked = 'auto', dtype } = request;
    const gpu: GpuFacts = asked === 'wasm' ? { state: 'webgpu-missing' } : await this.#probe();
    const hasF16 = 'hasShaderF16' in gpu && gpu.hasShaderF16;
    const choose = (device: Device): DiffusionVariant => chooseVariant(manifest, device, dtype, hasF16);
    const answer = chooseDevice({ asked, gpu: gpu.state, wasmOnly: dtype === 'u8', verdict: undefined });
    if (answer.device === 'refused') throw refused(answer.reason);
    if (answer.device !== 'measure') {
      const { device, reason } = answer;
      return { device, variant: choose(device), reason, mayChange: reason !== 'device-asked' };
    }
    if (this.#failed.has(manifest.id)) {
      return { device: 'wasm', variant: choose('wasm'), reason: 'webgpu-failed', mayChange: true };
    }
    const onGpu = variantOrNone(() => choose('webgpu'));
    // One that is too large for the CPU stays where it is: going on there would take for ever.
    if (onGpu && isLarge(onGpu)) return { device: 'webgpu', variant: onGpu, reason: 'model-size', mayChange: false };
    return { device: 'wasm', variant: choose('wasm'), reason: 'model-size', mayChange: true };
  }

  /** WebGPU failed in a call of a model that is chosen by size: the next ones of this client start on WASM. */
  failedBySize({ id }: DiffusionManifest): void {
    this.#failed.add(id);
  }

  /** The choice as far as it is known without measuring; undefined where it is not. Rejects as {@link choose} does. */
  async expect(request: DeviceRequest): Promise<DeviceChoice | undefined> {
    const { device: asked = 'auto', dtype } = request;
    const wasmOnly = dtype === 'u8';
    // Not asked of the browser where it does not matter.
    const gpu: GpuFacts = asked === 'wasm' ? { state: 'webgpu-missing' } : await this.#probe();
    const hasChoice = asked === 'auto' && !wasmOnly && gpu.state === 'adapter';
    const verdict = hasChoice ? (await this.#load())?.known(measureRequest(request, gpu)) : undefined;
    const answer = chooseDevice({ asked, gpu: gpu.state, wasmOnly, verdict });
    if (answer.device === 'measure') return undefined;
    if (answer.device === 'refused') throw refused(answer.reason);
    return choiceOf(request, gpu, answer, verdict);
  }

  /** Forgets what was measured with these model files, or all. */
  async forget(hashes: readonly string[] | 'all'): Promise<void> {
    // Where there is nothing to choose, nothing was remembered.
    if ((await this.#probe()).state === 'adapter') (await this.#load())?.forget(hashes);
  }

  /** WebGPU failed in a call that went on with WASM: the next ones start there. */
  async failed(request: DeviceRequest): Promise<void> {
    (await this.#load())?.failed(measureRequest(request, await this.#probe()));
  }

  #probe(): Promise<GpuFacts> {
    this.#gpu ??= probeGpu(globalThis.navigator?.gpu);
    return this.#gpu;
  }

  /** @returns Undefined where the code cannot be fetched: a call then runs on WASM, and the next one tries again. */
  async #load(): Promise<MeasuredDevices | undefined> {
    this.#measured ??= import('./measured-devices.js').then((module) => new module.MeasuredDevices(this.#workshop));
    try {
      return await this.#measured;
    } catch {
      this.#measured = undefined;
      return undefined;
    }
  }
}

function variantFor({ manifest, dtype }: DeviceRequest, device: Device, gpu: GpuFacts): ModelVariant {
  return chooseVariant(manifest, device, dtype, 'hasShaderF16' in gpu && gpu.hasShaderF16);
}

function measureRequest(request: DeviceRequest, gpu: GpuFacts): MeasureRequest {
  const variants = { wasm: variantFor(request, 'wasm', gpu), webgpu: variantFor(request, 'webgpu', gpu) };
  return { ...request, variants, adapter: 'name' in gpu ? gpu.name : '' };
}

/** None where the only file is float16 and the adapter lacks shader-f16: nobody asked for that device. */
function variantOrNone(choose: () => DiffusionVariant): DiffusionVariant | undefined {
  try {
    return choose();
  } catch (caught) {
    if (isImageToImageError(caught, 'environment-unsupported')) return undefined;
    throw caught;
  }
}

function choiceOf(
  request: DeviceRequest,
  gpu: GpuFacts,
  answer: { readonly device: Device; readonly reason: DeviceReason },
  verdict: Verdict | undefined,
): DeviceChoice {
  const { device } = answer;
  const reason = verdict && !verdict.msPerMegapixel ? 'webgpu-failed' : answer.reason;
  return {
    device,
    variant: variantFor(request, device, gpu),
    reason,
    mayChange: reason !== 'device-asked',
    ...(verdict?.msPerMegapixel ? { msPerMegapixel: verdict.msPerMegapixel } : {}),
  };
}

function refused(reason: DeviceReason): ImageToImageError {
  const why: Partial<Record<DeviceReason, string>> = {
    'webgpu-missing': 'this browser has no WebGPU',
    'webgpu-no-adapter': 'the browser offers no graphics adapter',
    'dtype-wasm-only': 'the model file that `dtype` names runs on WASM only',
  };
  return new ImageToImageError({
    code: 'environment-unsupported',
    phase: 'validate',
    message: `device: 'webgpu' cannot be had: ${why[reason]}. Leave \`device\` out, or pass 'wasm'.`,
    details: { reason },
  });
}
