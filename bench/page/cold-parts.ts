import { ask } from './ask.js';
import { modelFile } from './model-file.js';

/** What must happen before a first result, whatever the library. Milliseconds. */
export interface ColdParts {
  /** Starting the worker: its script fetched and evaluated. */
  readonly workerMs: number;
  /** Fetching the model's file. */
  readonly modelMs: number;
  /** Runtime fetched and compiled, session created. */
  readonly openMs: number;
  /** One run. */
  readonly runMs: number;
}

/** One raw session in one plain worker, from nothing. */
export async function measureColdParts(model: string, dtype: string, side: number): Promise<ColdParts> {
  const started = performance.now();
  const engine = new Worker(new URL('./raw-engine.worker.ts', import.meta.url), { type: 'module' });
  const tile = { dims: [1, side, side, 4], data: new Uint8Array(side * side * 4).map((_, at) => (at * 7) % 251) };
  await ask(engine, { ask: 'keep', tiles: [tile] });
  const workerStarted = performance.now();
  const { bytes, input } = await modelFile(model, dtype);
  const modelMs = performance.now() - workerStarted;
  const openMs = await ask<number>(engine, { ask: 'open', model: bytes, input });
  const runMs = await ask<number>(engine, { ask: 'run', tile: 0 });
  engine.terminate();
  return { workerMs: workerStarted - started, modelMs, openMs, runMs };
}
