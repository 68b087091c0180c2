import { expect, test } from 'vitest';
import type { Stage } from '../../src/contract/manifest.js';
import { ok } from '../../src/contract/outcome.js';
import type { Warning } from '../../src/contract/report.js';
import type { Tensor } from '../../src/contract/tensor.js';
import type { DiffusionJob, EngineRunApi, JobEvent } from '../../src/contract/worker-apis.js';
import { EnginePool } from '../engine-pool.js';
import { createGraphs, type JobGraphs } from './graphs.js';
import { createRunningJob, type RunningJob } from './job-context.js';

const KEYS: Readonly<Record<Stage, string>> = {
  text_encoder: 'text',
  vae_encoder: 'encoder',
  unet: 'unet',
  vae_decoder: 'decoder',
};

const PORTS = { inputs: [], outputs: [] };

interface Bench {
  readonly graphs: JobGraphs;
  readonly events: JobEvent[];
  readonly warnings: Warning[];
  readonly pool: EnginePool;
  readonly ran: string[];
  readonly running: RunningJob;
  /** Answers a wish as the page does: on the one engine that there is. */
  opened(stage: Stage): void;
}

function rows(count: number): Record<string, Tensor> {
  return { sample: { dtype: 'float32', dims: [count, 1], data: new Float32Array(count) } };
}

function bench(run: EngineRunApi['run'] = async (_, inputs) => ok(inputs)): Bench {
  const pool = new EnginePool();
  const events: JobEvent[] = [];
  const ran: string[] = [];
  const port = { postMessage: (event: JobEvent) => events.push(event), close: () => {} } as unknown as MessagePort;
  const running = createRunningJob({} as never, pool, port);
  const warnings: Warning[] = [];
  const api: EngineRunApi = {
    run: (key, inputs) => {
      ran.push(key);
      return run(key, inputs);
    },
  };
  return {
    graphs: createGraphs({ graphs: KEYS } as DiffusionJob, running.context, { unetEngines: 1, warnings }),
    events,
    warnings,
    pool,
    ran,
    running,
    opened: (stage) => {
      const graph = { key: KEYS[stage], ports: PORTS };
      if (!pool.reopened('engine', graph)) pool.attach('engine', graph, api, () => {});
    },
  };
}

function wanted(events: readonly JobEvent[]): readonly Stage[] {
  return events.flatMap((event) => (event.type === 'graph-wanted' ? [event.stage] : []));
}

test('the page is asked for a graph when it is wanted, and again when another was in between', async () => {
  const { graphs, events, opened, ran } = bench();
  const unet = graphs.open('unet');
  expect(wanted(events)).toEqual(['unet']);
  opened('unet');
  const decoder = graphs.open('vae_decoder');
  await unet;
  opened('vae_decoder');
  await decoder;
  // The decoder is before the engine now.
  const step = (await unet).run(() => rows(3));
  await Promise.resolve();
  expect(wanted(events)).toEqual(['unet', 'vae_decoder', 'unet']);
  expect(ran).toEqual([]);
  opened('unet');
  await step;
  await (await unet).run(() => rows(2));
  expect(wanted(events)).toHaveLength(3);
  expect(ran).toEqual(['unet', 'unet']);
  expect(graphs.unetRows()).toBe(5);
});

test('an engine that fails a run is told of, and another takes the run', async () => {
  let isBroken = true;
  const error = { code: 'inference-failed', phase: 'run', message: 'It broke.' } as const;
  const { graphs, events, opened, warnings } = bench(async (_, inputs) => {
    if (!isBroken) return ok(inputs);
    isBroken = false;
    return { ok: false, error };
  });
  const opening = graphs.open('unet');
  opened('unet');
  const step = (await opening).run(() => rows(1));
  await new Promise((resolve) => setTimeout(resolve));
  expect(events).toContainEqual({ type: 'engine-failed', engineId: 'engine', error });
  expect(warnings).toEqual([{ code: 'engine-restarted', message: expect.stringContaining('It broke.') }]);
  opened('unet');
  expect(await step).toEqual(rows(1));
});

test('a cancel ends the wait for a graph, and for an engine', async () => {
  const { graphs, opened, pool, running } = bench();
  const opening = graphs.open('unet');
  opened('unet');
  const unet = await opening;
  pool.detach('engine', { code: 'worker-crashed', phase: 'run', message: 'gone' });
  const step = unet.run(() => rows(1));
  const decoder = graphs.open('vae_decoder');
  running.cancel();
  await expect(step).rejects.toMatchObject({ message: 'The job was cancelled.' });
  await expect(decoder).rejects.toMatchObject({ message: 'The job was cancelled.' });
});
