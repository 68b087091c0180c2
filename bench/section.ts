import type { Spread } from './rounds.js';

/** Cells under their columns, and what they mean. */
export interface Table {
  /** How it was measured, and what the columns mean. One paragraph each. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a scenario found out: a table, and the numbers behind it. */
export interface Section extends Table {
  /** Its scenario's. */
  readonly letter: string;
  readonly title: string;
  /** Under the first, where one question has answers with other columns. */
  readonly more?: readonly Table[];
  /** For `results.json`; may hold milliseconds and bytes. */
  readonly measures: unknown;
  /** For the picture of where the time goes. */
  readonly bars?: readonly Bar[];
}

/** One call's time, by phase. */
export interface Bar {
  readonly label: string;
  /** Milliseconds; phases of a report. */
  readonly timingsMs: Readonly<Partial<Record<string, number>>>;
}

/** `1.05 (1.03 to 1.08)`: median and quartiles. */
export function ratioText({ low, median, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** Whether a ratio stays at or below its target, and by how much. */
export function verdict(target: number, ratio: number): string {
  const distance = Math.abs(ratio - target).toFixed(2);
  return `target ${target.toFixed(2)}: ${ratio <= target ? `met by ${distance}` : `missed by ${distance}`}`;
}
