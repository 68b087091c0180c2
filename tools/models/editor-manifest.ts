import { readFileSync } from 'node:fs';
import { MANIFEST_SCHEMA, type Stage } from '../../src/contract/manifest.ts';
import type { EditorSpec } from './editor-spec.ts';
import { GENERATED, literal, quoted, sha256 } from './source-text.ts';
import { unetMacsPerPixel } from './unet-cost.ts';

const STAGES: readonly Stage[] = ['text_encoder', 'vae_encoder', 'unet', 'vae_decoder'];

/** One file of a prompted model, by its name in the model's folder. */
export interface EditorFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A prompted model with what was computed from its files. */
export interface BuiltEditor {
  readonly spec: EditorSpec;
  readonly graphs: Readonly<Record<Stage, EditorFile>>;
  readonly tokenizer: readonly EditorFile[];
  readonly unetMacsPerPixel: number;
}

/** Reads a prompted model's files from `models/<id>`. The same files always give the same manifest. */
export async function buildEditor(spec: EditorSpec): Promise<BuiltEditor> {
  const folder = new URL(`../../models/${spec.id}/`, import.meta.url);
  const read = (name: string): EditorFile => {
    const bytes = readFileSync(new URL(name, folder));
    return { name, sizeBytes: bytes.length, sha256: sha256(bytes) };
  };
  const graph = (stage: Stage): EditorFile => read(`${stage}.onnx`);
  return {
    spec,
    graphs: {
      text_encoder: graph('text_encoder'),
      vae_encoder: graph('vae_encoder'),
      unet: graph('unet'),
      vae_decoder: graph('vae_decoder'),
    },
    tokenizer: spec.tokenizer.files.map(read),
    unetMacsPerPixel: await unetMacsPerPixel(readFileSync(new URL('unet.onnx', folder)), spec),
  };
}

/** All files that are shipped for a prompted model. */
export function editorFiles({ graphs, tokenizer }: BuiltEditor): readonly EditorFile[] {
  return [...STAGES.map((stage) => graphs[stage]), ...tokenizer];
}

/** Text of `models/<id>/manifest.ts`. */
export function editorManifestSource(editor: BuiltEditor): string {
  const { spec } = editor;
  return `${GENERATED}
import type { DiffusionManifest } from '../../src/contract/manifest.js';

/** ${spec.title}: see \`summary\`. */
export const manifest: DiffusionManifest = {
  schema: ${MANIFEST_SCHEMA},
  pipeline: 'diffusion',
  id: ${quoted(spec.id)},
  task: ${quoted(spec.task)},
  title: ${quoted(spec.title)},
  summary: ${quoted(spec.summary)},
  honours: ${literal(spec.honours)},
  family: ${quoted(spec.family)},
  scheduler: ${block(spec.scheduler, 2)},
  tokenizer: {
    files: {
${editor.tokenizer.map((file) => `      ${quoted(file.name)}: ${fileBlock(file, 6)},`).join('\n')}
    },
    maxTokens: ${spec.tokenizer.maxTokens},
  },
  vae: ${literal(spec.vae)},
  unet: ${literal(spec.unet)},
  sizeMultiple: ${spec.sizeMultiple},
  maxWorkPixels: ${spec.maxWorkPixels},
  recommended: ${literal(spec.recommended)},
  unetMacsPerPixel: ${editor.unetMacsPerPixel},
  unetActivationBytesPerPixel: ${spec.unetActivationBytesPerPixel},
  variants: [
    {
      dtype: 'w8',
      files: {
${STAGES.map((stage) => `        ${stage}: ${fileBlock(editor.graphs[stage], 8)},`).join('\n')}
      },
    },
  ],
  defaultDtype: { wasm: 'w8', webgpu: 'w8' },
  licence: ${quoted(spec.licence)},
  attribution: ${quoted(spec.attribution)},
  made: ${quoted(spec.made)},
};
`;
}

/** The URL is spelled out, as bundlers find files by it. */
function fileBlock({ name, sizeBytes, sha256: hash }: EditorFile, indent: number): string {
  const inner = ' '.repeat(indent + 2);
  return [
    '{',
    `${inner}url: new URL(${quoted(`./${name}`)}, import.meta.url).href,`,
    `${inner}sizeBytes: ${sizeBytes},`,
    `${inner}sha256: ${quoted(hash)},`,
    `${' '.repeat(indent)}}`,
  ].join('\n');
}

function block(value: object, indent: number): string {
  const members = Object.entries(value).map(([key, member]) => `${' '.repeat(indent + 2)}${key}: ${literal(member)},`);
  return ['{', ...members, `${' '.repeat(indent)}}`].join('\n');
}
