import type { EngineBuild, WasmPaths } from '../contract/engine-build.js';
import type { ErrorRecord } from '../contract/errors.js';
import type { Device } from '../contract/manifest.js';
import type { EngineSettings } from '../contract/worker-apis.js';

/** JSPI's build is a third smaller than asyncify's and survives failed runs; not every browser has it. */
export function buildFor(device: Device): EngineBuild {
  if (device === 'wasm') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

/** What an engine that gave no answer is ended with. */
export function frozen(phase: 'compile' | 'run', deadlineMs: number): ErrorRecord {
  return {
    code: 'deadline-exceeded',
    phase,
    message: `An engine gave no answer for ${deadlineMs / 1000} s and was ended. Call again, or pass device: 'wasm'.`,
    details: { deadlineMs },
  };
}

/** What an engine of this build is told of its files. */
export function settingsFor(build: EngineBuild, paths: WasmPaths | undefined): EngineSettings {
  if (typeof paths === 'string') return { wasmPaths: paths };
  const wasm = paths?.[build];
  return wasm === undefined ? {} : { wasmPaths: { wasm } };
}

/** What an engine that came as another build is ended with. */
export function wrongBuild(asked: EngineBuild, got: EngineBuild): ErrorRecord {
  return {
    code: 'environment-unsupported',
    phase: 'start',
    message: `workers.engine was asked for the build '${asked}' and gave '${got}'. Return a worker of tintype/engine.${asked}.worker, or pass device: '${got === 'wasm' ? 'wasm' : 'webgpu'}'.`,
    details: { asked, got },
  };
}
