/**
 * Measures every variant of every model and writes the tables of docs/models.md: `npm run models:measure [-- FOLDER]`.
 * FOLDER holds PNG pictures (8 bits, not interlaced) of at least 128 x 128; the demo's samples by default. Takes minutes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildModel } from './build-model.ts';
import { measureModel } from './measure-model.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { costTable, replaceTable, variantTable } from './models-document.ts';
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
const document = replaceTable(readFileSync(DOCUMENT, 'utf8'), 'variants', variantTable(measured, byRule));
writeFileSync(DOCUMENT, replaceTable(document, 'cost', costTable(models)));
for (const { id, ships } of MODEL_SPECS) {
  const ruled = byRule.get(id) ?? [];
  if (ruled.join() === ships.join()) continue;
  console.error(`${id}: the rule ships ${ruled.join(', ')}, model-specs.ts says ${ships.join(', ')}.`);
  process.exitCode = 1;
}
