import type { EngineBuild } from '../../src/contract/engine-build.js';
import { toErrorRecord } from '../../src/contract/errors.js';
import { failed, type Outcome, ok } from '../../src/contract/outcome.js';
import type { Tensor } from '../../src/contract/tensor.js';
import type {
  EngineApi,
  EngineRunApi,
  EngineSettings,
  ModelMessage,
  OpenedGraph,
} from '../../src/contract/worker-apis.js';
import type { OrtSession } from '../ort-engine.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** What an engine is built from; tests put a runtime of ten lines here. */
export interface EngineParts {
  readonly build: EngineBuild;
  configure(options: EngineSettings): void;
  /** Fetches and compiles the runtime, so that it need not wait for the model. A failure shows again in `open`. */
  start(): Promise<void>;
  open(model: Omit<ModelMessage, 'key'>): Promise<OrtSession>;
  /** Makes `api` answer on `port`. */
  expose(api: EngineRunApi, port: MessagePort): void;
  /** Marks the outputs of a run as handed over rather than copied. */
  transfer<T extends object>(value: T, buffers: ArrayBuffer[]): T;
}

/**
 * The engine worker without its worker: holds open graphs, does one thing at a time in call order (create, run and
 * release must never overlap in onnxruntime-web), and nothing in it is worth saving when it dies.
 */
export function createEngineApi(parts: EngineParts): Omit<EngineApi, 'hello'> {
  const waiting = new Map<string, (model: ModelMessage) => void>();
  const arrived = new Map<string, ModelMessage>();
  const open = new Map<string, OrtSession>();
  const inTurn = createTurns();

  function receive(message: ModelMessage): void {
    const resolve = waiting.get(message.key);
    if (!resolve) {
      arrived.set(message.key, message);
      return;
    }
    waiting.delete(message.key);
    resolve(message);
  }

  function take(key: string): Promise<ModelMessage> {
    const message = arrived.get(key);
    arrived.delete(key);
    if (message) return Promise.resolve(message);
    return new Promise((resolve) => waiting.set(key, resolve));
  }

  async function openGraph(key: string, keepOthers: boolean): Promise<OpenedGraph> {
    const known = open.get(key);
    if (!keepOthers) {
      for (const [other, session] of open) {
        if (other === key) continue;
        open.delete(other);
        await session.release();
      }
    }
    if (known) {
      arrived.delete(key);
      return { compileMs: 0, ports: known.ports };
    }
    const message = await take(key);
    const started = performance.now();
    const session = await parts.open(message);
    open.set(key, session);
    return { compileMs: performance.now() - started, ports: session.ports };
  }

  async function run(key: string, inputs: Tensors): Promise<Tensors> {
    const session = open.get(key);
    if (!session) throw new Error('The graph asked for is not open.');
    return session.run(inputs);
  }

  const runApi: EngineRunApi = {
    run: (key, inputs) =>
      inTurn(async () => {
        const outputs = await run(key, inputs);
        return parts.transfer(ok(outputs), buffersOf(outputs));
      }, 'run'),
  };

  return {
    configure: async (options) => {
      parts.configure(options);
      void inTurn(async () => ok(await parts.start()), 'compile');
      return ok({ build: parts.build });
    },
    attachLoader: async (port) => {
      port.onmessage = (event: MessageEvent<ModelMessage>) => receive(event.data);
      return ok(undefined);
    },
    attachPipeline: async (port) => {
      parts.expose(runApi, port);
      return ok(undefined);
    },
    open: (key, keepOthers) => inTurn(async () => ok(await openGraph(key, keepOthers)), 'compile'),
    probe: (key, inputs) =>
      inTurn(async () => {
        // The first run warms up: memory grows, shaders are compiled.
        await run(key, inputs);
        const started = performance.now();
        const outputs = await run(key, inputs);
        return parts.transfer(ok({ runMs: performance.now() - started, outputs }), buffersOf(outputs));
      }, 'run'),
  };
}

function buffersOf(tensors: Tensors): ArrayBuffer[] {
  return Object.values(tensors).map((tensor) => tensor.data.buffer);
}

/** A queue of one: each piece of work starts when the one before has settled; a failed one does not spoil the next. */
function createTurns(): <T>(work: () => Promise<Outcome<T>>, phase: 'run' | 'compile') => Promise<Outcome<T>> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work, phase) => {
    const turn = tail
      .then(work)
      .catch((caught: unknown) =>
        failed(toErrorRecord(caught, { code: 'inference-failed', phase, message: 'The engine failed.' })),
      );
    tail = turn;
    return turn;
  };
}
