import { describe, expect, test, vi } from 'vitest';
import type { ErrorRecord } from '../src/contract/errors.js';
import { failed, ok } from '../src/contract/outcome.js';
import type { Tensor } from '../src/contract/tensor.js';
import type { AttachedGraph, EngineRunApi } from '../src/contract/worker-apis.js';
import { EnginePool } from './engine-pool.js';

const LOST: ErrorRecord = { code: 'worker-crashed', phase: 'run', message: 'gone' };
const KEY = 'model-a';

function tensor(value: number): Record<string, Tensor> {
  return { image: { dtype: 'uint8', dims: [1], data: new Uint8Array([value]) } };
}

/** An engine that adds one, and notes what it was asked. */
function addingEngine(): EngineRunApi & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    run: async (_key, inputs) => {
      const value = Number(inputs.image?.data[0] ?? 0);
      asked.push(value);
      return ok(tensor(value + 1));
    },
  };
}

/** An engine that never answers, as a dead one. */
function silentEngine(): EngineRunApi & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    run: (_key, inputs) => {
      asked.push(Number(inputs.image?.data[0] ?? 0));
      return new Promise(() => {});
    },
  };
}

/** An engine has this graph open. */
function graph(key: string): AttachedGraph {
  return { key, ports: { inputs: [], outputs: [] } };
}

const noListener = { onEngineFailed: () => {} };
const noClose = (): void => {};

describe('EnginePool', () => {
  test('runs wait for the first engine and are then spread over all', async () => {
    const pool = new EnginePool();
    const session = pool.session({ key: KEY, expected: 2, ...noListener });
    const results = Promise.all([1, 2, 3, 4].map((value) => session.run(() => tensor(value))));
    const [first, second] = [addingEngine(), addingEngine()];
    pool.attach('a', graph(KEY), first, noClose);
    pool.attach('b', graph(KEY), second, noClose);
    expect((await results).map((outputs) => outputs.image?.data[0])).toEqual([2, 3, 4, 5]);
    expect(first.asked.length).toBeGreaterThan(0);
    expect(second.asked.length).toBeGreaterThan(0);
  });

  test('a dead engine costs one run, which goes to another', async () => {
    const pool = new EnginePool();
    const session = pool.session({ key: KEY, expected: 2, ...noListener });
    const dead = silentEngine();
    pool.attach('dead', graph(KEY), dead, noClose);
    const results = [1, 2, 3].map((value) => session.run(() => tensor(value)));
    await vi.waitFor(() => expect(dead.asked).toEqual([1]));
    const alive = addingEngine();
    pool.attach('alive', graph(KEY), alive, noClose);
    pool.detach('dead', LOST);
    expect((await Promise.all(results)).map((outputs) => outputs.image?.data[0])).toEqual([2, 3, 4]);
    expect([...alive.asked].sort()).toEqual([1, 2, 3]);
  });

  test('inputs that cannot be made fail their run, not the engine', async () => {
    const pool = new EnginePool();
    const reported: string[] = [];
    const session = pool.session({ key: KEY, expected: 1, onEngineFailed: (id) => reported.push(id) });
    const refused = session.run(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    const next = session.run(() => tensor(7));
    pool.attach('good', graph(KEY), addingEngine(), noClose);
    await expect(refused).rejects.toThrow('allocation failed');
    expect((await next).image?.data[0]).toBe(8);
    expect(reported).toEqual([]);
  });

  test('an engine that fails a run is given up and reported', async () => {
    const pool = new EnginePool();
    const reported: string[] = [];
    const session = pool.session({ key: KEY, expected: 1, onEngineFailed: (id) => reported.push(id) });
    const close = vi.fn();
    pool.attach('bad', graph(KEY), { run: async () => failed(LOST) }, close);
    const result = session.run(() => tensor(7));
    await vi.waitFor(() => expect(reported).toEqual(['bad']));
    expect(close).toHaveBeenCalledOnce();
    pool.attach('good', graph(KEY), addingEngine(), noClose);
    expect((await result).image?.data[0]).toBe(8);
  });

  test('a run that ends three engines is rejected with the error', async () => {
    const pool = new EnginePool();
    const session = pool.session({ key: KEY, expected: 1, ...noListener });
    const result = session.run(() => tensor(1));
    for (const id of ['a', 'b', 'c']) pool.attach(id, graph(KEY), { run: async () => failed(LOST) }, noClose);
    await expect(result).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  test('an engine that never answers is taken for hung after its deadline', async () => {
    vi.useFakeTimers();
    try {
      const pool = new EnginePool();
      const reported: ErrorRecord[] = [];
      const session = pool.session({ key: KEY, expected: 1, onEngineFailed: (_id, error) => reported.push(error) });
      pool.attach('hung', graph(KEY), silentEngine(), noClose);
      const result = session.run(() => tensor(1));
      await vi.advanceTimersByTimeAsync(200_000);
      expect(reported.map((error) => error.code)).toEqual(['deadline-exceeded']);
      pool.attach('good', graph(KEY), addingEngine(), noClose);
      expect((await result).image?.data[0]).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('closing the session rejects what waits, also what comes back later from a dead engine', async () => {
    const pool = new EnginePool();
    const session = pool.session({ key: KEY, expected: 1, ...noListener });
    pool.attach('dead', graph(KEY), silentEngine(), noClose);
    const running = session.run(() => tensor(1));
    const queued = session.run(() => tensor(2));
    session.close({ ...LOST, message: 'cancelled' });
    await expect(queued).rejects.toThrow('cancelled');
    pool.detach('dead', LOST);
    await expect(running).rejects.toThrow('cancelled');
  });

  test('a run that fails after its job was closed is still told, so that the engine does not pass for a warm one', async () => {
    const pool = new EnginePool();
    const reported: string[] = [];
    const session = pool.session({ key: KEY, expected: 1, onEngineFailed: (id) => reported.push(id) });
    let fail: () => void = () => {};
    const run: EngineRunApi['run'] = () =>
      new Promise((resolve) => {
        fail = () => resolve(failed(LOST));
      });
    pool.attach('engine', graph(KEY), { run }, noClose);
    const running = session.run(() => tensor(1));
    expect(pool.running).toEqual(['engine']);
    session.close({ ...LOST, message: 'cancelled' });
    fail();
    await expect(running).rejects.toThrow('cancelled');
    expect(reported).toEqual(['engine']);
    expect(pool.reopened('engine', graph(KEY))).toBe(false);
    expect(pool.running).toEqual([]);
  });

  test('only engines with the right model are used', async () => {
    const pool = new EnginePool();
    const session = pool.session({ key: KEY, expected: 1, ...noListener });
    const other = addingEngine();
    pool.attach('other', graph('model-b'), other, noClose);
    const result = session.run(() => tensor(1));
    await Promise.resolve();
    expect(other.asked).toEqual([]);
    expect(pool.reopened('other', graph(KEY))).toBe(true);
    expect((await result).image?.data[0]).toBe(2);
    expect(pool.reopened('unknown', graph(KEY))).toBe(false);
  });
});
