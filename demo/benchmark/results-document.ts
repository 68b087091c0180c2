import type { GraphicsAdapter } from '../graphics-adapter.js';
import { type Measurement, TIMED_CALLS } from './plan.js';
import type { RowState } from './session.js';

/** A row and what came of it. */
export interface ResultRow {
  readonly measurement: Measurement;
  readonly state: RowState;
}

/** What the numbers were taken on. */
export interface Surroundings {
  readonly adapter: GraphicsAdapter;
  readonly cores: number;
  readonly isQuick: boolean;
  /** When the run began. */
  readonly date: Date;
}

/** All that is known, as JSON for people and scripts. Every time is in milliseconds, every picture size in pixels of input. */
export function resultsDocument(rows: readonly ResultRow[], { adapter, cores, isQuick, date }: Surroundings): string {
  const device = {
    userAgent: navigator.userAgent,
    cores,
    isCrossOriginIsolated: crossOriginIsolated,
    graphicsAdapter: { state: adapter.state, ...adapter.info },
  };
  const head = { format: 'tintype-benchmark', formatVersion: 1, date: date.toISOString(), isQuick, device };
  return JSON.stringify({ ...head, timedCallsPerRow: TIMED_CALLS, rows: rows.map(rowAsData) }, null, 2);
}

function rowAsData({ measurement: { model, picture, place }, state }: ResultRow): object {
  const { device, isSoftware, maxEngines } = place;
  const asked = { model: model.id, picture, device, isSoftwareAdapter: isSoftware, maxEngines };
  if (state.state === 'failed') return { ...asked, state: 'failed', code: state.code, problem: state.problem };
  return state.state === 'done' ? { ...asked, state: 'done', ...state.measured } : { ...asked, state: state.state };
}
