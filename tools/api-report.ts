// `npm run api`: the public surface as one committed file, so that a change of it shows in a diff. `--update` writes it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';
import { runTool } from './run-tool.js';

const isUpdate = process.argv.includes('--update');
mkdirSync(join(repositoryRoot, 'etc'), { recursive: true });
const built = runTool('typescript', ['-b', 'src'], 'tsc');
const status =
  built === 0 ? runTool('@microsoft/api-extractor', ['run', ...(isUpdate ? ['--local'] : [])], 'api-extractor') : built;
if (status !== 0 && !isUpdate) {
  console.error(
    'The public surface differs from etc/tintype.api.md. If that is meant: npm run api:update, and say why.',
  );
}
process.exitCode = status;
