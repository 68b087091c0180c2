import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { networkOf } from '../../tools/models/build-model.js';
import { type Graph, node, scalar } from '../../tools/models/graph.js';
import { MODEL_SPECS } from '../../tools/models/model-specs.js';
import { writeOnnx } from '../../tools/models/onnx-file.js';

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

/** The same network with the pipeline's names and its values of 0 to 1; the two Muls are over three channels only. */
function asSwin2sr(planes: Graph): Graph {
  const renamed = (name: string): string => {
    if (name === planes.input.name) return 'swin2sr.planes';
    return name === planes.output.name ? 'swin2sr.painted' : name;
  };
  return {
    name: planes.name,
    input: { ...planes.input, name: 'pixel_values' },
    output: { ...planes.output, name: 'reconstruction' },
    nodes: [
      node('Mul', ['pixel_values', 'swin2sr.full'], 'swin2sr.planes'),
      ...planes.nodes.map((one) => ({
        ...one,
        inputs: one.inputs.map(renamed),
        outputs: one.outputs.map(renamed),
      })),
      node('Mul', ['swin2sr.painted', 'swin2sr.unit'], 'reconstruction'),
    ],
    constants: new Map([...planes.constants, ['swin2sr.full', scalar(255)], ['swin2sr.unit', scalar(1 / 255)]]),
  };
}
