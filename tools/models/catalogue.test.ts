import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { buildModel } from './build-model.ts';
import { committedFiles } from './catalogue-files.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { MOST_BYTES } from './variant-rule.ts';

const ROOT = new URL('../../', import.meta.url);
const PACKAGE_BYTES = 6_000_000;

describe('the catalogue', () => {
  it('is made anew byte by byte', { timeout: 60_000 }, () => {
    for (const [path, bytes] of committedFiles(MODEL_SPECS.map(buildModel))) {
      expect(readFileSync(new URL(path, ROOT)).equals(bytes), path).toBe(true);
    }
  });

  it('states size and hash of every file', () => {
    for (const { id, variants } of catalogue) {
      for (const { url, sizeBytes, sha256 } of variants) {
        const bytes = readFileSync(fileURLToPath(url));
        expect(bytes.length, id).toBe(sizeBytes);
        expect(createHash('sha256').update(bytes).digest('hex'), id).toBe(sha256);
      }
    }
  });

  it('holds no weights that no manifest names', () => {
    const named = catalogue.flatMap(({ variants }) => variants.map(({ url }) => fileURLToPath(url))).sort();
    const folder = fileURLToPath(new URL('models/', ROOT));
    const there = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
    expect(there.map((name) => folder + name).sort()).toEqual(named);
  });

  it('stays within its budget and that of the package', () => {
    const bytes = catalogue.flatMap(({ variants }) => variants).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(MOST_BYTES).toBeLessThan(PACKAGE_BYTES);
  });

  it('begins with the default model and ships the default variant of each', () => {
    expect(catalogue[0]?.id).toBe('tintype-sr-x2');
    for (const { id, variants, defaultDtype, tile, receptiveFieldPx } of catalogue) {
      const shipped = variants.map(({ dtype }) => dtype);
      expect(shipped, id).toContain(defaultDtype.wasm);
      expect(shipped, id).toContain(defaultDtype.webgpu);
      expect(defaultDtype.webgpu, id).toBe('w8');
      expect(tile.overlapPx, id).toBeGreaterThanOrEqual(receptiveFieldPx);
      expect(tile.overlapPx % tile.multiple, id).toBe(0);
    }
  });
});
