import { expect, test } from 'vitest';
import { progressInWords } from './progress-words.js';

const step = { done: 0, total: 1, unit: 'steps' } as const;

test('each wait for a service is said', () => {
  expect(progressInWords({ phase: 'upload', done: 0, total: 34_000, unit: 'bytes' })).toBe(
    'Sending 34 kB to the service',
  );
  expect(progressInWords({ phase: 'queued', position: 2, ...step }, true)).toBe(
    "In the service's queue, 2 before this one",
  );
  expect(progressInWords({ phase: 'queued', position: 0, ...step }, true)).toBe("Next in the service's queue");
  expect(progressInWords({ phase: 'queued', ...step }, true)).toBe("In the service's queue");
  expect(progressInWords({ phase: 'loading-model', remainingMs: 20_000, ...step }, true)).toBe(
    'The service is loading the model, about 20 s left',
  );
  expect(progressInWords({ phase: 'retrying', remainingMs: 900, attempt: 2, reason: 'rate-limited', ...step })).toBe(
    'The service is busy: asking again in 900 ms (attempt 2)',
  );
  expect(progressInWords({ phase: 'running', ...step })).toBe('The service is at work');
});

test('the same phases mean something else before the picture was sent', () => {
  expect(progressInWords({ phase: 'queued', ...step })).toBe('Waiting for the run before this one to stop');
  const download = { phase: 'download', done: 1_000, total: 2_000, unit: 'bytes' } as const;
  expect(progressInWords(download)).toBe('Fetching the model: 1 kB of 2 kB');
  expect(progressInWords(download, true)).toBe('Fetching 1 kB of 2 kB');
  expect(progressInWords({ ...download, total: 0 }, true)).toBe('Fetching 1 kB');
});
