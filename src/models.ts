import { ImageToImageError } from './contract/errors.js';
import { type Device, type Dtype, MANIFEST_SCHEMA, type ModelManifest } from './contract/manifest.js';

/** Model of calls that name none. */
export const DEFAULT_MODEL = 'tintype-sr-x2';

/** The catalogue of a client: its own models first, then the embedded ones, which load with the first question. */
export interface ModelRegistry {
  all(): Promise<readonly ModelManifest[]>;
  /** @throws ImageToImageError `model-unavailable` naming the ids that there are. */
  find(id: string): Promise<ModelManifest>;
}

/**
 * @param own Models that the application brought. A rejected load of the catalogue is not remembered.
 * @param aliases Other names of models, by name.
 */
export function createModelRegistry(
  own: readonly ModelManifest[] = [],
  aliases: Readonly<Record<string, string>> = {},
): ModelRegistry {
  for (const manifest of own) {
    if (manifest.schema !== MANIFEST_SCHEMA) {
      throw new RangeError(
        `models: "${manifest.id}" has manifest schema ${manifest.schema}; this version reads ${MANIFEST_SCHEMA}.`,
      );
    }
  }
  // Shared while it loads, so that calls keep their order: a bundler may resolve a second import before the first.
  let loading: Promise<readonly ModelManifest[]> | undefined;
  async function embedded(): Promise<readonly ModelManifest[]> {
    loading ??= import('../models/catalogue.js').then(({ catalogue }) => catalogue, catalogueMissing);
    try {
      return await loading;
    } catch (caught) {
      loading = undefined;
      throw caught;
    }
  }
  async function all(): Promise<readonly ModelManifest[]> {
    const catalogue = await embedded();
    return [...own, ...catalogue.filter(({ id }) => !own.some((manifest) => manifest.id === id))];
  }
  return {
    all,
    async find(name) {
      const id = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
      const brought = own.find((manifest) => manifest.id === id);
      if (brought) return brought;
      const models = await all();
      const found = models.find((manifest) => manifest.id === id);
      if (found) return found;
      throw new ImageToImageError({
        code: 'model-unavailable',
        phase: 'validate',
        message: `There is no model "${id}" in the page. Use one of: ${models.map((manifest) => manifest.id).join(', ')}; give it a meaning with \`aliases\`, or bring your own with \`models\`.`,
        details: { model: id },
      });
    },
  };
}

function catalogueMissing(caught: unknown): never {
  throw new ImageToImageError({
    code: 'model-unavailable',
    phase: 'download',
    message:
      'The list of embedded models could not be fetched. Check that the page is online and its script files are all served, then call again.',
    cause: String(caught),
  });
}

/**
 * The file to use on a device.
 * @param hasShaderF16 Whether float16 can be used there; without, `auto` takes another file.
 * @throws RangeError if the model has no file of the wished kind; the message lists those it has.
 * @throws ImageToImageError `environment-unsupported` if `f16` is named where it cannot be used.
 */
export function chooseVariant<Variant extends { readonly dtype: Dtype }>(
  manifest: Pick<ModelManifest, 'id' | 'defaultDtype'> & { readonly variants: readonly Variant[] },
  device: Device,
  dtype: 'auto' | Dtype = 'auto',
  hasShaderF16 = false,
): Variant {
  const { variants } = manifest;
  const wished = dtype === 'auto' ? manifest.defaultDtype[device] : dtype;
  const needsF16 = (wished === 'f16' || wished === 'q4f16') && device === 'webgpu' && !hasShaderF16;
  if (needsF16 && dtype !== 'auto') throw noShaderF16(manifest);
  const variant = needsF16
    ? variants.find((candidate) => ['w8', 'q4', 'f32'].includes(candidate.dtype))
    : variants.find((candidate) => candidate.dtype === wished);
  if (variant) return variant;
  if (needsF16) throw noShaderF16(manifest);
  const has = variants.map((candidate) => candidate.dtype).join(', ');
  throw new RangeError(
    `${manifest.id} has no ${wished} variant; it has ${has}. Leave \`dtype\` out to take the best for the device.`,
  );
}

function noShaderF16({ id }: Pick<ModelManifest, 'id'>): ImageToImageError {
  return new ImageToImageError({
    code: 'environment-unsupported',
    phase: 'validate',
    message: `The float16 file of ${id} needs a graphics adapter with shader-f16, which is not here. Leave \`dtype\` out, or pass device: 'wasm'.`,
    details: { reason: 'webgpu-no-f16' },
  });
}
