import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/contract/tensor.js';
import type { EngineRunApi } from '../../src/contract/worker-apis.js';
import type { OrtSession } from '../ort-engine.js';
import { createEngineApi } from './engine-api.js';

interface Bench {
  readonly api: ReturnType<typeof createEngineApi>;
  readonly runApi: () => EngineRunApi;
  readonly send: (key: string, bytes: ArrayBuffer) => void;
  readonly log: string[];
}

const input: Record<string, Tensor> = { image: { dtype: 'uint8', dims: [1], data: new Uint8Array([5]) } };

const NO_PORTS = { inputs: [], outputs: [] };

/** An engine whose runtime adds the model's first byte, with its loader at the other end of a channel. */
async function bench(openModel?: () => Promise<OrtSession>, start?: () => Promise<void>): Promise<Bench> {
  const log: string[] = [];
  let runApi: EngineRunApi | undefined;
  let overlapping = 0;
  const alone = async <T>(what: string, work: () => T): Promise<T> => {
    if (overlapping++ > 0) log.push('OVERLAP');
    log.push(what);
    await new Promise((resolve) => setTimeout(resolve, 2));
    overlapping--;
    return work();
  };
  const adding = async ({ bytes }: { readonly bytes: ArrayBuffer }): Promise<OrtSession> => {
    const addend = new Uint8Array(bytes)[0] ?? 0;
    return alone(`open ${addend}`, () => ({
      ports: NO_PORTS,
      run: (inputs) =>
        alone('run', () => {
          const value = Number(inputs.image?.data[0] ?? 0) + addend;
          return { result: { dtype: 'uint8', dims: [1], data: new Uint8Array([value]) } as Tensor };
        }),
      release: () => alone(`release ${addend}`, () => undefined),
    }));
  };
  const api = createEngineApi({
    build: 'wasm',
    configure: () => log.push('configure'),
    start: start ?? (async () => {}),
    open: openModel ?? adding,
    expose: (exposed) => {
      runApi = exposed;
    },
    transfer: (value) => value,
  });
  const { port1, port2 } = new MessageChannel();
  await api.attachLoader(port1 as unknown as Parameters<typeof api.attachLoader>[0]);
  const { port1: pipeline } = new MessageChannel();
  await api.attachPipeline(pipeline as unknown as Parameters<typeof api.attachPipeline>[0]);
  return {
    api,
    log,
    runApi: () => runApi as EngineRunApi,
    send: (key, bytes) => port2.postMessage({ key, bytes, externalData: [] }, [bytes]),
  };
}

describe('the engine worker', () => {
  test('waits for the loader, opens, runs', async () => {
    const { api, send, runApi } = await bench();
    const opened = api.open('a', false);
    send('a', new Uint8Array([3]).buffer);
    expect(await opened).toMatchObject({ ok: true });
    expect(await runApi().run('a', input)).toMatchObject({
      ok: true,
      value: { result: { data: new Uint8Array([8]) } },
    });
  });

  test('never lets two operations overlap, whatever is asked at once', async () => {
    const { api, send, runApi, log } = await bench();
    send('a', new Uint8Array([1]).buffer);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([api.open('a', false), runApi().run('a', input), runApi().run('a', input), api.open('a', false)]);
    send('b', new Uint8Array([2]).buffer);
    await Promise.all([api.open('b', false), runApi().run('b', input)]);
    expect(log).not.toContain('OVERLAP');
    expect(log).toEqual(['open 1', 'run', 'run', 'release 1', 'open 2', 'run']);
  });

  test('keeps other graphs open when asked to, and releases them when not', async () => {
    const { api, send, runApi, log } = await bench();
    send('a', new Uint8Array([1]).buffer);
    send('b', new Uint8Array([2]).buffer);
    await api.open('a', true);
    expect(await api.open('b', true)).toMatchObject({ ok: true, value: { ports: NO_PORTS } });
    expect(await runApi().run('a', input)).toMatchObject({ ok: true });
    expect(await runApi().run('b', input)).toMatchObject({ ok: true });
    await api.open('a', true);
    await api.open('a', false);
    expect(await runApi().run('b', input)).toMatchObject({ ok: false });
    expect(log).toEqual(['open 1', 'open 2', 'run', 'run', 'release 2']);
  });

  test('the runtime starts before the model is there, and a model waits for it', async () => {
    const order: string[] = [];
    const { api, send } = await bench(
      async () => {
        order.push('open');
        return { ports: NO_PORTS, run: async () => ({}), release: async () => {} };
      },
      async () => {
        order.push('start');
        await new Promise((resolve) => setTimeout(resolve, 10));
        order.push('started');
      },
    );
    expect(await api.configure({})).toEqual({ ok: true, value: { build: 'wasm' } });
    send('a', new ArrayBuffer(1));
    await api.open('a', false);
    expect(order).toEqual(['start', 'started', 'open']);
  });

  test('a runtime that cannot start is told of when a model is opened', async () => {
    const failing = async (): Promise<never> => {
      throw new Error('no runtime');
    };
    const { api, send } = await bench(failing, failing);
    expect(await api.configure({})).toMatchObject({ ok: true });
    send('a', new ArrayBuffer(1));
    expect(await api.open('a', false)).toMatchObject({ ok: false, error: { cause: 'Error: no runtime' } });
  });

  test('probing warms up once and times the second run', async () => {
    const { api, send, log } = await bench();
    send('a', new Uint8Array([3]).buffer);
    await api.open('a', false);
    const probe = await api.probe('a', input);
    expect(probe).toMatchObject({ ok: true, value: { outputs: { result: { data: new Uint8Array([8]) } } } });
    expect(log).toEqual(['open 3', 'run', 'run']);
    expect(await api.probe('b', input)).toMatchObject({ ok: false });
  });

  test('a failed run does not spoil the next', async () => {
    let calls = 0;
    const { api, send, runApi } = await bench(async () => ({
      ports: NO_PORTS,
      run: async () => {
        if (calls++ === 0) throw new Error('bad tile');
        return {};
      },
      release: async () => {},
    }));
    send('a', new ArrayBuffer(1));
    await api.open('a', false);
    expect(await runApi().run('a', input)).toMatchObject({
      ok: false,
      error: { code: 'inference-failed', phase: 'run' },
    });
    expect(await runApi().run('a', input)).toMatchObject({ ok: true });
  });

  test('refuses to run a model that is not the open one', async () => {
    const { api, send, runApi } = await bench();
    send('a', new Uint8Array([1]).buffer);
    await api.open('a', false);
    expect(await runApi().run('b', input)).toMatchObject({ ok: false });
  });

  test('a model that cannot be opened is an outcome, not a rejection', async () => {
    const { api, send } = await bench(async () => {
      throw new Error('no');
    });
    send('a', new ArrayBuffer(1));
    expect(await api.open('a', false)).toMatchObject({ ok: false, error: { phase: 'compile', cause: 'Error: no' } });
  });
});
