// `npm run docblocks`: the docblock gate over the package's public surface.
import { join, relative } from 'node:path';
import ts from 'typescript';
import { checkDocblocks } from './docblock-rules.js';
import { repositoryRoot } from './repository.js';

const config = ts.getParsedCommandLineOfConfigFile(join(repositoryRoot, 'src/tsconfig.json'), undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
  },
});
if (config === undefined) throw new Error('src/tsconfig.json cannot be read.');

const entries = [
  'src/index.ts',
  'src/repository/index.ts',
  'src/endpoint/index.ts',
  'src/proxy/index.ts',
  'testing/index.ts',
].map((entry) => join(repositoryRoot, entry));
// Without project references the compiler reads the sources, docblocks and all, whether or not dist/ is built.
const program = ts.createProgram({ rootNames: entries, options: { ...config.options, composite: false } });
// What both entries export is told once.
const all = entries.flatMap((entry) => checkDocblocks(program, entry));
const faults = [...new Map(all.map((fault) => [`${fault.file} ${fault.name}`, fault])).values()];
for (const { name, fault, file, line } of faults) {
  const place = `${relative(repositoryRoot, file)}:${line}`;
  const advice = fault === 'missing' ? 'has no docblock' : 'has a docblock that only repeats its name';
  console.error(`${place} ${name} ${advice}.`);
}
console.log(`docblocks: ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
