import type * as Ort from 'onnxruntime-web/wasm';
import { ImageToImageError } from '../src/contract/errors.js';
import type { GraphPort, GraphPorts, Tensor, TensorData, TensorDtype } from '../src/contract/tensor.js';
import type { EngineSettings, ModelMessage } from '../src/contract/worker-apis.js';

/** The part of an onnxruntime-web build that Tintype uses. */
export type OrtBuild = Pick<typeof Ort, 'env' | 'InferenceSession' | 'Tensor'>;

/** A graph that is ready to run. Not re-entrant: callers queue (two overlapping runs freeze or trap some builds). */
export interface OrtSession {
  readonly ports: GraphPorts;
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/**
 * Sets what must be set before the first session of a realm; later changes have no effect on that realm.
 * One thread: the cores are used by a pool of engines instead, which also works without cross-origin isolation.
 */
export function configureOrt(ort: OrtBuild, options: EngineSettings): void {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  // A stalled download of the .wasm would otherwise keep the first create() pending for ever.
  ort.env.wasm.initTimeout = 300_000;
  if (options.wasmPaths !== undefined) ort.env.wasm.wasmPaths = options.wasmPaths;
}

/** y = x: the smallest model there is. */
const IDENTITY_MODEL = 'CAgSADo3ChAKAXgSAXkiCElkZW50aXR5EgFnWg8KAXgSCgoICAISBAoCCAFiDwoBeRIKCggIAhIECgIIAUIECgAQEQ==';

/** Fetches and compiles the runtime. onnxruntime-web has no call for that; its first session does it. */
export async function startRuntime(ort: OrtBuild): Promise<void> {
  const bytes = Uint8Array.from(atob(IDENTITY_MODEL), (character) => character.charCodeAt(0));
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  await session.release();
}

/** Where a session runs, and for which size if for one only. */
export type SessionTarget = Pick<Ort.InferenceSession.SessionOptions, 'freeDimensionOverrides'> & {
  readonly provider: 'wasm' | Ort.InferenceSession.WebGpuExecutionProviderOption;
};

/**
 * Loads a graph on exactly one execution provider, so that the runtime never substitutes another in silence.
 * @throws ImageToImageError `runtime-unavailable` (sticky in this realm: end the worker), `out-of-memory` or `inference-failed`.
 */
export async function openSession(
  ort: OrtBuild,
  { bytes, externalData }: Omit<ModelMessage, 'key'>,
  { provider, ...options }: SessionTarget,
): Promise<OrtSession> {
  let session: Ort.InferenceSession;
  let ports: GraphPorts;
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      logSeverityLevel: 3,
      ...(externalData.length === 0
        ? {}
        : { externalData: externalData.map((file) => ({ path: file.path, data: file.bytes })) }),
      ...options,
    });
    ports = portsOf(session);
  } catch (caught) {
    throw creationError(caught);
  }
  return {
    ports,
    async run(inputs) {
      try {
        return await runOnce(ort, session, inputs);
      } catch (caught) {
        throw runError(caught);
      }
    },
    release: () => session.release(),
  };
}

async function runOnce(
  ort: OrtBuild,
  session: Ort.InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const feeds: Record<string, Ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    feeds[name] = new ort.Tensor(tensor.dtype as 'uint8', tensor.data as Uint8Array, tensor.dims);
  }
  const results = await session.run(feeds);
  const outputs: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(results)) {
    outputs[name] = { dtype: knownDtype(name, value.type), dims: value.dims, data: dataOf(value) };
  }
  return outputs;
}

const DTYPES: readonly string[] = ['uint8', 'int32', 'int64', 'float16', 'float32'] satisfies readonly TensorDtype[];

function knownDtype(name: string, type: string): TensorDtype {
  if (DTYPES.includes(type)) return type as TensorDtype;
  throw new Error(`"${name}" is ${type}; Tintype knows ${DTYPES.join(', ')}.`);
}

/** Float16 comes as Float16Array where the browser has it, as Uint16Array elsewhere: always handed on as bits. */
function dataOf(value: Ort.Tensor): TensorData {
  const data = value.data as TensorData;
  if (value.type !== 'float16') return data;
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}

function portsOf(session: Ort.InferenceSession): GraphPorts {
  const ports = (all: readonly Ort.InferenceSession.ValueMetadata[]): GraphPort[] =>
    all.map((one) => {
      if (!one.isTensor) throw new Error(`"${one.name}" is no tensor.`);
      return { name: one.name, dtype: knownDtype(one.name, one.type), dims: one.shape };
    });
  return { inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) };
}

const OUT_OF_MEMORY =
  /out of memory|bad_alloc|allocation failed|failed to allocate|SafeInt|Integer overflow|memory access out of bounds/i;
const NO_RUNTIME =
  /no available backend|wasm streaming compile|WebAssembly\.(instantiate|compile)|Failed to fetch|initializ/i;
const EXTERNAL_DATA = /external[ _]data/i;

function creationError(caught: unknown): ImageToImageError {
  const cause = text(caught);
  // First: the runtime tells of refused memory as of a failed start.
  if (OUT_OF_MEMORY.test(cause)) return outOfMemory('compile', cause);
  if (EXTERNAL_DATA.test(cause)) {
    return new ImageToImageError({
      code: 'model-unavailable',
      phase: 'compile',
      message:
        'The graph names a file of weights that was not there, has another name, or is too short. Check that it lies beside the graph, or name it with the option `files` of readRepository.',
      cause,
    });
  }
  if (NO_RUNTIME.test(cause)) {
    return new ImageToImageError({
      code: 'runtime-unavailable',
      phase: 'compile',
      message:
        'The onnxruntime-web WebAssembly file could not be fetched or started. Check that it is served (application/wasm, option `wasmPaths`), ' +
        "that the page is online or has it cached, and that the worker's CSP allows 'wasm-unsafe-eval'; then call again.",
      cause,
    });
  }
  return new ImageToImageError({
    code: 'inference-failed',
    phase: 'compile',
    message: 'The runtime refused the model: its file does not suit this runtime.',
    cause,
  });
}

function runError(caught: unknown): ImageToImageError {
  const cause = text(caught);
  if (OUT_OF_MEMORY.test(cause)) return outOfMemory('run', cause);
  return new ImageToImageError({
    code: 'inference-failed',
    phase: 'run',
    message: 'The runtime failed while running the model.',
    cause,
  });
}

function outOfMemory(phase: 'compile' | 'run', cause: string): ImageToImageError {
  return new ImageToImageError({
    code: 'out-of-memory',
    phase,
    message:
      "The browser refused memory for the model. Try a smaller `tile.maxSidePx` (prompted models: a smaller target_size, residency: 'sequential' or another dtype), or close other tabs.",
    cause,
  });
}

function text(caught: unknown): string {
  return caught instanceof Error ? `${caught.name}: ${caught.message}` : String(caught);
}
