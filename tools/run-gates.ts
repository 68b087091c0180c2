// `npm run check` and `npm test`: runs the named npm scripts one after another, all of them, whatever comes of each, and
// ends with one line that says how many tests passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';
import { type GateResult, readTestReport, sumUp } from './test-summary.js';

/** Where the gates that run tests leave their reports (vitest.config.ts, playwright.config.ts). */
const reports: Readonly<Record<string, string>> = {
  'test:unit': join(repositoryRoot, 'build', 'vitest-report.json'),
  'test:browser': join(repositoryRoot, 'build', 'playwright-report.json'),
};

const gates = process.argv.slice(2);
if (gates.length === 0) throw new Error('Name the npm scripts to run.');
const { lines, isGreen } = sumUp(gates.map(runGate));
console.log(`\n${lines.join('\n')}`);
process.exitCode = isGreen ? 0 : 1;

function runGate(name: string): GateResult {
  console.log(`\n> ${name}`);
  const report = reports[name];
  if (report !== undefined) rmSync(report, { force: true });
  const begin = performance.now();
  // A shell because npm is a .cmd file on Windows; the names come from package.json.
  const { status } = spawnSync(`npm run --silent ${name}`, { cwd: repositoryRoot, stdio: 'inherit', shell: true });
  const seconds = (performance.now() - begin) / 1000;
  const exitCode = status ?? 1;
  if (report === undefined) return { name, exitCode, seconds };
  if (!existsSync(report)) return { name, exitCode: exitCode === 0 ? 1 : exitCode, seconds };
  return { name, exitCode, seconds, tests: readTestReport(readFileSync(report, 'utf8')) };
}
