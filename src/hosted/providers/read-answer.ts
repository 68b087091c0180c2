import { parseJson } from '../remote-error-text.js';

/** What an answer holds as JSON; undefined if it is none. */
export function readJson(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder().decode(bytes));
}

/** The value at a path; undefined where any part of it is missing. */
export function valueAt(json: unknown, ...path: readonly (string | number)[]): unknown {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}

/** The text at a path; undefined where there is none, or an empty one. */
export function textAt(json: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = valueAt(json, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
