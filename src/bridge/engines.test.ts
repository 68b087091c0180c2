import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineBuild } from '../contract/engine-build.js';
import { type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import { failed, type Outcome, ok } from '../contract/outcome.js';
import type { EngineApi, LoaderApi, PipelineApi } from '../contract/worker-apis.js';
import { type EngineDemand, Engines } from './engines.js';
import type { WorkerHost } from './worker-host.js';

// Deadlines are minutes long. Everything else, the ports included, keeps its own time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** Answers as a WorkerHost does, from an object in the place of a worker. */
class FakeHost<Api> {
  endedWith: ErrorRecord | undefined;
  readonly #api: Partial<Api>;
  readonly #onDeath: (error: ErrorRecord) => void;
  readonly #pending = new Set<(error: ImageToImageError) => void>();

  constructor(api: Partial<Api>, onDeath: (error: ErrorRecord) => void = () => {}) {
    this.#api = api;
    this.#onDeath = onDeath;
  }

  get dead(): boolean {
    return this.endedWith !== undefined;
  }

  call<T>(invoke: (api: Api) => Promise<Outcome<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.endedWith) {
        reject(new ImageToImageError(this.endedWith));
        return;
      }
      this.#pending.add(reject);
      invoke(this.#api as Api).then(
        (outcome) => (outcome.ok ? resolve(outcome.value) : reject(new ImageToImageError(outcome.error))),
        reject,
      );
    });
  }

  end(error: ErrorRecord): void {
    if (this.endedWith) return;
    this.endedWith = error;
    for (const reject of this.#pending) reject(new ImageToImageError(error));
    this.#onDeath(error);
  }
}

type FakeEngine = FakeHost<EngineApi> & { readonly build: EngineBuild };

/** A method that never answers, and the news that it was called. */
function freeze(): { readonly method: () => Promise<never>; readonly called: Promise<void> } {
  let tell = (): void => {};
  const called = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const method = (): Promise<never> => {
    tell();
    return new Promise(() => {});
  };
  return { method, called };
}

/** Engines whose workers all do what they are asked, but for what `onGpu` says of the first on WebGPU. */
function setUp(onGpu: Partial<EngineApi> = {}): {
  readonly engines: Engines;
  readonly made: FakeEngine[];
  /** Files delivered and graphs opened, in order. */
  readonly log: string[];
} {
  const made: FakeEngine[] = [];
  const log: string[] = [];
  const done = async (): Promise<Outcome<void>> => ok(undefined);
  const makeEngine = (build: EngineBuild, onDeath: (error: ErrorRecord) => void): FakeEngine => {
    const isFirstOnGpu = build !== 'wasm' && made.every((engine) => engine.build === 'wasm');
    const api: Partial<EngineApi> = {
      configure: async () => ok({ build }),
      attachLoader: done,
      attachPipeline: done,
      open: async (key) => {
        log.push(`open ${key}`);
        return ok({ compileMs: 0, ports: { inputs: [], outputs: [] } });
      },
      probe: async () => ok({ runMs: 1, outputs: {} }),
      ...(isFirstOnGpu ? onGpu : {}),
    };
    const engine = Object.assign(new FakeHost(api, onDeath), { build });
    made.push(engine);
    return engine;
  };
  const loader = new FakeHost<LoaderApi>({
    addEngine: done,
    removeEngine: done,
    deliver: async (_callId, { key }) => {
      log.push(`deliver ${key}`);
      return ok({ source: 'memory', downloadedBytes: 0, stored: true });
    },
  });
  const pipeline = new FakeHost<PipelineApi>({
    attachEngine: done,
    detachEngine: done,
    reopenEngine: async () => ok(true),
  });
  const engines = new Engines({
    makeEngine: (build, onDeath) => makeEngine(build, onDeath) as unknown as WorkerHost<EngineApi>,
    loader: () => loader as unknown as WorkerHost<LoaderApi>,
    pipeline: () => pipeline as unknown as WorkerHost<PipelineApi>,
  });
  return { engines, made, log };
}

/** A call on WebGPU that may go on with this many engines on WASM. */
function demandWith(spareWasmEngines: number): EngineDemand {
  return {
    callId: 'call-0',
    asset: { key: 'aa', url: 'https://models.example/a.onnx', sizeBytes: 1, sha256: 'aa' },
    device: 'webgpu',
    keepsGraphs: false,
    spareWasmEngines,
    onProgress: () => {},
    onDelivery: () => {},
    onDeviceChanged: vi.fn(),
    onExhausted: vi.fn(),
  };
}

/** Lets time pass up to the one deadline there is, and says how long that took. */
async function passDeadline(): Promise<number> {
  expect(vi.getTimerCount()).toBe(1);
  const before = Date.now();
  await vi.advanceTimersToNextTimerAsync();
  return Date.now() - before;
}

function buildsAlive(made: readonly FakeEngine[]): string[] {
  return made.filter((engine) => !engine.dead).map(({ build }) => (build === 'wasm' ? 'wasm' : 'webgpu'));
}

