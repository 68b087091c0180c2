import type { Tensor } from '../src/contract/tensor.js';
import type { WatchedDevice } from './gpu-device.js';
import { type OrtBuild, type OrtSession, openSession } from './ort-engine.js';

/** Sessions kept, one per tile shape: that of large pictures, and one more. */
const MAX_SHAPES = 2;

/**
 * A graph on WebGPU. Each tile shape gets a session of its own with all sizes fixed, so that the runtime plans its buffers and
 * shaders once; the first session has none fixed and proves that model and device go together.
 * @throws ImageToImageError as `openSession` and the device do.
 */
export async function openGpuSession(ort: OrtBuild, bytes: ArrayBuffer, gpu: WatchedDevice): Promise<OrtSession> {
  const provider = { name: 'webgpu', device: gpu.device } as const;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      // Says more than what the runtime makes of it, and a run may resolve although the device is gone.
      gpu.throwIfFailed();
    }
  };
  const sessions = new Map<string, OrtSession>([
    ['', await guarded(() => openSession(ort, bytes.slice(0), { provider }))],
  ]);

  async function sessionFor(tensor: Tensor | undefined): Promise<OrtSession> {
    const [, height = 1, width = 1] = tensor?.dims ?? [];
    const shape = `${height}x${width}`;
    const known = sessions.get(shape);
    if (known) return known;
    for (const [old, session] of [...sessions].slice(0, 1 + sessions.size - MAX_SHAPES)) {
      sessions.delete(old);
      await session.release();
    }
    const fixed = await openSession(ort, bytes.slice(0), { provider, freeDimensionOverrides: { height, width } });
    sessions.set(shape, fixed);
    return fixed;
  }

  return {
    run: (inputs) => guarded(async () => (await sessionFor(Object.values(inputs)[0])).run(inputs)),
    async release() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}
