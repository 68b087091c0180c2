import { describe, expect, test } from 'vitest';
import { readRetryAfter } from './retry-after.js';

const NOW_MS = Date.UTC(2026, 10, 21, 12);

const read = (headers: Record<string, string>): number | undefined => readRetryAfter(new Headers(headers), NOW_MS);

describe('readRetryAfter', () => {
  test.each([
    ['7', 7000],
    ['0', 0],
    ['1.5', 1500],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['-5', undefined],
    ['soon', undefined],
    ['Sat, never', undefined],
    ['1e9', undefined],
    ['', undefined],
  ])('Retry-After: %s is %s ms', (text, expected) => {
    expect(read({ 'retry-after': text })).toBe(expected);
  });

  test.each([
    ['"x";r=0;t=2', 2000],
    ['"api";t=3; r=0', 3000],
    ['"a";r=0;t=2, "b";r=0;t=9, "c";r=5;t=99', 9000],
    ['"x";r=10;t=2', undefined],
    ['"x";r=0', undefined],
    ['limit=100, remaining=0', undefined],
  ])('RateLimit: %s is %s ms', (text, expected) => {
    expect(read({ ratelimit: text })).toBe(expected);
  });

  test('Retry-After goes before RateLimit, unless it makes no sense', () => {
    expect(read({ 'retry-after': '1', ratelimit: '"x";r=0;t=2' })).toBe(1000);
    expect(read({ 'retry-after': 'soon', ratelimit: '"x";r=0;t=2' })).toBe(2000);
    expect(read({})).toBeUndefined();
  });
});
