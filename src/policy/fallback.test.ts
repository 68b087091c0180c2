import { expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode, ImageToImageError } from '../contract/errors.js';
import { mayFallBackToHosted, mayFallBackToPage } from './fallback.js';

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];

function failure(code: ErrorCode): ImageToImageError {
  return new ImageToImageError({ code, phase: 'run', message: code });
}

test('what failed in the page may go to the hosted side only where the table says so', () => {
  expect(CODES.filter((code) => mayFallBackToHosted(failure(code), true))).toEqual([
    'image-too-large',
    'unsupported-parameter',
    'environment-unsupported',
    'runtime-unavailable',
    'model-unavailable',
    'integrity-mismatch',
    'out-of-memory',
    'device-lost',
    'inference-failed',
    'worker-crashed',
    'deadline-exceeded',
  ]);
});

test('never offline, never after an abort or misuse', () => {
  for (const code of CODES) expect(mayFallBackToHosted(failure(code), false)).toBe(false);
  const others = [new DOMException('stop', 'AbortError'), new TypeError('misuse'), new RangeError('misuse'), 'reason'];
  for (const other of others) expect(mayFallBackToHosted(other, true)).toBe(false);
});

test('remote-first comes back to the page when no hosted model is known, nobody agreed or the hosted side failed', () => {
  expect(CODES.filter((code) => mayFallBackToPage(failure(code)))).toEqual([
    'remote-refused',
    'consent-required',
    'remote-failed',
  ]);
  const late = { code: 'deadline-exceeded', message: 'late' } as const;
  expect(mayFallBackToPage(new ImageToImageError({ ...late, phase: 'hosted' }))).toBe(true);
  expect(mayFallBackToPage(new DOMException('stop', 'AbortError'))).toBe(false);
});
