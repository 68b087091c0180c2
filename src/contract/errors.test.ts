import { describe, expect, test } from 'vitest';
import { ERROR_CODES, ImageToImageError, isImageToImageError, toErrorRecord } from './errors.js';
import { DECISION_REASONS, DEVICE_REASONS, WARNING_CODES } from './report.js';

const record = {
  code: 'out-of-memory',
  phase: 'run',
  message: 'full',
  details: { tilePx: 64 },
  cause: 'RangeError: x',
} as const;

describe('ImageToImageError', () => {
  test('crosses a thread as data and comes back the same', () => {
    const error = new ImageToImageError(structuredClone(new ImageToImageError(record).toJSON()));
    expect(error.toJSON()).toEqual(record);
    expect(error).toMatchObject({
      name: 'ImageToImageError',
      message: 'full',
      retryable: false,
      cause: 'RangeError: x',
    });
  });

  test('is known by its mark, also across copies of the package, and by code', () => {
    const error = new ImageToImageError(record);
    expect(isImageToImageError(error)).toBe(true);
    expect(isImageToImageError(error, 'out-of-memory')).toBe(true);
    expect(isImageToImageError(error, 'device-lost')).toBe(false);
    expect(isImageToImageError(new Error('full'))).toBe(false);
    expect(isImageToImageError(undefined)).toBe(false);
    const ofAnotherCopy = Object.defineProperty(new Error('x'), Symbol.for('tintype.ImageToImageError'), {
      value: true,
    });
    expect(isImageToImageError(ofAnotherCopy)).toBe(true);
  });

  test('toErrorRecord keeps our codes and names what others threw', () => {
    const fallback = { code: 'inference-failed', phase: 'run', message: 'failed' } as const;
    expect(toErrorRecord(new ImageToImageError(record), fallback)).toEqual(record);
    expect(toErrorRecord(new TypeError('odd'), fallback)).toEqual({ ...fallback, cause: 'TypeError: odd' });
    expect(toErrorRecord(5_242_880, fallback)).toEqual({ ...fallback, cause: '5242880' });
  });
});

test('docs/errors.md prints the tables (write it anew with `npx vitest run src/contract -u`)', async () => {
  const yes = (value: boolean): string => (value ? 'yes' : 'no');
  const errors = Object.entries(ERROR_CODES).map(
    ([code, { when, retryable, fallback }]) => `| \`${code}\` | ${when} | ${yes(retryable)} | ${yes(fallback)} |`,
  );
  const warnings = Object.entries(WARNING_CODES).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`);
  const reasons = Object.entries(DEVICE_REASONS).map(([reason, sentence]) => `| \`${reason}\` | ${sentence} |`);
  const sides = Object.entries(DECISION_REASONS).map(([reason, sentence]) => `| \`${reason}\` | ${sentence} |`);
  const page = [
    '# Errors and warnings',
    '',
    'Calls reject with an `ImageToImageError` that holds a `code`, a `phase`, a `message` (what happened, then what to do) and plain `details`; never a token, a prompt or a pixel.',
    "An abort rejects with the signal's own reason. Misuse of the API rejects with `TypeError` or `RangeError` before any work begins.",
    '',
    '| code | when | the same call may succeed later | a hosted fallback may answer |',
    '| --- | --- | --- | --- |',
    ...errors,
    '',
    'The report (`onReport`) lists what was ignored or adjusted:',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...warnings,
    '',
    'It also says why the call ran on its device (`deviceReason`):',
    '',
    '| reason | meaning |',
    '| --- | --- |',
    ...reasons,
    '',
    'and where it began (`reason`):',
    '',
    '| reason | meaning |',
    '| --- | --- |',
    ...sides,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/errors.md');
});
