// `npm run test:package`: the packed tarball as other people's tools see it.
import { join } from 'node:path';
import { packPackage } from './pack.js';
import { repositoryRoot } from './repository.js';
import { runTool } from './run-tool.js';

const tarball = packPackage(join(repositoryRoot, 'build', 'package'));
const results = [
  runTool('publint', ['run', '--strict', tarball]),
  runTool('@arethetypeswrong/cli', ['--profile', 'esm-only', '--no-emoji', tarball], 'attw'),
];
process.exitCode = results.some((status) => status !== 0) ? 1 : 0;
