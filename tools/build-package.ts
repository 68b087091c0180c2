// `npm run build`: dist/ from nothing. Code is emitted 1:1 by the compiler, so that the URLs of workers and models that
// the sources spell out hold in the package too; a bundler would rewrite them (docs/decisions).
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { repositoryRoot } from './repository.js';
import { runTool } from './run-tool.js';

const dist = join(repositoryRoot, 'dist');
const models = join(repositoryRoot, 'models');

rmSync(dist, { recursive: true, force: true });
const status = runTool('typescript', ['-b', 'src', 'workers', 'models', 'testing'], 'tsc');
if (status !== 0) process.exit(status);

for (const path of readdirSync(models, { recursive: true, encoding: 'utf8' }).filter(isShipped)) {
  const target = join(dist, 'models', path);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(models, path), target);
}

/** Weights and tokenizers, their cards, and the licences under which they are given on. */
function isShipped(path: string): boolean {
  return (
    path.endsWith('.onnx') || basename(path) === 'tokenizer.json' || /^(licen[cs]e|notice|readme)/i.test(basename(path))
  );
}
