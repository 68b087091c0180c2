import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_ATTEMPTS, MAX_WAIT_MS, retryWait } from './retry-rule.js';
import type { HostedStep } from './transport.js';

const PLENTY = { remainingMs: 300_000, random: () => 0.5 };
const POST = { method: 'POST', step: 'submit' } as const;
const GET = { method: 'GET', step: 'poll' } as const;

describe('retryWait', () => {
  test('without a hint the wait is drawn from a span that doubles', () => {
    const waits = [1, 2].map((number) => retryWait(GET, { number, status: 500 }, PLENTY));
    expect(waits).toEqual([500, 1000]);
    expect(retryWait(GET, { number: 1, status: 500 }, { ...PLENTY, random: () => 0 })).toBe(0);
  });

  test('a hint is taken as it is, up to a minute; what the headers ask goes before what the body expects', () => {
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 7000, estimatedMs: 9000 }, PLENTY)).toBe(7000);
    expect(retryWait(POST, { number: 1, status: 503, estimatedMs: 9000 }, PLENTY)).toBe(9000);
    expect(retryWait(POST, { number: 1, status: 503, estimatedMs: 2_531_000 }, PLENTY)).toBe(MAX_WAIT_MS);
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 90_000 }, PLENTY)).toBe(MAX_WAIT_MS);
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 0 }, PLENTY)).toBe(0);
  });

  test('nothing is repeated too late', () => {
    const hurry = { ...PLENTY, remainingMs: 400 };
    expect(retryWait(GET, { number: 1, status: 500 }, hurry)).toBeUndefined();
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 400 }, hurry)).toBeUndefined();
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 399 }, hurry)).toBe(399);
    // A minute would fit, but what the server asks for would not.
    const slow = { ...PLENTY, remainingMs: 80_000 };
    expect(retryWait(POST, { number: 1, status: 429, askedMs: 90_000 }, slow)).toBeUndefined();
    expect(retryWait(POST, { number: 1, status: 503, estimatedMs: 90_000 }, slow)).toBe(MAX_WAIT_MS);
  });

  test('a POST is repeated only after an answer which says that nothing was done', () => {
    const repeated = (repeatOn?: readonly number[]) =>
      [undefined, ...Array.from({ length: 200 }, (_, index) => 400 + index)].filter(
        (status) => retryWait({ ...POST, repeatOn }, { number: 1, status }, PLENTY) !== undefined,
      );
    expect(repeated()).toEqual([429, 503]);
    expect(repeated([502, 504])).toEqual([429, 502, 503, 504]);
  });

  test('a cancel is never repeated, and nothing more than twice', () => {
    const steps = fc.constantFrom<HostedStep>('lookup', 'submit', 'poll', 'cancel', 'download');
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE');
    const statuses = fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined });
    fc.assert(
      fc.property(steps, methods, statuses, fc.integer({ min: 1, max: 9 }), (step, method, status, number) => {
        const waitMs = retryWait({ step, method }, { number, status }, PLENTY);
        if (step === 'cancel' || number >= MAX_ATTEMPTS) expect(waitMs).toBeUndefined();
        else if (waitMs !== undefined) expect(waitMs).toBeLessThanOrEqual(MAX_WAIT_MS);
      }),
    );
  });
});
