import { expect, test, vi } from 'vitest';
import type { ProgressEvent } from './contract/progress.js';
import { forwardOnly, quietly } from './progress.js';

test('phases and counts never go back', () => {
  const heard: string[] = [];
  const tell = forwardOnly((event) => heard.push(`${event.phase} ${event.done}`));
  const events: Array<[ProgressEvent['phase'], number]> = [
    ['download', 10],
    ['download', 5],
    ['compile', 0],
    ['decode', 0],
    ['tiles', 0],
    ['compile', 0],
    ['tiles', 1],
    ['tiles', 1],
    ['encode', 0],
  ];
  for (const [phase, done] of events) tell({ phase, done, total: 10, unit: 'steps' });
  expect(heard).toEqual(['download 10', 'compile 0', 'tiles 0', 'tiles 1', 'encode 0']);
});

test('what a listener throws goes to the page, not to the call', () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  quietly(() => {
    throw new Error('in the listener');
  })?.(1);
  expect(reported).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
  expect(quietly(undefined)).toBeUndefined();
});
