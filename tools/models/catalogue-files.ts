import { readFileSync } from 'node:fs';
import { MANIFEST_SCHEMA } from '../../src/contract/manifest.ts';
import { INPUT_NAME, OUTPUT_NAME } from './bake.ts';
import type { BuiltModel } from './build-model.ts';
import { type BuiltEditor, editorManifestSource } from './editor-manifest.ts';
import { encodeText, GENERATED, quoted, sha256 } from './source-text.ts';

/** Files by their path from the repository's root. */
export type Files = ReadonlyMap<string, Uint8Array>;

/**
 * All that is committed under `models/` but the cards and the prompt editor's own files: weights, manifests, the catalogue,
 * UpscalerJS's licence.
 */
export function committedFiles(models: readonly BuiltModel[], editor: BuiltEditor): Files {
  const files = new Map<string, Uint8Array>();
  for (const model of models) {
    const { id, ships } = model.spec;
    for (const dtype of ships) files.set(`models/${id}/${dtype}.onnx`, model.files[dtype]);
    files.set(`models/${id}/manifest.ts`, encodeText(manifestSource(model)));
  }
  files.set(`models/${editor.spec.id}/manifest.ts`, encodeText(editorManifestSource(editor)));
  const ids = [...models.map(({ spec }) => spec.id), editor.spec.id];
  files.set('models/catalogue.ts', encodeText(catalogueSource(ids)));
  files.set('models/esrgan/LICENSE', upscalerLicence());
  return files;
}

/** What is made for measurements and tests only, into the ignored folder `build/`. */
export function measuredFiles(models: readonly BuiltModel[]): Files {
  const files = new Map<string, Uint8Array>();
  for (const { spec, files: forms } of models) {
    for (const [dtype, bytes] of Object.entries(forms)) files.set(`build/models/${spec.id}/${dtype}.onnx`, bytes);
  }
  return files;
}

function manifestSource({ spec, files, receptiveFieldPx, overlapPx, cost }: BuiltModel): string {
  const onWasm = spec.ships.at(-1) ?? 'w8';
  const variants = spec.ships.map((dtype) =>
    [
      '    {',
      `      dtype: ${quoted(dtype)},`,
      `      url: new URL('./${dtype}.onnx', import.meta.url).href,`,
      `      sizeBytes: ${files[dtype].length},`,
      `      sha256: ${quoted(sha256(files[dtype]))},`,
      '    },',
    ].join('\n'),
  );
  return `${GENERATED}
import type { FeedForwardManifest } from '../../src/contract/manifest.js';

/** ${spec.title}${spec.scale > 1 ? `, ${spec.scale} times` : ''}: see \`summary\`. */
export const manifest: FeedForwardManifest = {
  schema: ${MANIFEST_SCHEMA},
  pipeline: 'feed-forward',
  id: ${quoted(spec.id)},
  task: ${quoted(spec.task)},
  title: ${quoted(spec.title)},
  summary: ${quoted(spec.summary)},
  honours: [],
  input: ${quoted(INPUT_NAME)},
  output: ${quoted(OUTPUT_NAME)},
  scale: ${spec.scale},
  receptiveFieldPx: ${receptiveFieldPx},
  tile: { overlapPx: ${overlapPx}, multiple: ${spec.multiple} },
  macsPerPixel: ${cost.macsPerPixel},
  activationBytesPerPixel: ${Math.ceil(cost.activationBytesPerPixel)},
  variants: [
${variants.join('\n')}
  ],
  defaultDtype: { wasm: ${quoted(onWasm)}, webgpu: 'w8' },
  licence: 'MIT',
  attribution: ${quoted(spec.attribution)},
  made: ${quoted(spec.made)},
};
`;
}

function catalogueSource(ids: readonly string[]): string {
  const imports = ids.map((id) => `import { manifest as ${camelCase(id)} } from './${id}/manifest.js';`);
  return `${GENERATED}
import type { ModelManifest } from '../src/contract/manifest.js';
${imports.join('\n')}

/** Every embedded model, in the order in which a picker shows them. The first is the default. */
export const catalogue: readonly ModelManifest[] = [
${ids.map((id) => `  ${camelCase(id)},`).join('\n')}
];
`;
}

function upscalerLicence(): Uint8Array {
  return readFileSync(new URL('../../node_modules/@upscalerjs/esrgan-slim/LICENSE', import.meta.url));
}

function camelCase(id: string): string {
  return id.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
