/**
 * Measures every variant of every model and writes the tables of docs/models.md: `npm run models:measure [-- FOLDER]`.
 * FOLDER holds PNG pictures (8 bits, not interlaced) of at least 128 x 128; the demo's samples by default. Takes minutes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildModel } from './build-model.ts';
import { buildEditor } from './editor-manifest.ts';
import { EDITOR_SPEC } from './editor-spec.ts';
import { measureModel } from './measure-model.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { costTable, editorTable, replaceTable, variantTable } from './models-document.ts';
import { CROP_SIDE, readCrops, SAMPLES } from './sample-crops.ts';
import { shippedByRule } from './variant-rule.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/models.md', import.meta.url));

const pictures = readCrops(process.argv[2] ?? SAMPLES);
console.log(`${pictures.length} crops of ${CROP_SIDE} x ${CROP_SIDE}.`);
const models = MODEL_SPECS.map(buildModel);
const measured = [];
for (const model of models) {
  measured.push({ id: model.spec.id, variants: await measureModel(model, pictures) });
  console.log(model.spec.id);
}
const byRule = shippedByRule(measured);
const tables = {
  variants: variantTable(measured, byRule),
  cost: costTable(models),
  editor: editorTable(await buildEditor(EDITOR_SPEC)),
};
const before = readFileSync(DOCUMENT, 'utf8');
const after = Object.entries(tables).reduce((document, [name, table]) => replaceTable(document, name, table), before);
writeFileSync(DOCUMENT, after);
for (const { id, ships } of MODEL_SPECS) {
  const ruled = byRule.get(id) ?? [];
  if (ruled.join() === ships.join()) continue;
  console.error(`${id}: the rule ships ${ruled.join(', ')}, model-specs.ts says ${ships.join(', ')}.`);
  process.exitCode = 1;
}
