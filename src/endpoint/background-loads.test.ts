import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Availability, CallOptions } from '../options.js';
import { BackgroundLoads, type LoadingClient } from './background-loads.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A client with one model, whose loads end when they are told to. */
class FakeLoader implements LoadingClient {
  state: Availability = 'downloadable';
  readonly loads: { tell: NonNullable<CallOptions['onProgress']>; end(): void; fail(caught: unknown): void }[] = [];

  readonly availability = async (): Promise<Availability> => this.state;
  readonly load = (_: unknown, { onProgress }: CallOptions = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      this.loads.push({ tell: onProgress ?? (() => {}), end: resolve, fail: reject });
    });
}

test('the first question begins a load and is answered at once; more of them begin no other', async () => {
  const loader = new FakeLoader();
  const loads = new BackgroundLoads(loader);
  const first = [loads.secondsLeft('m'), loads.secondsLeft('m')];
  expect(await Promise.all(first)).toEqual([20, 20]);
  expect(loader.loads).toHaveLength(1);
});

test('later questions are held until the load ends, or for a while, and tell what is left', async () => {
  const loader = new FakeLoader();
  const loads = new BackgroundLoads(loader);
  await loads.secondsLeft('m');
  loader.loads[0]?.tell({ phase: 'download', done: 1, total: 9, unit: 'bytes', remainingMs: 7200 });
  loader.loads[0]?.tell({ phase: 'compile', done: 0, total: 1, unit: 'steps' });
  let isAnswered = false;
  const held = loads.secondsLeft('m').finally(() => {
    isAnswered = true;
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await held).toBe(8);
  const last = loads.secondsLeft('m');
  loader.loads[0]?.end();
  expect(await last).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test('a model that was loaded is there, also where the browser stores nothing', async () => {
  const loader = new FakeLoader();
  const loads = new BackgroundLoads(loader);
  await loads.secondsLeft('m');
  loader.loads[0]?.end();
  await loads.secondsLeft('m');
  expect(loader.state).toBe('downloadable');
  expect(await loads.secondsLeft('m')).toBeUndefined();
  expect(loader.loads).toHaveLength(1);
});

test('a failure is told once, then the model is loaded anew', async () => {
  const loader = new FakeLoader();
  const loads = new BackgroundLoads(loader);
  await loads.secondsLeft('m');
  const failure = new Error('no network');
  loader.loads[0]?.fail(failure);
  await expect(loads.secondsLeft('m')).rejects.toBe(failure);
  expect(await loads.secondsLeft('m')).toBe(20);
  expect(loader.loads).toHaveLength(2);
});

test.each(['available', 'unavailable'] as const)('a model that is %s is not loaded: the call tells', async (state) => {
  const loader = new FakeLoader();
  loader.state = state;
  expect(await new BackgroundLoads(loader).secondsLeft('m')).toBeUndefined();
  expect(loader.loads).toHaveLength(0);
});

test('nor is one that the client does not know', async () => {
  const loader = new FakeLoader();
  const availability = (): Promise<Availability> => Promise.reject(new Error('no such model'));
  expect(await new BackgroundLoads({ availability, load: loader.load }).secondsLeft('m')).toBeUndefined();
  expect(loader.loads).toHaveLength(0);
});
