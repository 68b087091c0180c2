import { describe, expect, it } from 'vitest';
import type { FinishedRun } from '../mode.js';
import { comparableWith, type HistoryEntry, MOST_ENTRIES, neighbourOf, remember } from './history.js';

/** Only what the history looks at. */
function run(width: number, height: number): FinishedRun {
  return { size: { width, height } } as FinishedRun;
}

function filled(count: number): readonly HistoryEntry[] {
  let entries: readonly HistoryEntry[] = [];
  for (let id = 1; id <= count; id++) entries = remember(entries, run(300, 200), id);
  return entries;
}

describe('the history', () => {
  it('keeps the newest, in front', () => {
    const ids = filled(MOST_ENTRIES + 3).map(({ id }) => id);
    expect(ids).toHaveLength(MOST_ENTRIES);
    expect(ids[0]).toBe(MOST_ENTRIES + 3);
    expect(ids.at(-1)).toBe(4);
  });

  it('compares results of one shape, whatever their size', () => {
    const other = remember(remember(filled(1), run(600, 400), 2), run(300, 300), 3);
    const [square, double, first] = other;
    if (!square || !double || !first) throw new Error('Three entries were remembered.');
    expect(comparableWith(other, first)).toEqual([double]);
    expect(comparableWith(other, square)).toEqual([]);
  });

  it('goes on with the neighbour of what is removed', () => {
    const entries = filled(3);
    const [newest, middle, oldest] = entries;
    if (!newest || !middle || !oldest) throw new Error('Three entries were remembered.');
    expect(neighbourOf(entries, newest)).toBe(middle);
    expect(neighbourOf(entries, oldest)).toBe(middle);
    expect(neighbourOf([newest], newest)).toBeUndefined();
  });
});
