import type { JobEvent } from '../contract/worker-apis.js';

/** One handler for each kind of event but the last. */
export type JobEventHandlers = {
  readonly [Type in Exclude<JobEvent['type'], 'end'>]: (event: Extract<JobEvent, { type: Type }>) => void;
};

/** Hands on a job's events. @returns Resolves at their `end`, so that no tile arrives after the result. */
export function listenToJob(port: MessagePort, handlers: JobEventHandlers): Promise<void> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<JobEvent>) => {
      if (data.type === 'end') resolve();
      else (handlers[data.type] as (event: JobEvent) => void)(data);
    };
  });
}
