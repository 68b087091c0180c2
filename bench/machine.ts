import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../tools/repository.js';

/** Packages whose version decides a result. */
const PACKAGES = [
  'tintype',
  'onnxruntime-web',
  'onnxruntime-node',
  '@huggingface/transformers',
  'upscaler',
  '@tensorflow/tfjs',
] as const;

/** What only the run knows of its machine. */
export interface RunFacts {
  readonly browserVersion: string;
  readonly engines: number;
  /** Processes that wanted a processor in the minute before; well above 0, others were at work. */
  readonly loadBefore: number;
}

/** What the numbers depend on, by name. Nothing that tells whose machine it was. */
export function describeMachine(facts: RunFacts): Readonly<Record<string, string>> {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`,
    'load average before the run': facts.loadBefore.toFixed(1),
    'engines per side, at most': String(facts.engines),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    chromium: facts.browserVersion,
    ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const folder = name === 'tintype' ? repositoryRoot : join(repositoryRoot, 'node_modules', name);
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string }).version;
}
