import { expect, it } from 'vitest';
import { spreadOf } from './spread.js';

it('finds the middle and the outermost', () => {
  expect(spreadOf([30, 10, 20])).toEqual({ low: 10, median: 20, high: 30 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ low: 1, median: 2.5, high: 4 });
  expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 });
  expect(() => spreadOf([])).toThrow(RangeError);
});
