import { describe, expect, test } from 'vitest';
import { interleave, pairedRatio, spreadOf } from './rounds.js';

describe('rounds', () => {
  test('take turns, every second round backwards', async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    const values = await interleave({ a: side('a'), b: side('b') }, 3);
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
    expect(values).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
  });

  test('the spread is the median between the quartiles, whatever the order', () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ low: 2, median: 3, high: 4 });
    expect(spreadOf([1, 2])).toEqual({ low: 1.25, median: 1.5, high: 1.75 });
    expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 });
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  test('a ratio is taken round by round, so that a slow moment of the machine does not show', () => {
    expect(pairedRatio([2, 20, 2], [1, 10, 1])).toEqual({ low: 2, median: 2, high: 2 });
    expect(() => pairedRatio([1], [1, 2])).toThrow(RangeError);
  });
});