const FROZEN = { code: 'deadline-exceeded', phase: 'compile' };
const REFUSED: ErrorRecord = { code: 'inference-failed', phase: 'compile', message: 'The runtime refused the model.' };
const ENDED: ErrorRecord = { code: 'worker-crashed', phase: 'run', message: 'The worker was ended with its call.' };

test('a GPU engine that freezes while it opens a model is ended, and the call that asked for WebGPU with it', async () => {
  const { method, called } = freeze();
  const { engines, made } = setUp({ open: method });
  const demand = demandWith(0);
  const begun = engines.begin(demand).catch((caught: unknown) => caught);
  await called;
  expect(buildsAlive(made)).toEqual(['webgpu']);
  const deadlineMs = await passDeadline();
  expect(await begun).toMatchObject({ ...FROZEN, details: { deadlineMs } });
  expect(made[0]?.endedWith).toMatchObject(FROZEN);
  // The next one would freeze too, and WASM was not wanted.
  expect(made).toHaveLength(1);
  expect(demand.onDeviceChanged).not.toHaveBeenCalled();
});

test('a call that may go on with WASM does so when its GPU engine freezes while it opens a model', async () => {
  const { method, called } = freeze();
  const { engines, made } = setUp({ open: method });
  const demand = demandWith(3);
  const begun = engines.begin(demand);
  await called;
  await passDeadline();
  await begun;
  expect(made[0]?.endedWith).toMatchObject(FROZEN);
  expect(demand.onDeviceChanged).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(FROZEN));
  expect(demand.onExhausted).not.toHaveBeenCalled();
  expect(buildsAlive(made)).toEqual(['wasm', 'wasm', 'wasm']);
  await vi.waitUntil(() => engines.warm('wasm') === 3);
});

test('a model that WebGPU cannot open: WASM where that may be, else what WebGPU said', async () => {
  const open = async (): Promise<ReturnType<typeof failed>> => failed(REFUSED);
  const free = setUp({ open });
  const demand = demandWith(1);
  await free.engines.begin(demand);
  expect(demand.onDeviceChanged).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: REFUSED.code }));
  expect(buildsAlive(free.made)).toEqual(['wasm']);
  expect(free.engines.warm('wasm')).toBe(1);

  const bound = setUp({ open });
  await expect(bound.engines.begin(demandWith(0))).rejects.toMatchObject({ code: REFUSED.code });
  expect(buildsAlive(bound.made)).toEqual([]);
});

test.for(['open', 'probe'] as const)('a GPU engine that freezes in `%s` while it is timed is ended', async (name) => {
  const { method, called } = freeze();
  const { engines, made } = setUp({ [name]: method });
  const probed = engines.probe(demandWith(0), {}).catch((caught: unknown) => caught);
  await called;
  const deadlineMs = await passDeadline();
  expect(await probed).toMatchObject({ code: 'deadline-exceeded', details: { deadlineMs } });
  expect(buildsAlive(made)).toEqual([]);
});

test('an aborted measurement costs the engine that is timed, not the one that was; the next call has a new one', async () => {
  const { method, called } = freeze();
  const { engines, made } = setUp({ probe: method });
  await engines.probe({ ...demandWith(0), device: 'wasm' }, {});
  const probed = engines.probe(demandWith(0), {}).catch((caught: unknown) => caught);
  await called;
  engines.finish();
  engines.endOpening(ENDED);
  expect(await probed).toMatchObject({ code: ENDED.code });
  expect(buildsAlive(made)).toEqual(['wasm']);
  // Nothing is left that could end an engine later.
  expect(vi.getTimerCount()).toBe(0);
  await engines.begin(demandWith(0));
  expect(buildsAlive(made)).toEqual(['webgpu']);
  expect(engines.warm('webgpu')).toBe(1);
});

test('a call that moves on to another graph while an engine is being joined gets each file for its own graph', async () => {
  const { engines, made, log } = setUp();
  const demand = { ...demandWith(0), device: 'wasm', keepsGraphs: true } as const;
  const begun = engines.begin(demand);
  const opened = engines.open(demand.callId, { ...demand.asset, key: 'bb' });
  await Promise.all([begun, opened]);
  expect(log.filter((what) => what.endsWith('aa'))).toEqual(['deliver aa', 'open aa']);
  expect(log.filter((what) => what.endsWith('bb'))).toEqual(['deliver bb', 'open bb']);
  expect(buildsAlive(made)).toEqual(['wasm']);
});

test('graphs that stay open are not delivered again, and an engine that dies with them is replaced by one with the latest', async () => {
  const { engines, made, log } = setUp();
  const demand = { ...demandWith(0), device: 'wasm', keepsGraphs: true } as const;
  const other = { ...demand.asset, key: 'bb' };
  await engines.begin(demand);
  await engines.open(demand.callId, other);
  await engines.open(demand.callId, demand.asset);
  await engines.open(demand.callId, other);
  expect(log.filter((what) => what.startsWith('deliver'))).toEqual(['deliver aa', 'deliver bb']);
  made[0]?.end({ code: 'worker-crashed', phase: 'run', message: 'gone' });
  await vi.waitFor(() => expect(log.slice(-2)).toEqual(['deliver bb', 'open bb']));
  expect(buildsAlive(made)).toEqual(['wasm']);
});
