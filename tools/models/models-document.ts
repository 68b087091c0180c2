import type { Dtype } from '../../src/contract/manifest.ts';
import type { BuiltModel } from './build-model.ts';
import { type BuiltEditor, editorFiles } from './editor-manifest.ts';
import type { Measured } from './measure-model.ts';
import type { MeasuredModel } from './variant-rule.ts';

/** A Markdown table of every variant, and the sum of what is shipped. */
export function variantTable(models: readonly MeasuredModel[], shipped: ReadonlyMap<string, readonly Dtype[]>): string {
  const rows = models.flatMap(({ id, variants }) => variants.map((one) => variantRow(id, one, shipped.get(id) ?? [])));
  const total = models
    .flatMap(({ id, variants }) => variants.filter(({ dtype }) => shipped.get(id)?.includes(dtype)))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    '| model | variant | bytes | PSNR min, dB | mean | speed | tile, levels | |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows,
    '',
    `Shipped: ${grouped(total)} bytes.`,
  ].join('\n');
}

/** A Markdown table of what was computed from each graph. */
export function costTable(models: readonly BuiltModel[]): string {
  return [
    '| model | scale | receptive field, px | overlap, px | multiply-adds per input pixel | activations, bytes per input pixel |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...models.map(({ spec, receptiveFieldPx, overlapPx, cost }) =>
      row(
        spec.id,
        spec.scale,
        receptiveFieldPx,
        overlapPx,
        grouped(cost.macsPerPixel),
        grouped(Math.ceil(cost.activationBytesPerPixel)),
      ),
    ),
  ].join('\n');
}

/** A Markdown table of the prompt editor's files, and what was computed from its U-Net. */
export function editorTable(editor: BuiltEditor): string {
  const files = editorFiles(editor);
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    '| file | bytes |',
    '| --- | ---: |',
    ...files.map(({ name, sizeBytes }) => row(name, grouped(sizeBytes))),
    '',
    `Shipped: ${grouped(total)} bytes. U-Net: ${grouped(editor.unetMacsPerPixel)} multiply-adds per pixel and row.`,
  ].join('\n');
}

/** Puts a table between `<!-- name -->` and `<!-- /name -->`. */
export function replaceTable(document: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/models.md has no place for the table "${name}".`);
  return `${document.slice(0, from + begin.length)}\n${table}\n${document.slice(to)}`;
}

function variantRow(id: string, one: Measured, shipped: readonly Dtype[]): string {
  const { dtype, sizeBytes, psnrMinDb, psnrMeanDb, speedRatio, tileLevels } = one;
  const isFloat = dtype === 'f32';
  return row(
    id,
    dtype,
    grouped(sizeBytes),
    isFloat ? '' : psnrMinDb.toFixed(1),
    isFloat ? '' : psnrMeanDb.toFixed(1),
    isFloat ? 1 : speedRatio.toFixed(2),
    tileLevels,
    placeOf(dtype, shipped),
  );
}

/** Which device takes the file by default. */
function placeOf(dtype: Dtype, shipped: readonly Dtype[]): string {
  if (!shipped.includes(dtype)) return '';
  if (dtype === 'u8') return 'WASM';
  return shipped.includes('u8') ? 'WebGPU' : 'both';
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Groups of three digits, apart by thin-enough plain spaces. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}
