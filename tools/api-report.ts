// `npm run api`: the public surface as committed files, one per entry, so that a change of it shows in a diff. `--update` writes it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';
import { runTool } from './run-tool.js';

const isUpdate = process.argv.includes('--update');
mkdirSync(join(repositoryRoot, 'etc'), { recursive: true });
const built = runTool('typescript', ['-b', 'src', 'testing'], 'tsc');
const update = isUpdate ? ['--local'] : [];
const extract = (config: string): number =>
  runTool('@microsoft/api-extractor', ['run', '--config', config, ...update], 'api-extractor');
const configs = ['', '.repository', '.endpoint', '.proxy', '.testing'].map((entry) => `api-extractor${entry}.json`);
const status = configs.reduce((failed, config) => failed || extract(config), built);
if (status !== 0 && !isUpdate) {
  console.error('The public surface differs from etc/*.api.md. If that is meant: npm run api:update, and say why.');
}
process.exitCode = status;
