import type { FinishedRun } from '../mode.js';
import { isSameShape } from '../picture-viewport.js';

/** A result that was kept. */
export interface HistoryEntry {
  /** Counts up from 1; never used again. */
  readonly id: number;
  readonly run: FinishedRun;
}

/** More results than this are not kept: each holds its file in memory. */
export const MOST_ENTRIES = 12;

/** The entries with a new one in front; the oldest go when there are too many. */
export function remember(entries: readonly HistoryEntry[], run: FinishedRun, id: number): readonly HistoryEntry[] {
  return [{ id, run }, ...entries].slice(0, MOST_ENTRIES);
}

/** What another entry can be laid over: those of the same shape. A stretched picture would compare nothing. */
export function comparableWith(entries: readonly HistoryEntry[], viewed: HistoryEntry): readonly HistoryEntry[] {
  return entries.filter((entry) => entry !== viewed && isSameShape(entry.run.size, viewed.run.size));
}

/** What to look at when an entry is gone: the one before it in time, else the one after, else nothing. */
export function neighbourOf(entries: readonly HistoryEntry[], gone: HistoryEntry): HistoryEntry | undefined {
  const at = entries.indexOf(gone);
  return entries[at + 1] ?? entries[at - 1];
}
