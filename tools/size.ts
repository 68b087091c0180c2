// `npm run size`: bundles each entry as an application would, and holds what is fetched with it against size-budget.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { repositoryRoot } from './repository.js';
import { type EntrySize, judgeSize, readBudgets, type SizeBudget } from './size-budget.js';

const budgets = readBudgets(readFileSync(join(repositoryRoot, 'size-budget.json'), 'utf8'));
let faults = 0;
for (const budget of budgets) {
  const size = await measure(budget);
  console.log(
    `${String(size.brotliBytes).padStart(7)} of ${String(budget.maxBrotliBytes).padStart(7)}  ${budget.name}`,
  );
  for (const fault of judgeSize(budget, size)) {
    faults += 1;
    console.error(fault);
  }
}
console.log(`size: ${faults} faults`);
process.exitCode = faults > 0 ? 1 : 0;

async function measure({ entry }: SizeBudget): Promise<EntrySize> {
  const output = await build({
    configFile: false,
    root: repositoryRoot,
    logLevel: 'error',
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: { input: join(repositoryRoot, entry), preserveEntrySignatures: 'strict' },
    },
  });
  const bundles = [output].flat().filter((part) => 'output' in part);
  const chunks = bundles.flatMap((part) => part.output).filter((item) => item.type === 'chunk');
  const fetched = withStaticImports(chunks);
  return {
    brotliBytes: fetched.reduce((sum, { code }) => sum + brotliBytes(code), 0),
    modules: fetched.flatMap(({ moduleIds }) => moduleIds),
    code: fetched.map(({ code }) => code).join('\n'),
  };
}

/** The entry's chunk and all that it imports at once; what it imports later is not counted. */
function withStaticImports(chunks: readonly Rolldown.OutputChunk[]): Rolldown.OutputChunk[] {
  const fetched = chunks.filter(({ isEntry }) => isEntry);
  if (fetched.length === 0) throw new Error('The bundle has no entry.');
  for (const chunk of fetched) {
    const imported = chunks.filter(({ fileName }) => chunk.imports.includes(fileName));
    fetched.push(...imported.filter((candidate) => !fetched.includes(candidate)));
  }
  return fetched;
}

function brotliBytes(code: string): number {
  return brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}
