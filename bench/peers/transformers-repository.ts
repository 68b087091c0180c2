import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { networkOf } from '../../tools/models/build-model.js';
import { MODEL_SPECS } from '../../tools/models/model-specs.js';
import { writeOnnx } from '../../tools/models/onnx-file.js';
import { asSwin2sr } from '../../tools/models/swin2sr-graph.js';

/**
 * Writes one of our networks, float32, as a repository that transformers.js' `image-to-image` pipeline accepts: it takes
 * models of type swin2sr only, from the Hub's layout `{id}/resolve/{revision}/{file}`.
 */
export function writeTransformersRepository(folder: string, model: string): void {
  const spec = MODEL_SPECS.find(({ id }) => id === model);
  if (!spec) throw new Error(`There is no model ${model} to write a repository of.`);
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'config.json': JSON.stringify({
      architectures: ['Swin2SRForImageSuperResolution'],
      model_type: 'swin2sr',
      upscale: spec.scale,
    }),
    // No padding: our networks take every size, and each padded pixel would be work for nothing.
    'preprocessor_config.json': JSON.stringify({
      image_processor_type: 'Swin2SRImageProcessor',
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_pad: false,
    }),
    'onnx/model.onnx': writeOnnx(asSwin2sr(networkOf(spec))),
  };
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, model, 'resolve', 'main', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
