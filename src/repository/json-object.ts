import { unusable } from './refusal.js';

/** What a configuration file holds. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Texts, and the numbers that Python writes though JSON has none of them. */
const TEXT_OR_NOT_FINITE = /("(?:[^"\\]|\\.)*")|-?\bInfinity\b|\bNaN\b/g;

/**
 * Reads a configuration as Python wrote it: `NaN` and `Infinity` (DPM-Solver's `lambda_min_clipped`) become null.
 * @param path Names the file in the error.
 * @throws ImageToImageError `model-unavailable` if the text is not a JSON object.
 */
export function parseJsonObject(text: string, path: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(TEXT_OR_NOT_FINITE, (_, quoted?: string) => quoted ?? 'null'));
  } catch {
    throw unusable(
      `${path} is not JSON. Fetch the repository's file again, or pass what it should say in \`configs\`.`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw unusable(`${path} holds no JSON object. Fetch the repository's file again.`);
}

/** One configuration of a repository, read field by field; a field of the wrong kind is an error that names it. */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  constructor(object: JsonObject, path: string) {
    this.#object = object;
    this.#path = path;
  }

  /** A finite number; undefined where the field is missing or null. */
  number(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw this.wrong(name, 'a number');
  }

  /** A whole number of at least 1; undefined where the field is missing or null. */
  count(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || isCount(value)) return value;
    throw this.wrong(name, 'a whole number of at least 1');
  }

  /** The same, or the larger of a list of them (`[height, width]`). */
  countOrLargest(name: string): number | undefined {
    const value = this.#value(name);
    return Array.isArray(value) ? Math.max(...this.counts(name)) : this.count(name);
  }

  /** Whole numbers of at least 1, one at least. */
  counts(name: string): readonly number[] {
    const value = this.#value(name);
    if (Array.isArray(value) && value.length > 0 && value.every(isCount)) return value;
    throw this.wrong(name, 'a list of whole numbers');
  }

  /** A text; undefined where the field is missing or null. */
  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(name, 'a text');
  }

  /** Whether the field says more than nothing, `null` or `false`. */
  isSet(name: string): boolean {
    const value = this.#value(name);
    return value !== undefined && value !== false;
  }

  /** @param kind What the field should be: "a number". */
  wrong(name: string, kind: string): Error {
    return unusable(
      `${name} in ${this.#path} must be ${kind}; got ${JSON.stringify(this.#object[name]) ?? 'nothing'}. ` +
        'Correct the file, or pass the right value in `configs`.',
      { file: this.#path, field: name },
    );
  }

  #value(name: string): unknown {
    return this.#object[name] ?? undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
