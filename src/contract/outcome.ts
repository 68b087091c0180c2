import type { ErrorRecord } from './errors.js';

/**
 * What crosses a thread instead of a thrown error: comlink drops error classes and codes, so failure is data.
 */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorRecord };

/** Wraps a value as success. */
export function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** Wraps an error record as failure. */
export function failed(error: ErrorRecord): Outcome<never> {
  return { ok: false, error };
}
