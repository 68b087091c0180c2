import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ORT_VERSION } from './engine-build.js';

test('the runtime version is the one that the package depends on', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest.dependencies['onnxruntime-web']).toBe(ORT_VERSION);
});
