import { describe, expect, it } from 'vitest';
import { type GateResult, readTestReport, sumUp } from './test-summary.js';

const gate = (rest: Partial<GateResult>): GateResult => ({ name: 'gate', exitCode: 0, seconds: 1, ...rest });

describe('readTestReport', () => {
  it('reads vitest', () => {
    expect(readTestReport('{"numPassedTests":7,"numFailedTests":2}')).toEqual({ passed: 7, failed: 2 });
  });

  it('reads Playwright, where a test that passed at the second try is a failure', () => {
    const report = '{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":0}}';
    expect(readTestReport(report)).toEqual({ passed: 5, failed: 2 });
  });

  it('refuses anything else', () => {
    expect(() => readTestReport('{}')).toThrow(/neither/);
  });
});

describe('sumUp', () => {
  it('adds tests over all runners and ends with the plain line', () => {
    const { lines, isGreen } = sumUp([
      gate({ name: 'lint' }),
      gate({ name: 'unit', tests: { passed: 3, failed: 0 } }),
      gate({ name: 'browser', tests: { passed: 4, failed: 0 } }),
    ]);
    expect(isGreen).toBe(true);
    expect(lines).toEqual(['ok  lint (1 s)', 'ok  unit (1 s)', 'ok  browser (1 s)', '7 passed, 0 failed']);
  });

  it('counts a red gate without failed tests as one failure', () => {
    const results = [gate({ exitCode: 2 }), gate({ exitCode: 1, tests: { passed: 3, failed: 0 } })];
    expect(sumUp(results)).toMatchObject({ isGreen: false });
    expect(sumUp(results).lines.at(-1)).toBe('3 passed, 2 failed');
  });

  it('is red when a test failed although the runner ended well', () => {
    expect(sumUp([gate({ tests: { passed: 3, failed: 1 } })]).isGreen).toBe(false);
  });

  it('is red when a gate for tests ran none, whatever the others did', () => {
    const unit = { name: 'test:unit', exitCode: 0, seconds: 1, tests: { passed: 5, failed: 0 } };
    const browser = { name: 'test:browser', exitCode: 0, seconds: 1, tests: { passed: 0, failed: 0 } };
    expect(sumUp([unit, browser])).toMatchObject({ isGreen: false });
    expect(sumUp([unit, browser]).lines.slice(-2)).toEqual(['test:browser ran no test.', '5 passed, 1 failed']);
  });

  it('is red when no test ran', () => {
    expect(sumUp([gate({}), gate({ tests: { passed: 0, failed: 0 } })]).isGreen).toBe(false);
  });
});
