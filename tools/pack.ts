import { execSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

/**
 * Packs the built package as `npm publish` would.
 * @param folder Where to put the tarball; made if missing.
 * @returns The tarball's path.
 * @throws Error if the package is not built.
 */
export function packPackage(folder: string): string {
  const missing = missingFiles();
  if (missing.length > 0) throw new Error(`dist/ is not whole (${missing[0]}). Run \`npm run build\` first.`);
  mkdirSync(folder, { recursive: true });
  const answer = execSync(`npm pack --json --pack-destination ${JSON.stringify(folder)}`, {
    cwd: repositoryRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [packed] = JSON.parse(answer) as readonly { readonly filename: string }[];
  if (packed === undefined) throw new Error('npm pack gave no tarball.');
  return join(folder, packed.filename);
}

/** What a whole package has and a mere `tsc` leaves out: the weights beside each manifest. */
function missingFiles(): string[] {
  const models = join(repositoryRoot, 'models');
  const weights = readdirSync(models, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.onnx'));
  return ['src/index.js', ...weights.map((path) => join('models', path))].filter(
    (path) => !existsSync(join(repositoryRoot, 'dist', path)),
  );
}
