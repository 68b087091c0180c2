import { toErrorRecord } from '../../src/contract/errors.js';
import { failed, type Outcome, ok } from '../../src/contract/outcome.js';
import type { EngineRunApi, FeedForwardJob, Job, JobResult, PipelineApi } from '../../src/contract/worker-apis.js';
import type { Codec } from '../codec.js';
import { EnginePool } from '../engine-pool.js';
import { type PromptMemory, runDiffusionJob } from '../jobs/diffusion-job.js';
import { runFeedForwardJob } from '../jobs/feed-forward-job.js';
import { createRunningJob, type JobContext, type RunningJob } from '../jobs/job-context.js';
import { createPromptTokenizer } from '../prompt-tokenizer.js';

/** What the pipeline worker is built from. */
export interface PipelineParts {
  readonly codec: Codec;
  /** Makes an engine's port callable. */
  connect(port: MessagePort): EngineRunApi;
}

/** The pipeline worker without its worker. */
export function createPipelineApi(parts: PipelineParts): Omit<PipelineApi, 'hello'> {
  const pool = new EnginePool();
  const jobs = new Map<string, RunningJob>();
  const prompts = new Map<string, PromptMemory>();

  function run(job: Job, context: JobContext): Promise<JobResult> {
    if (isFeedForward(job)) return runFeedForwardJob(job, context);
    const memory = prompts.get(job.manifest.id);
    if (!memory) throw new Error('The tokenizer of the model was not provided.');
    return runDiffusionJob(job, context, memory);
  }

  return {
    attachEngine: async (engineId, graph, port) => {
      pool.attach(engineId, graph, parts.connect(port), () => port.close());
      return ok(undefined);
    },
    reopenEngine: async (engineId, graph) => ok(pool.reopened(engineId, graph)),
    detachEngine: async (engineId, error) => {
      pool.detach(engineId, error);
      return ok(undefined);
    },
    runningEngines: async () => ok(pool.running),
    inspect: (picture, maxInputPixels) => settle(() => parts.codec.inspect(picture, maxInputPixels)),
    hasTokenizer: async (modelId) => ok(prompts.has(modelId)),
    provideTokenizer: (modelId, files, maxTokens) =>
      settle(async () => {
        prompts.set(modelId, { tokenizer: createPromptTokenizer(files, maxTokens), embeddings: new Map() });
      }),
    run: (job, events) => {
      const running = createRunningJob(parts.codec, pool, events);
      jobs.set(job.id, running);
      const outcome = settle(() => run(job, running.context));
      return outcome.finally(() => {
        jobs.delete(job.id);
        running.end();
      });
    },
    cancel: async (jobId) => {
      const job = jobs.get(jobId);
      job?.cancel();
      await job?.ended;
      return ok(undefined);
    },
  };
}

function isFeedForward(job: Job): job is FeedForwardJob {
  return job.manifest.pipeline === 'feed-forward';
}

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return ok(await work());
  } catch (caught) {
    return failed(
      toErrorRecord(caught, { code: 'inference-failed', phase: 'run', message: 'The picture could not be worked on.' }),
    );
  }
}
