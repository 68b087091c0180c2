import type { Estimate } from 'tintype';
import { expect, it } from 'vitest';
import { hurdleOf } from './hurdle.js';

const quick: Estimate = {
  tiles: 1,
  engines: 1,
  peakBytes: 1e6,
  downloadBytes: 0,
  seconds: 1,
  basis: 'assumed',
  output: { width: 100, height: 100 },
};

it('lets what is quick begin by itself', () => {
  expect(hurdleOf(quick, false)).toBeUndefined();
});

it('says what makes a run long or large', () => {
  expect(hurdleOf({ ...quick, seconds: 60 }, false)).toContain('about 1 min of work');
  expect(hurdleOf({ ...quick, peakBytes: 2e9 }, false)).toContain('2,000 MB of memory');
  expect(hurdleOf({ ...quick, output: { width: 9000, height: 9000 } }, false)).toContain('81 megapixels');
});

it('says nothing of a time that nobody knows', () => {
  const { seconds: _, ...unknown } = quick;
  expect(hurdleOf(unknown, false)).toBeUndefined();
  expect(hurdleOf({ ...unknown, peakBytes: 2e9 }, false)).toBe(
    'This would give 0.0 megapixels, with 2,000 MB of memory.',
  );
});

it('distrusts an assumed time on emulated graphics, but not a measured one', () => {
  expect(hurdleOf(quick, true)).toContain('emulated');
  expect(hurdleOf({ ...quick, basis: 'measured' }, true)).toBeUndefined();
});
