/**
 * Makes every file of the catalogue: `npm run models`.
 * With `--check` it writes nothing, compares with what is there and fails on a difference.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel } from './build-model.ts';
import { committedFiles, type Files, measuredFiles } from './catalogue-files.ts';
import { buildEditor, editorFiles } from './editor-manifest.ts';
import { EDITOR_SPEC } from './editor-spec.ts';
import { MODEL_SPECS } from './model-specs.ts';

const ROOT = new URL('../../', import.meta.url);

const models = MODEL_SPECS.map(buildModel);
const editor = await buildEditor(EDITOR_SPEC);
const committed = committedFiles(models, editor);

if (process.argv.includes('--check')) {
  const different = [...committed].filter(([path, bytes]) => !isSame(path, bytes)).map(([path]) => path);
  for (const path of different) console.error(`${path} differs from what tools/models makes. Run: npm run models`);
  process.exitCode = different.length > 0 ? 1 : 0;
} else {
  writeAll(committed);
  writeAll(measuredFiles(models));
  const made = [...committed].filter(([path]) => path.endsWith('.onnx')).map(([, file]) => file.length);
  const shipped = [...made, ...editorFiles(editor).map(({ sizeBytes }) => sizeBytes)];
  const bytes = shipped.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  console.log(`${models.length + 1} models, ${shipped.length} files to ship, ${bytes} bytes.`);
}

function isSame(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(new URL(path, ROOT)).equals(bytes);
  } catch {
    return false;
  }
}

function writeAll(files: Files): void {
  for (const [path, bytes] of files) {
    const file = fileURLToPath(new URL(path, ROOT));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
