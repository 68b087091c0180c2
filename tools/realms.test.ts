import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileInRealm } from './realm-check.js';
import { repositoryRoot } from './repository.js';

interface Violation {
  readonly title: string;
  readonly realm: string;
  readonly file: string;
  readonly text: string;
  readonly error: RegExp;
}

/** A file of another realm to import; in memory, so that the tests do not depend on what is written yet. */
const PAGE = { 'src/page-sample.ts': 'export const page: string = document.title;\n' };
const CORE = { 'src/core/core-sample.ts': 'export const core = 1;\n' };
const WORKER = { 'workers/worker-sample.ts': 'export const worker = 1;\n' };
const UNLISTED = /^TS6307: .*-sample/;

const violations: readonly (Violation & { readonly others?: Readonly<Record<string, string>> })[] = [
  {
    title: 'a worker that touches the document',
    realm: 'workers/tsconfig.json',
    file: 'workers/bad.ts',
    text: 'export const title: string = document.title;\n',
    error: /^TS2584: Cannot find name 'document'/,
  },
  {
    title: 'a worker that imports the page side',
    realm: 'workers/tsconfig.json',
    file: 'workers/bad.ts',
    text: "export { page } from '../src/page-sample.js';\n",
    others: PAGE,
    error: UNLISTED,
  },
  {
    title: 'the page side that imports a worker',
    realm: 'src/tsconfig.json',
    file: 'src/bad.ts',
    text: "export { worker } from '../workers/worker-sample.js';\n",
    others: WORKER,
    error: UNLISTED,
  },
  {
    title: 'core that imports the page side',
    realm: 'src/core/tsconfig.json',
    file: 'src/core/bad.ts',
    text: "export { page } from '../page-sample.js';\n",
    others: PAGE,
    error: UNLISTED,
  },
  {
    title: 'core that fetches',
    realm: 'src/core/tsconfig.json',
    file: 'src/core/bad.ts',
    text: "export const answer: unknown = fetch('x');\n",
    error: /^TS2304: Cannot find name 'fetch'/,
  },
  {
    title: 'core that touches the document',
    realm: 'src/core/tsconfig.json',
    file: 'src/core/bad.ts',
    text: 'export const title: string = document.title;\n',
    error: /^TS2584: Cannot find name 'document'/,
  },
  {
    title: 'the contract that imports core',
    realm: 'src/contract/tsconfig.json',
    file: 'src/contract/bad.ts',
    text: "export { core } from '../core/core-sample.js';\n",
    others: CORE,
    error: UNLISTED,
  },
  {
    title: 'the contract that touches the document',
    realm: 'src/contract/tsconfig.json',
    file: 'src/contract/bad.ts',
    text: 'export const title: string = document.title;\n',
    error: /^TS2584: Cannot find name 'document'/,
  },
  {
    title: 'the catalogue that imports the page side',
    realm: 'models/tsconfig.json',
    file: 'models/bad.ts',
    text: "export { page } from '../src/page-sample.js';\n",
    others: PAGE,
    error: UNLISTED,
  },
];

describe('the compiler keeps the realms apart', () => {
  it.each(violations)('refuses $title', ({ realm, file, text, error, others }) => {
    const found = compileInRealm(realm, { [file]: text }, others);
    expect(found).toEqual([expect.stringMatching(error)]);
  });

  it.each([
    ['workers/tsconfig.json', 'workers/good.ts', "import type { Tensor } from '../src/contract/tensor.js';"],
    ['src/tsconfig.json', 'src/good.ts', "import type { Tensor } from './contract/tensor.js';"],
    ['src/core/tsconfig.json', 'src/core/good.ts', "import type { Tensor } from '../contract/tensor.js';"],
    ['src/contract/tsconfig.json', 'src/contract/good.ts', "import type { Tensor } from './tensor.js';"],
    ['models/tsconfig.json', 'models/good.ts', "import type { Tensor } from '../src/contract/tensor.js';"],
  ])('%s lets a permitted import through', (realm, file, text) => {
    expect(compileInRealm(realm, { [file]: `${text}\nexport type Data = Tensor['data'];\n` })).toEqual([]);
  });

  it('lets the page side use the document and a worker its own globals', () => {
    expect(
      compileInRealm('src/tsconfig.json', { 'src/good.ts': 'export const t: string = document.title;\n' }),
    ).toEqual([]);
    const worker = 'export const scope: typeof WorkerGlobalScope = WorkerGlobalScope;\n';
    expect(compileInRealm('workers/tsconfig.json', { 'workers/good.ts': worker })).toEqual([]);
  });
});

describe('the linter keeps comlink and the runtime in their places', () => {
  const folder = mkdtempSync(join(makeFolder('build'), 'lint-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const comlink = "import { wrap } from 'comlink';\nwrap(self as never);\n";
  const runtime = "import { env } from 'onnxruntime-web/wasm';\nenv.debug = false;\n";
  const files: Readonly<Record<string, string>> = {
    'src/client.ts': comlink,
    'src/bridge/host.ts': comlink,
    'src/bridge/runtime.ts': runtime,
    'workers/codec.ts': comlink,
    'workers/pipeline.worker.ts': comlink,
    'workers/loader.worker.ts': runtime,
    'workers/model-store.ts': runtime,
    'workers/ort-engine.ts': runtime,
    'workers/engine.wasm.worker.ts': runtime,
    'workers/expose-engine.ts': comlink,
    'workers/engine.other.worker.ts': "import { env } from 'onnxruntime-web';\nenv.debug = false;\n",
    'src/lazy.ts': "export const later = (): Promise<unknown> => import('onnxruntime-web/webgpu');\n",
    'demo/source.ts': "import { imageToImage } from '../src/index.js';\nimageToImage({});\n",
    'demo/package.ts': "import { imageToImage } from 'tintype';\nimageToImage({});\n",
    'e2e/source.ts': "import { planTiles } from '../src/core/image/tile-plan.js';\nplanTiles();\n",
  };

  it('refuses exactly the imports out of place', () => {
    writeFiles(folder, files);
    const refused = [
      'demo/source.ts',
      'e2e/source.ts',
      'src/bridge/runtime.ts',
      'src/client.ts',
      'src/lazy.ts',
      'workers/codec.ts',
      'workers/engine.other.worker.ts',
      'workers/loader.worker.ts',
      'workers/model-store.ts',
    ];
    expect(lint(folder)).toEqual(refused.map((file) => `${file}: lint/style/noRestrictedImports`));
  });
});

function makeFolder(name: string): string {
  const path = join(repositoryRoot, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const config = JSON.parse(readFileSync(join(repositoryRoot, 'biome.json'), 'utf8')) as Record<string, unknown>;
  // The copy lies in an ignored folder, so it must not ask git; all rules and overrides are the real ones.
  config.vcs = { enabled: false };
  delete config.$schema;
  for (const [path, text] of Object.entries({ ...files, 'biome.json': JSON.stringify({ root: true, ...config }) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function lint(folder: string): string[] {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
  };
  return diagnostics.map(({ category, location }) => `${location.path}: ${category}`).sort();
}
