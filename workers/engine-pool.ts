import { type ErrorRecord, ImageToImageError } from '../src/contract/errors.js';
import type { Outcome } from '../src/contract/outcome.js';
import type { GraphPorts } from '../src/contract/tensor.js';
import type { AttachedGraph, EngineRunApi } from '../src/contract/worker-apis.js';
import type { EngineSession, Tensors } from '../src/core/engine.js';

interface Engine {
  readonly id: string;
  graph: AttachedGraph;
  readonly api: EngineRunApi;
  close(): void;
  running: Run | undefined;
  /** Of its last runs of each graph for this job: engines of one job may be on different devices. */
  readonly recentMs: Map<string, readonly number[]>;
  /** Ends the wait for the running tile's deadline. */
  stopClock: () => void;
}

interface Run {
  /** Why the job that wants this run is over, once it is. */
  readonly job: { readonly options: SessionOptions; closed?: ErrorRecord };
  readonly makeInputs: () => Tensors;
  attempts: number;
  resolve(outputs: Tensors): void;
  reject(error: unknown): void;
}

/** What a session is for. */
export interface SessionOptions extends PoolListener {
  /** Key of its graph. */
  readonly key: string;
  /** Engines that the job will have once all are attached. */
  readonly expected: number;
  /** Until a run was measured, one may take this long; the first includes warming up. @default two minutes */
  readonly firstDeadlineMs?: number;
}

/** What the pool tells while it works. */
export interface PoolListener {
  /** An engine died, failed or hung with a run of this job; the page should end it and may send another. */
  onEngineFailed(engineId: string, error: ErrorRecord): void;
}

/** A tile that ended this many engines is not tried on another. */
const MAX_ATTEMPTS = 3;
const FIRST_DEADLINE_MS = 120_000;
/** Afterwards a run may take this many times the median, at least {@link MIN_DEADLINE_MS}. */
const DEADLINE_FACTOR = 20;
const MIN_DEADLINE_MS = 10_000;

/**
 * Spreads runs over whatever engines are attached just now. An engine that dies, hangs or fails costs the one run that it
 * had: the run goes to another engine, with its inputs made anew.
 */
