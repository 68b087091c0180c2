// `npm run bench [-- --only a,e --pictures 0.3,1 --rounds 5 --quick --package tintype.tgz --engines 2]`: builds the package and
// the page, times every side in Chromium, prints the tables and writes bench/results.md, results.json and breakdown.svg.
import { cpus, loadavg } from 'node:os';
import { buildApplication } from './application.js';
import { openLab } from './lab.js';
import { describeMachine } from './machine.js';
import { parseOptions } from './options.js';
import { buildPeers } from './peers/build-peers.js';
import { writeResults } from './results.js';
import { PEER_SCENARIOS, SCENARIOS } from './scenarios.js';
import type { Section } from './section.js';
import { terminalTable } from './table.js';

/** What most of the machines have that a web page meets, and few enough for memory. */
const MOST_ENGINES = 2;

const loadBefore = loadavg()[0] ?? 0;
const options = parseOptions(process.argv.slice(2));
const scenarios = SCENARIOS.filter(({ letter }) => options.only.length === 0 || options.only.includes(letter));
const application = await buildApplication(options.tarball);
if (scenarios.some((scenario) => PEER_SCENARIOS.includes(scenario))) await buildPeers(application.folder);
const lab = await openLab(application.folder, options.engines ?? Math.min(MOST_ENGINES, cpus().length));
try {
  const sections: Section[] = [];
  for (const scenario of scenarios) {
    const started = performance.now();
    try {
      const section = await scenario.measure(lab, options);
      sections.push(section);
      console.log(terminalTable(section));
      console.log(`(${Math.round((performance.now() - started) / 1000)} s)`);
    } catch (error) {
      // What the others measured is worth keeping, but such a run is no result.
      console.error(`${scenario.letter} failed:`, error);
      process.exitCode = 1;
    }
  }
  const isWhole = process.argv.length === 2 && sections.length === SCENARIOS.length;
  const machine = describeMachine({ browserVersion: lab.browser.version(), engines: lab.engines, loadBefore });
  writeResults(sections, machine, isWhole ? 'whole' : 'part');
} finally {
  await lab.close();
  application.remove();
}
