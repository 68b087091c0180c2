import type { Device } from '../contract/manifest.js';
import type { DeviceReason } from '../contract/report.js';
import type { GpuFacts } from './gpu.js';

/** One tile on each device, as milliseconds per megapixel of input, all engines together. */
export interface Verdict {
  readonly device: Device;
  /** Absent where WebGPU failed or gave other pixels than WASM. */
  readonly msPerMegapixel?: Readonly<Record<Device, number>>;
}

/** What the choice depends on; nothing else does. */
export interface DeviceQuestion {
  readonly asked: 'auto' | Device;
  readonly gpu: GpuFacts['state'];
  /** The call names a model file that runs on WASM only. */
  readonly wasmOnly: boolean;
  /** What an earlier measurement of the same model, runtime and adapter said. */
  readonly verdict: Verdict | undefined;
}

/** Where to run and why; or that both have to be timed first; or why the wish cannot be met. */
export type DeviceAnswer =
  | { readonly device: Device; readonly reason: DeviceReason }
  | { readonly device: 'measure' }
  | { readonly device: 'refused'; readonly reason: DeviceReason };

/** A device that is asked for is obeyed or refused, never swapped; `auto` takes what was measured to be faster. Pure. */
export function chooseDevice({ asked, gpu, wasmOnly, verdict }: DeviceQuestion): DeviceAnswer {
  if (asked === 'wasm') return { device: 'wasm', reason: 'device-asked' };
  if (asked === 'webgpu') {
    if (wasmOnly) return { device: 'refused', reason: 'dtype-wasm-only' };
    if (gpu === 'webgpu-missing' || gpu === 'webgpu-no-adapter') return { device: 'refused', reason: gpu };
    return { device: 'webgpu', reason: 'device-asked' };
  }
  if (wasmOnly) return { device: 'wasm', reason: 'dtype-wasm-only' };
  if (gpu !== 'adapter') return { device: 'wasm', reason: gpu };
  if (!verdict) return { device: 'measure' };
  return { device: verdict.device, reason: verdict.msPerMegapixel ? 'remembered' : 'webgpu-failed' };
}
