import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

/** How {@link runTool} runs. */
export interface RunToolOptions {
  /** @default the repository's root */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs the command-line program of an installed development dependency, with its output shown.
 * Started through node by its path, so it works the same on every system and never asks a registry.
 * @param packageName As in `node_modules`.
 * @param program Name of the program, where the package has several.
 * @returns The exit code; 1 if it was ended by a signal.
 */
export function runTool(
  packageName: string,
  args: readonly string[],
  program?: string,
  options: RunToolOptions = {},
): number {
  const result = spawnSync(process.execPath, [toolPath(packageName, program), ...args], {
    cwd: options.cwd ?? repositoryRoot,
    env: { ...process.env, ...options.env },
    stdio: 'inherit',
  });
  if (result.error !== undefined) throw result.error;
  return result.status ?? 1;
}

function toolPath(packageName: string, program?: string): string {
  const folder = join(repositoryRoot, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Readonly<Record<string, string>>;
  };
  const path = typeof bin === 'string' ? bin : (bin[program ?? packageName] ?? Object.values(bin)[0]);
  if (path === undefined) throw new Error(`${packageName} has no program.`);
  return join(folder, path);
}