export class EnginePool {
  readonly #engines = new Map<string, Engine>();
  readonly #queue: Run[] = [];
  readonly #waiting = new Map<string, ((ports: GraphPorts) => void)[]>();
  #expected = 1;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  attach(id: string, graph: AttachedGraph, api: EngineRunApi, close: () => void): void {
    this.#engines.set(id, { id, graph, api, close, running: undefined, recentMs: new Map(), stopClock: () => {} });
    this.#opened(graph);
  }

  /** Tells that an engine that is attached already has opened another graph. */
  reopened(id: string, graph: AttachedGraph): boolean {
    const engine = this.#engines.get(id);
    if (!engine) return false;
    engine.graph = graph;
    this.#opened(graph);
    return true;
  }

  /** Resolves the next time that an engine tells of this graph. Nothing else settles it: race it. */
  nextOpened(key: string): Promise<GraphPorts> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, [...waiting, resolve]);
    });
  }

  #opened({ key, ports }: AttachedGraph): void {
    for (const resolve of this.#waiting.get(key) ?? []) resolve(ports);
    this.#waiting.delete(key);
    this.#dispatch();
  }

  /** The engine is gone. Its run, if any, is queued again in front, or fails when it has ended too many engines. */
  detach(id: string, error: ErrorRecord): void {
    const engine = this.#engines.get(id);
    if (!engine) return;
    this.#engines.delete(id);
    engine.close();
    engine.stopClock();
    const { running } = engine;
    engine.running = undefined;
    if (!running) return;
    running.job.options.onEngineFailed(id, error);
    this.#retry(running, error);
  }

  /** A session for one job. */
  session(options: SessionOptions): EngineSession & { close(reason: ErrorRecord): void } {
    this.#expected = options.expected;
    for (const engine of this.#engines.values()) engine.recentMs.delete(options.key);
    const pool = this;
    const job: Run['job'] = { options };
    return {
      get parallelism() {
        return Math.max(1, pool.#expected, pool.#attached(options.key));
      },
      run: (makeInputs) =>
        new Promise((resolve, reject) => {
          this.#queue.push({ job, makeInputs, attempts: 0, resolve, reject });
          this.#dispatch();
        }),
      close: (reason) => {
        job.closed = reason;
        const own = this.#queue.filter((run) => run.job === job);
        for (const run of own) {
          this.#queue.splice(this.#queue.indexOf(run), 1);
          run.reject(new ImageToImageError(reason));
        }
      },
    };
  }

  /** Ids of the engines that have a run in them just now. */
  get running(): readonly string[] {
    return [...this.#engines.values()].filter((engine) => engine.running).map((engine) => engine.id);
  }

  /** Median milliseconds of the last runs of a graph on the engines that are there; undefined before the first. */
  medianMs(key: string): number | undefined {
    return medianOf([...this.#engines.values()].flatMap(({ recentMs }) => recentMs.get(key) ?? []));
  }

  /** More than were expected, where a call on WebGPU had to go on with a pool of WASM engines. */
  #attached(key: string): number {
    return [...this.#engines.values()].filter(({ graph }) => graph.key === key).length;
  }

  #dispatch(): void {
    for (const engine of this.#engines.values()) {
      if (engine.running) continue;
      const at = this.#queue.findIndex((run) => run.job.options.key === engine.graph.key);
      if (at < 0) continue;
      const [run] = this.#queue.splice(at, 1);
      if (run) void this.#start(engine, run);
    }
  }

  async #start(engine: Engine, run: Run): Promise<void> {
    let inputs: Tensors;
    try {
      inputs = run.makeInputs();
    } catch (caught) {
      // For want of memory, mostly; the engine has no part in it.
      run.reject(caught);
      this.#dispatch();
      return;
    }
    engine.running = run;
    const started = this.#now();
    const outcome = await this.#withDeadline(engine, run, engine.api.run(run.job.options.key, inputs));
    // Detached meanwhile: the run was given to another engine, and a late answer must not count twice.
    if (engine.running !== run) return;
    engine.running = undefined;
    if (outcome.ok) {
      const { key } = run.job.options;
      engine.recentMs.set(key, [...(engine.recentMs.get(key) ?? []).slice(-31), this.#now() - started]);
      this.#dispatch();
      run.resolve(outcome.value);
      return;
    }
    // After any failed run an engine is not trusted again: ended, not reset.
    this.#engines.delete(engine.id);
    engine.close();
    run.job.options.onEngineFailed(engine.id, outcome.error);
    this.#retry(run, outcome.error);
  }

  #retry(run: Run, error: ErrorRecord): void {
    run.attempts++;
    if (run.job.closed) run.reject(new ImageToImageError(run.job.closed));
    else if (run.attempts >= MAX_ATTEMPTS) run.reject(new ImageToImageError(error));
    else this.#queue.unshift(run);
    this.#dispatch();
  }

  #withDeadline(engine: Engine, run: Run, answer: Promise<Outcome<Tensors>>): Promise<Outcome<Tensors>> {
    const median = medianOf(engine.recentMs.get(run.job.options.key) ?? []);
    const { firstDeadlineMs = FIRST_DEADLINE_MS } = run.job.options;
    const deadlineMs = median === undefined ? firstDeadlineMs : Math.max(MIN_DEADLINE_MS, DEADLINE_FACTOR * median);
    return new Promise((resolve) => {
      const late: ErrorRecord = {
        code: 'deadline-exceeded',
        phase: 'run',
        message: `A tile took over ${Math.round(deadlineMs / 1000)} s, far longer than the others. Its engine was ended. Call again, or try a smaller tile.maxSidePx (a smaller target_size with prompted models).`,
        details: { deadlineMs },
      };
      const timer = setTimeout(() => resolve({ ok: false, error: late }), deadlineMs);
      engine.stopClock = () => clearTimeout(timer);
      const done = (outcome: Outcome<Tensors>): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      answer.then(done, (caught: unknown) =>
        done({
          ok: false,
          error: {
            code: 'worker-crashed',
            phase: 'run',
            message: 'An engine could not be reached.',
            cause: String(caught),
          },
        }),
      );
    });
  }
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
