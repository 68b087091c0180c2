/**
 * Measures every variant of every model and writes the tables of docs/models.md: `npm run models:measure [-- FOLDER]`.
 * FOLDER holds PNG pictures (8 bits, not interlaced) of at least 128 x 128; the demo's samples by default. Takes minutes.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel } from './build-model.ts';
import { measureModel } from './measure-model.ts';
import { MODEL_SPECS } from './model-specs.ts';
import { costTable, replaceTable, variantTable } from './models-document.ts';
import { crop, decodePng, type Picture } from './png-picture.ts';
import { shippedByRule } from './variant-rule.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/models.md', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../demo/public/samples/', import.meta.url));
const SIDE = 128;

const pictures = readCrops(process.argv[2] ?? SAMPLES);
console.log(`${pictures.length} crops of ${SIDE} x ${SIDE}.`);
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

/** Two crops of each picture: its middle, and the quarter where its subject rarely is. */
function readCrops(folder: string): Picture[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.png'));
  if (names.length === 0)
    throw new Error(`${folder} holds no PNG. Name a folder with pictures: npm run models:measure -- FOLDER`);
  return names.sort().flatMap((name) => {
    const picture = decodePng(readFileSync(join(folder, name)));
    return [2, 4].map((part) => {
      const left = Math.floor((picture.width - SIDE) / part);
      return crop(picture, left, Math.floor((picture.height - SIDE) / part), { width: SIDE, height: SIDE });
    });
  });
}
