import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import type { ModelFile, ModelManifest } from '../../src/contract/manifest.ts';
import { buildModel } from './build-model.ts';
import { committedFiles } from './catalogue-files.ts';
import { buildEditor } from './editor-manifest.ts';
import { EDITOR_SPEC } from './editor-spec.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { MOST_BYTES } from './variant-rule.ts';

const ROOT = new URL('../../', import.meta.url);
const PACKAGE_BYTES = 6_000_000;

const feedForward = catalogue.filter((manifest) => manifest.pipeline === 'feed-forward');

describe('the catalogue', () => {
  it('is made anew byte by byte', { timeout: 60_000 }, async () => {
    for (const [path, bytes] of committedFiles(MODEL_SPECS.map(buildModel), await buildEditor(EDITOR_SPEC))) {
      expect(readFileSync(new URL(path, ROOT)).equals(bytes), path).toBe(true);
    }
  });

  it('states size and hash of every file', () => {
    for (const { url, sizeBytes, sha256 } of catalogue.flatMap(filesOf)) {
      const bytes = readFileSync(fileURLToPath(url));
      expect(bytes.length, url).toBe(sizeBytes);
      expect(createHash('sha256').update(bytes).digest('hex'), url).toBe(sha256);
    }
  });

  it('holds no weights that no manifest names', () => {
    const named = catalogue.flatMap(filesOf).map(({ url }) => fileURLToPath(url));
    const folder = fileURLToPath(new URL('models/', ROOT));
    const there = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
    const weights = named.filter((name) => name.endsWith('.onnx'));
    expect(there.map((name) => folder + name).sort()).toEqual(weights.sort());
  });

  it('stays within the budget of feed-forward models and that of the package', () => {
    expect(bytesOf(feedForward)).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytesOf(catalogue)).toBeLessThanOrEqual(PACKAGE_BYTES);
    expect(MOST_BYTES + bytesOf(catalogue) - bytesOf(feedForward)).toBeLessThanOrEqual(PACKAGE_BYTES);
  });

  it('begins with the default model and ships the default variant of each', () => {
    expect(catalogue[0]?.id).toBe('tintype-sr-x2');
    for (const { id, variants, defaultDtype, tile, receptiveFieldPx } of feedForward) {
      const shipped = variants.map(({ dtype }) => dtype);
      expect(shipped, id).toContain(defaultDtype.wasm);
      expect(shipped, id).toContain(defaultDtype.webgpu);
      expect(defaultDtype.webgpu, id).toBe('w8');
      expect(tile.overlapPx, id).toBeGreaterThanOrEqual(receptiveFieldPx);
      expect(tile.overlapPx % tile.multiple, id).toBe(0);
    }
  });
});

/** Every file that is fetched for a model, in all its forms. */
function filesOf(manifest: ModelManifest): readonly ModelFile[] {
  if (manifest.pipeline === 'feed-forward') return manifest.variants;
  const graphs = manifest.variants.flatMap(({ files }) => Object.values(files));
  return [...graphs, ...Object.values(manifest.tokenizer.files)];
}

function bytesOf(manifests: readonly ModelManifest[]): number {
  return manifests.flatMap(filesOf).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
