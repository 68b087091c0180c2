import { randomUUID } from 'node:crypto';
import type { Picture } from './picture.js';

/** How a job stands; each provider has its own words for these. */
export type JobPhase = 'queued' | 'running' | 'completed' | 'failed' | 'canceled';

/** How a job stands, in detail. */
export interface JobState {
  readonly phase: JobPhase;
  /** Sent instead of the provider's own word, such as one that its documentation does not know. */
  readonly status?: string;
  /** Jobs before this one. fal-ai only, phase `queued`. @default 0 */
  readonly position?: number;
  /** Lines of the model's log. fal-ai sends them only if asked with `logs=1`. */
  readonly logs?: readonly string[];
  /** Why it failed. @default a sentence */
  readonly error?: string;
}

/** One submission and its result. */
export interface Job {
  readonly id: string;
  /** The provider's model id, as submitted. */
  readonly model: string;
  readonly picture: Picture;
  readonly state: JobState;
  /** To the next state, if there is one. */
  advance(): void;
  /** @returns false if the job has already ended. */
  cancel(): boolean;
}

/** Jobs by id. */
export class JobStore {
  readonly #jobs = new Map<string, Job>();

  /** @param states At least one, or the job is completed at once. */
  create(model: string, picture: Picture, states: readonly (JobPhase | JobState)[]): Job {
    const left = states.map((state) => (typeof state === 'string' ? { phase: state } : state));
    let state: JobState = left.shift() ?? { phase: 'completed' };
    const job: Job = {
      id: randomUUID().replaceAll('-', ''),
      model,
      picture,
      get state() {
        return state;
      },
      advance: () => {
        state = left.shift() ?? state;
      },
      cancel: () => {
        if (state.phase !== 'queued' && state.phase !== 'running') return false;
        left.length = 0;
        state = { phase: 'canceled' };
        return true;
      },
    };
    this.#jobs.set(job.id, job);
    return job;
  }

  /** @param id Of any provider. */
  find(id: string | undefined): Job | undefined {
    return id === undefined ? undefined : this.#jobs.get(id);
  }

  clear(): void {
    this.#jobs.clear();
  }
}
