import { ImageToImageError } from '../src/contract/errors.js';

/** A device of our own, so that its loss and its errors are seen; the runtime's own tells neither. */
export interface WatchedDevice {
  readonly device: GPUDevice;
  /** @throws ImageToImageError if the device was lost or reported an error; asked after every run, for one may still resolve. */
  throwIfFailed(): void;
}

/** What the runtime makes use of where the adapter has it. */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Limits without which larger tiles fail; each is asked for as high as the adapter goes. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxStorageBuffersPerShaderStage',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** A driver that has not answered by then will not; the worker would wait for ever. */
const REQUEST_DEADLINE_MS = 15_000;

/**
 * Asks for the adapter and a device of its own.
 * @throws ImageToImageError `environment-unsupported` without WebGPU or adapter, `device-lost` when no device could be had.
 */
export async function openDevice(gpu: GPU | undefined): Promise<WatchedDevice> {
  const adapter = await inTime(gpu?.requestAdapter({ powerPreference: 'high-performance' }));
  if (!adapter) {
    throw new ImageToImageError({
      code: 'environment-unsupported',
      phase: 'start',
      message: "The worker was offered no graphics adapter. Leave `device` out, or pass 'wasm'.",
      details: { reason: gpu ? 'webgpu-no-adapter' : 'webgpu-missing' },
    });
  }
  let device: GPUDevice | null | undefined;
  try {
    device = await inTime(
      adapter.requestDevice({
        requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
        requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
      }),
    );
  } catch (caught) {
    throw lost('start', String(caught));
  }
  if (!device) throw lost('start', `no device within ${REQUEST_DEADLINE_MS / 1000} s`);
  return watch(device);
}

function watch(device: GPUDevice): WatchedDevice {
  let failure: ImageToImageError | undefined;
  device.lost.then(({ reason, message }) => {
    failure ??= lost('run', `${reason}: ${message}`);
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    failure ??= error.constructor.name === 'GPUOutOfMemoryError' ? outOfMemory(error.message) : failed(error.message);
  });
  return {
    device,
    throwIfFailed: () => {
      if (failure) throw failure;
    },
  };
}

async function inTime<T>(request: Promise<T> | undefined): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), REQUEST_DEADLINE_MS);
  });
  try {
    return await Promise.race([request, late]);
  } finally {
    clearTimeout(timer);
  }
}

function lost(phase: 'start' | 'run', cause: string): ImageToImageError {
  return new ImageToImageError({
    code: 'device-lost',
    phase,
    message: "The graphics device was lost. Call again, or pass device: 'wasm'.",
    cause,
  });
}

function outOfMemory(cause: string): ImageToImageError {
  return new ImageToImageError({
    code: 'out-of-memory',
    phase: 'run',
    message:
      "The graphics device refused memory. Try a smaller `tile.maxSidePx` (a smaller target_size with prompted models), or device: 'wasm'.",
    cause,
  });
}

function failed(cause: string): ImageToImageError {
  return new ImageToImageError({
    code: 'inference-failed',
    phase: 'run',
    message: "The graphics device reported an error while the model ran. Try device: 'wasm'.",
    cause,
  });
}
