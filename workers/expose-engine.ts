import * as Comlink from 'comlink';
import type { EngineBuild } from '../src/contract/engine-build.js';
import type { EngineApi, ModelMessage } from '../src/contract/worker-apis.js';
import { createEngineApi } from './api/engine-api.js';
import { exposeOnPort, exposeWorker } from './expose.js';
import { openDevice, type WatchedDevice } from './gpu-device.js';
import { openGpuSession } from './gpu-session.js';
import { configureOrt, type OrtBuild, type OrtSession, openSession, startRuntime } from './ort-engine.js';

/** Makes this worker an engine on the CPU. */
export function exposeWasmEngine(ort: OrtBuild): void {
  exposeEngine('wasm', ort, (model) => openSession(ort, model, { provider: 'wasm' }));
}

/** Makes this worker an engine on WebGPU. */
export function exposeGpuEngine(build: Exclude<EngineBuild, 'wasm'>, ort: OrtBuild): void {
  // One device for life: should it be lost, the worker is lost with it.
  let gpu: Promise<WatchedDevice> | undefined;
  exposeEngine(build, ort, async (model) => {
    gpu ??= openDevice(navigator.gpu);
    return openGpuSession(ort, model, await gpu);
  });
}

function exposeEngine(
  build: EngineBuild,
  ort: OrtBuild,
  open: (model: Omit<ModelMessage, 'key'>) => Promise<OrtSession>,
): void {
  exposeWorker<EngineApi>(
    createEngineApi({
      build,
      configure: (options) => configureOrt(ort, options),
      start: () => startRuntime(ort),
      open,
      expose: exposeOnPort,
      transfer: Comlink.transfer,
    }),
  );
}
