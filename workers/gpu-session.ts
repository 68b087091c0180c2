import type { GraphPorts, Tensor } from '../src/contract/tensor.js';
import type { ModelMessage } from '../src/contract/worker-apis.js';
import type { WatchedDevice } from './gpu-device.js';
import { type OrtBuild, type OrtSession, openSession } from './ort-engine.js';

/** Sessions kept, one per tile shape: that of large pictures, and one more. */
const MAX_SHAPES = 2;

/**
 * A graph on WebGPU. Where its input is tiles, each tile shape gets a session of its own with all sizes fixed, so that the runtime
 * plans its buffers and shaders once; the first session has none fixed and proves that model and device go together. Any other
 * graph has that one session only.
 * @throws ImageToImageError as `openSession` and the device do.
 */
export async function openGpuSession(
  ort: OrtBuild,
  model: Omit<ModelMessage, 'key'>,
  gpu: WatchedDevice,
): Promise<OrtSession> {
  const provider = { name: 'webgpu', device: gpu.device } as const;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      // Says more than what the runtime makes of it, and a run may resolve although the device is gone.
      gpu.throwIfFailed();
    }
  };
  const first = await guarded(() => openSession(ort, model, { provider }));
  const { ports } = first;
  if (!takesTiles(ports)) return guardedSession(first, guarded);
  const sessions = new Map<string, OrtSession>([['', first]]);

  async function sessionFor(tensor: Tensor | undefined): Promise<OrtSession> {
    const [, height = 1, width = 1] = tensor?.dims ?? [];
    const shape = `${height}x${width}`;
    const known = sessions.get(shape);
    if (known) return known;
    for (const [old, session] of [...sessions].slice(0, 1 + sessions.size - MAX_SHAPES)) {
      sessions.delete(old);
      await session.release();
    }
    const fixed = await openSession(ort, model, { provider, freeDimensionOverrides: { height, width } });
    sessions.set(shape, fixed);
    return fixed;
  }

  return {
    ports,
    run: (inputs) => guarded(async () => (await sessionFor(Object.values(inputs)[0])).run(inputs)),
    async release() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** Made where nothing holds on to the model's bytes: large ones must not stay on the heap beside the session. */
function guardedSession(session: OrtSession, guarded: <T>(work: () => Promise<T>) => Promise<T>): OrtSession {
  return {
    ports: session.ports,
    run: (inputs) => guarded(() => session.run(inputs)),
    release: () => session.release(),
  };
}

/** One uint8 input of RGBA rows, as tintype's own graphs have it. */
function takesTiles({ inputs }: GraphPorts): boolean {
  const [image, ...others] = inputs;
  return others.length === 0 && image?.dtype === 'uint8' && image.dims.length === 4;
}
