import * as Comlink from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import { ok } from '../contract/outcome.js';
import { PROTOCOL_VERSION, type WorkerApi } from '../contract/worker-apis.js';
import { WorkerHost } from './worker-host.js';

interface TestApi extends WorkerApi {
  double(value: number): Promise<{ ok: true; value: number }>;
  never(): Promise<{ ok: true; value: undefined }>;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A worker's page side over a MessageChannel; what a real one cannot be told to do (fall silent, fail) is done by hand. */
class ChannelWorker extends EventTarget {
  terminated = false;
  readonly #port: MessagePort;

  constructor(api: Partial<TestApi> = {}) {
    super();
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    this.#port = port1;
    port1.addEventListener('message', (event) => this.dispatchEvent(new MessageEvent('message', { data: event.data })));
    port1.start();
    const hello: TestApi['hello'] = async () => ok({ protocolVersion: PROTOCOL_VERSION, holdsLock: false });
    const double: TestApi['double'] = async (value) => ({ ok: true, value: value * 2 });
    Comlink.expose({ hello, double, never: () => new Promise(() => {}), ...api }, port2 as unknown as Comlink.Endpoint);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer as unknown as Parameters<MessagePort['postMessage']>[1]);
  }

  terminate(): void {
    this.terminated = true;
  }
}

function host(worker: ChannelWorker): { host: WorkerHost<TestApi>; deaths: string[] } {
  const deaths: string[] = [];
  return {
    host: new WorkerHost<TestApi>(
      'test',
      () => worker as unknown as Worker,
      (error) => deaths.push(error.code),
    ),
    deaths,
  };
}

describe('WorkerHost', () => {
  test('calls through', async () => {
    expect(await host(new ChannelWorker()).host.call((api) => api.double(21))).toBe(42);
  });

  test('an error outcome is thrown as ImageToImageError with its code', async () => {
    const failing = new ChannelWorker({
      double: (async () => ({ ok: false, error: { code: 'out-of-memory', phase: 'run', message: 'full' } })) as never,
    });
    await expect(host(failing).host.call((api) => api.double(1))).rejects.toMatchObject({
      name: 'ImageToImageError',
      code: 'out-of-memory',
      phase: 'run',
    });
  });

  test('an error event rejects all calls in flight and ends the worker', async () => {
    const worker = new ChannelWorker();
    const { host: hosted, deaths } = host(worker);
    const calls = [hosted.call((api) => api.never()), hosted.call((api) => api.never())];
    await hosted.ready;
    worker.dispatchEvent(Object.assign(new Event('error'), { message: 'boom' }));
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(worker.terminated).toBe(true);
    expect(deaths).toEqual(['worker-crashed']);
  });

  test('an unreadable message counts as death', async () => {
    const worker = new ChannelWorker();
    const call = host(worker).host.call((api) => api.never());
    worker.dispatchEvent(new Event('messageerror'));
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  test('ending it rejects what is in flight with the reason given, and later calls too', async () => {
    const { host: hosted, deaths } = host(new ChannelWorker());
    const call = hosted.call((api) => api.never());
    await hosted.ready;
    const reason = { code: 'deadline-exceeded', phase: 'run', message: 'too slow' } as const;
    hosted.end(reason);
    hosted.end(reason);
    await expect(call).rejects.toMatchObject({ code: 'deadline-exceeded' });
    await expect(hosted.call((api) => api.double(1))).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(deaths).toEqual(['deadline-exceeded']);
  });

  test('a worker that never starts fails its calls when its error event comes', async () => {
    const worker = new ChannelWorker({ hello: () => new Promise(() => {}) });
    const call = host(worker).host.call((api) => api.double(1));
    worker.dispatchEvent(new Event('error'));
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  test('a worker of another protocol version is refused', async () => {
    const other = new ChannelWorker({
      hello: async () => ok({ protocolVersion: PROTOCOL_VERSION + 1, holdsLock: false }),
    });
    await expect(host(other).host.call((api) => api.double(1))).rejects.toThrow('two versions are mixed');
  });

  test('a browser that refuses to make the worker is worker-crashed', () => {
    const refuse = (): Worker => {
      throw new DOMException('cross origin', 'SecurityError');
    };
    expect(() => new WorkerHost<TestApi>('test', refuse, () => {})).toThrow(/SecurityError/);
  });
});
