import { ImageToImageError } from './contract/errors.js';
import {
  type Device,
  type Dtype,
  MANIFEST_SCHEMA,
  type ModelManifest,
  type ModelVariant,
} from './contract/manifest.js';

/** Model of calls that name none. */
export const DEFAULT_MODEL = 'tintype-sr-x2';

/** The catalogue of a client: its own models first, then the embedded ones, which load with the first question. */
export interface ModelRegistry {
  all(): Promise<readonly ModelManifest[]>;
  /** @throws ImageToImageError `model-unavailable` naming the ids that there are. */
  find(id: string): Promise<ModelManifest>;
}

/** @param own Models that the application brought. A rejected load of the catalogue is not remembered. */
export function createModelRegistry(own: readonly ModelManifest[] = []): ModelRegistry {
  for (const manifest of own) {
    if (manifest.schema !== MANIFEST_SCHEMA) {
      throw new RangeError(
        `models: "${manifest.id}" has manifest schema ${manifest.schema}; this version reads ${MANIFEST_SCHEMA}.`,
      );
    }
  }
  async function all(): Promise<readonly ModelManifest[]> {
    const { catalogue } = await import('../models/catalogue.js');
    return [...own, ...catalogue.filter((embedded) => !own.some((manifest) => manifest.id === embedded.id))];
  }
  return {
    all,
    async find(id) {
      const brought = own.find((manifest) => manifest.id === id);
      if (brought) return brought;
      const models = await all();
      const found = models.find((manifest) => manifest.id === id);
      if (found) return found;
      throw new ImageToImageError({
        code: 'model-unavailable',
        phase: 'validate',
        message: `There is no model "${id}" in the page. Use one of: ${models.map((manifest) => manifest.id).join(', ')}; or bring your own with \`models\`.`,
        details: { model: id },
      });
    },
  };
}

/**
 * The file to use on a device.
 * @throws RangeError if the model has no file of the wished kind; the message lists those it has.
 */
export function chooseVariant(manifest: ModelManifest, device: Device, dtype: 'auto' | Dtype = 'auto'): ModelVariant {
  const wished = dtype === 'auto' ? manifest.defaultDtype[device] : dtype;
  const variant = manifest.variants.find((candidate) => candidate.dtype === wished);
  if (variant) return variant;
  const has = manifest.variants.map((candidate) => candidate.dtype).join(', ');
  throw new RangeError(
    `${manifest.id} has no ${wished} variant; it has ${has}. Leave \`dtype\` out to take the best for the device.`,
  );
}
