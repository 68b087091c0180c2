import type { DeviceControl } from './device-choice.js';
import { type Problem, problemInWords } from './problem-words.js';
import type { ProblemAction, StatusLine } from './status-line.js';

/**
 * Shows anything that was caught.
 * @param retry What failed, once more; offered only if that may help.
 * @param name Of the picture's file.
 */
export type ProblemTeller = (caught: unknown, retry?: () => void, name?: string) => void;

export function createProblemTeller(status: StatusLine, devices: DeviceControl): ProblemTeller {
  return (caught, retry, name) => {
    const problem = problemInWords(caught, name);
    status.showProblem(problem, retry && remedyFor(problem, retry, devices));
  };
}

function remedyFor(
  { retryable, isOfDevice }: Problem,
  retry: () => void,
  devices: DeviceControl,
): ProblemAction | undefined {
  if (isOfDevice) {
    return {
      label: 'Use Automatic',
      run() {
        devices.choose('auto');
        retry();
      },
    };
  }
  return retryable ? { label: 'Try again', run: retry } : undefined;
}
