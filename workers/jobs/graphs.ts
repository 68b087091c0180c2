import type { Device, Stage } from '../../src/contract/manifest.js';
import type { Warning } from '../../src/contract/report.js';
import type { DiffusionJob } from '../../src/contract/worker-apis.js';
import type { Graph } from '../../src/core/engine.js';
import { CANCELLED, type JobContext } from './job-context.js';

/** Until one run of a network was measured, it may take this long: on WASM large ones take minutes. */
const FIRST_DEADLINE_MS: Readonly<Record<Device, number>> = { wasm: 900_000, webgpu: 180_000 };

/** The graphs of one call, opened by the page when they are wanted. */
export interface JobGraphs {
  open(stage: Stage): Promise<Graph>;
  /** Rows that went through the U-Net. */
  unetRows(): number;
  close(): void;
}

/**
 * The engine has one graph before it at a time; asking for another is news for the page, which has its file brought and opened, or
 * finds it open already. So the page knows at any time what a new engine must be given should this one die.
 */
export function createGraphs(
  job: DiffusionJob,
  context: JobContext,
  options: { readonly unetEngines: number; readonly warnings: Warning[] },
): JobGraphs {
  const enginesFor = (stage: Stage): number => (stage === 'unet' ? options.unetEngines : 1);
  let current: Stage | undefined;
  let rows = 0;
  const sessions: { close(reason: typeof CANCELLED): void }[] = [];

  async function want(stage: Stage): Promise<Graph['ports']> {
    const opened = context.pool.nextOpened(job.graphs[stage]);
    context.post({ type: 'graph-wanted', stage, engines: enginesFor(stage) });
    const ports = await Promise.race([opened, context.cancelled]);
    current = stage;
    return ports;
  }

  return {
    async open(stage) {
      const ports = await want(stage);
      const session = context.pool.session({
        key: job.graphs[stage],
        expected: enginesFor(stage),
        firstDeadlineMs: FIRST_DEADLINE_MS[job.device],
        onEngineFailed: (engineId, error) => {
          options.warnings.push({ code: 'engine-restarted', message: `An engine was replaced: ${error.message}` });
          context.post({ type: 'engine-failed', engineId, error });
        },
      });
      context.cancelled.catch(() => session.close(CANCELLED));
      sessions.push(session);
      return {
        ports,
        async run(makeInputs) {
          // Previews take turns with steps.
          if (current !== stage) await want(stage);
          const outputs = await session.run(makeInputs);
          if (stage === 'unet') rows += Object.values(outputs)[0]?.dims[0] ?? 1;
          return outputs;
        },
      };
    },
    unetRows: () => rows,
    close: () => {
      for (const session of sessions) session.close(CANCELLED);
    },
  };
}
