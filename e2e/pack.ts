import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { packPackage } from '../tools/pack.js';
import { repositoryRoot } from '../tools/repository.js';

/** Names the folder of this run, so that two runs at the same time do not take each other's application away. */
const FOLDER = 'TINTYPE_CONSUMER';

/** The built Vite application that has the packed package installed. */
export function consumerApp(): string {
  const folder = process.env[FOLDER];
  if (folder === undefined) throw new Error("Playwright's global setup did not run.");
  return join(folder, 'dist');
}

/**
 * Playwright's global setup: packs the package, installs the tarball into a copy of `consumers/vite` and builds that, so
 * that the tests meet what users get. The package's dependencies resolve from the repository's own `node_modules` above.
 * @returns The teardown.
 */
export default async function setUp(): Promise<() => void> {
  const folder = join(repositoryRoot, 'build', `consumer-${process.pid}`);
  const installed = join(folder, 'node_modules', 'tintype');
  cpSync(join(repositoryRoot, 'e2e', 'consumers', 'vite'), folder, { recursive: true });
  mkdirSync(installed, { recursive: true });
  const tarball = packPackage(folder);
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], { stdio: 'inherit' });
  await build({ root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'warn' });
  process.env[FOLDER] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
