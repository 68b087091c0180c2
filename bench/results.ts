import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '../tools/repository.js';
import { breakdownSvg } from './breakdown.js';
import type { Section } from './section.js';
import { markdownTable } from './table.js';

/** Writes the tables, and the numbers behind them: of a whole run with nothing set otherwise to `bench/`, of any other to `build/bench/`. */
export function writeResults(
  sections: readonly Section[],
  machine: Readonly<Record<string, string>>,
  extent: 'whole' | 'part',
): void {
  const folder = join(repositoryRoot, ...(extent === 'whole' ? ['bench'] : ['build', 'bench']));
  mkdirSync(folder, { recursive: true });
  const facts = Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`);
  const text = [
    '# Results of the bench',
    'Written by `npm run bench`; do not edit. Ratios are medians of paired, interleaved rounds, with their quartiles.',
    facts.join('\n'),
    ...sections.map(markdownTable),
  ].join('\n\n');
  writeFileSync(join(folder, 'results.md'), `${text}\n`);
  const measures = Object.fromEntries(sections.map(({ letter, measures }) => [letter, measures]));
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ machine, measures }, null, 1)}\n`);
  const bars = sections.flatMap((section) => section.bars ?? []);
  if (bars.length > 0) writeFileSync(join(folder, 'breakdown.svg'), breakdownSvg(bars));
  console.log(`\nWritten to ${relative(repositoryRoot, folder)}/results.md, results.json and breakdown.svg.`);
}
