/**
 * The builds of onnxruntime-web that engines are made with, each in a worker entry of its own so that only the `.wasm` in use is
 * fetched. `wasm` runs on the CPU; `jspi` and `asyncify` run on WebGPU, the first where the browser has WebAssembly's `Suspending`.
 */
export type EngineBuild = 'wasm' | 'jspi' | 'asyncify';

/** Where the `.wasm` file of each build is, for own hosting: a URL prefix ending in `/`, or exact URLs by build. */
export type WasmPaths = string | Readonly<Partial<Record<EngineBuild, string>>>;

/** The onnxruntime-web that the engines are built from; what was measured with another one does not count. */
export const ORT_VERSION = '1.31.0-dev.20260914-8d85527a0';
