import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { packPackage } from '../tools/pack.js';
import { repositoryRoot } from '../tools/repository.js';
import { runTool } from '../tools/run-tool.js';
import { buildPeers } from './peers/build-peers.js';

/** The bench's page, built and ready to be served. */
export interface Application {
  /** What is served. Pictures are put here too. */
  readonly folder: string;
  /** Removes it. */
  remove(): void;
}

/**
 * Builds the page as an application that has installed the packed package, as the browser tests do, so that what is timed is
 * what users get.
 * @param tarball A package packed before, to time another version; without it the working tree is built and packed.
 */
export async function buildApplication(tarball?: string): Promise<Application> {
  const root = join(repositoryRoot, 'build', `bench-${process.pid}`);
  const page = join(root, 'page');
  const installed = join(root, 'node_modules', 'tintype');
  mkdirSync(installed, { recursive: true });
  cpSync(join(repositoryRoot, 'bench', 'page'), page, { recursive: true });
  const packed = tarball ?? packAnew(root);
  execFileSync('tar', ['-xzf', packed, '--strip-components=1', '-C', installed], { stdio: 'inherit' });
  await build({ root: page, configFile: join(page, 'vite.config.ts'), logLevel: 'warn' });
  const folder = join(page, 'dist');
  await buildPeers(folder);
  cpSync(join(repositoryRoot, 'demo', 'public', 'samples'), join(folder, 'samples'), { recursive: true });
  mkdirSync(join(folder, 'pictures'));
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function packAnew(folder: string): string {
  const status = runTool('tsx', ['tools/build-package.ts']);
  if (status !== 0) throw new Error('The package could not be built.');
  return packPackage(folder);
}
