import { type ErrorRecord, ImageToImageError } from '../../src/contract/errors.js';
import type { ProgressEvent } from '../../src/contract/progress.js';
import type { JobEvent } from '../../src/contract/worker-apis.js';
import type { Codec } from '../codec.js';
import type { EnginePool } from '../engine-pool.js';

/** What a job that is no longer wanted ends with; nobody sees it, for its caller has been told already. */
export const CANCELLED: ErrorRecord = { code: 'worker-crashed', phase: 'run', message: 'The job was cancelled.' };

/** What a running job works with. */
export interface JobContext {
  readonly codec: Codec;
  readonly pool: EnginePool;
  post(event: JobEvent, transfer?: Transferable[]): void;
  progress(event: ProgressEvent): void;
  readonly isCancelled: boolean;
  /** Rejects when the job is cancelled; never resolves. */
  readonly cancelled: Promise<never>;
  throwIfCancelled(): void;
}

/** A job's context and the two ends of its life. */
export interface RunningJob {
  readonly context: JobContext;
  /** Resolves when nothing of the job runs or waits any more. */
  readonly ended: Promise<void>;
  cancel(): void;
  end(): void;
}

/** Starts the life of a job that tells its events on `port`. */
export function createRunningJob(codec: Codec, pool: EnginePool, port: MessagePort): RunningJob {
  let isCancelled = false;
  let reject: (reason: Error) => void = () => {};
  const cancelled = new Promise<never>((_, rejectCancelled) => {
    reject = rejectCancelled;
  });
  cancelled.catch(() => {});
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const post = (event: JobEvent, transfer: Transferable[] = []): void => port.postMessage(event, transfer);
  return {
    context: {
      codec,
      pool,
      post,
      progress: (progress) => post({ type: 'progress', progress }),
      get isCancelled() {
        return isCancelled;
      },
      cancelled,
      throwIfCancelled: () => {
        if (isCancelled) throw new ImageToImageError(CANCELLED);
      },
    },
    ended,
    cancel: () => {
      isCancelled = true;
      reject(new ImageToImageError(CANCELLED));
    },
    end: () => {
      post({ type: 'end' });
      port.close();
      end();
    },
  };
}
