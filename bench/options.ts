import { parseArgs } from 'node:util';
import { PICTURE_SIZES } from './pictures.js';

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  /** Letters of scenarios; empty for all. */
  readonly only: readonly string[];
  readonly pictures: readonly number[];
  readonly rounds: number;
  readonly isQuick: boolean;
  /** A tarball to time instead of the working tree. */
  readonly tarball: string | undefined;
  /** Engines and threads per side. */
  readonly engines: number | undefined;
}

/** @throws TypeError or RangeError that names a wrong option. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      pictures: { type: 'string' },
      rounds: { type: 'string' },
      engines: { type: 'string' },
      package: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { quick: isQuick } = values;
  const pictures = list(values.pictures ?? (isQuick ? '0.1' : '0.3,1,12')).map(Number);
  const unknown = pictures.find((megapixels) => PICTURE_SIZES[megapixels] === undefined);
  if (unknown !== undefined) throw new RangeError(`--pictures: choose from ${Object.keys(PICTURE_SIZES).join(', ')}.`);
  return {
    only: list(values.only ?? ''),
    pictures,
    rounds: count('rounds', values.rounds) ?? (isQuick ? 1 : 5),
    isQuick,
    tarball: values.package,
    engines: count('engines', values.engines),
  };
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name}: a whole number from 1.`);
  return value;
}
