/** How one gate ended. */
export interface GateResult {
  readonly name: string;
  readonly exitCode: number;
  readonly seconds: number;
  /** Counts of a gate that runs tests; absent for all others, and where a test runner left no report. */
  readonly tests?: TestCounts;
}

/** Tests that ran. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads the JSON report of vitest or of Playwright. */
export function readTestReport(text: string): TestCounts {
  const report = JSON.parse(text) as {
    readonly numPassedTests?: number;
    readonly numFailedTests?: number;
    readonly stats?: { readonly expected: number; readonly unexpected: number; readonly flaky: number };
  };
  if (report.stats !== undefined) {
    return { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky };
  }
  if (report.numPassedTests === undefined || report.numFailedTests === undefined) {
    throw new Error('This is neither a vitest nor a Playwright report.');
  }
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

/**
 * Sums up all gates. A red gate without a failed test (a type error, a runner that broke off) counts as one failure, and so
 * does a gate for tests that ran none, so that the last line never looks better than the run was.
 */
export function sumUp(results: readonly GateResult[]): {
  readonly lines: readonly string[];
  readonly isGreen: boolean;
} {
  const lines = results.map(
    ({ name, exitCode, seconds }) => `${exitCode === 0 ? 'ok ' : 'RED'} ${name} (${seconds.toFixed(0)} s)`,
  );
  let passed = 0;
  let failed = 0;
  for (const { name, exitCode, tests } of results) {
    const ranNone = tests !== undefined && tests.passed + tests.failed === 0;
    if (ranNone) lines.push(`${name} ran no test.`);
    passed += tests?.passed ?? 0;
    failed += exitCode === 0 && !ranNone ? (tests?.failed ?? 0) : Math.max(1, tests?.failed ?? 0);
  }
  const ranTests = passed + failed > 0;
  if (!ranTests) lines.push('No test ran.');
  return { lines: [...lines, `${passed} passed, ${failed} failed`], isGreen: failed === 0 && ranTests };
}
