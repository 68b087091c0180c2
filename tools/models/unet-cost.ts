import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DiffusionManifest } from '../../src/contract/manifest.ts';
import { type GraphOutline, readOutline, withOutputs } from './onnx-file.ts';
import { type Shape, shapeOf, size } from './shapes.ts';

/** Side of the picture that the multiply-adds are counted for: so large that what does not grow with it (the prompt) hardly counts. */
const SIDE_PX = 256;

const COUNTED = new Set(['Conv', 'MatMul', 'Gemm']);

/**
 * Multiply-adds of a U-Net's convolutions and matrix products per pixel of the working size and row, rounded. The shapes come from a run
 * of the graph itself, as published graphs compute many of theirs.
 */
export async function unetMacsPerPixel(
  file: Uint8Array,
  model: Pick<DiffusionManifest, 'vae' | 'unet'> & { readonly tokenizer: { readonly maxTokens: number } },
): Promise<number> {
  const outline = readOutline(file);
  const shapes = await runtimeShapes(file, outline, model);
  let macs = 0;
  for (const { op, inputs, outputs } of outline.nodes) {
    if (!COUNTED.has(op)) continue;
    const [first, second, result] = [...inputs.slice(0, 2), ...outputs].map((name) => shapeOf(shapes, name));
    if (!first || !second || !result) throw new Error(`${op} must have two inputs and an output.`);
    const perValue = op === 'Conv' ? size(second) / (second[0] ?? 1) : (first.at(-1) ?? 1);
    macs += size(result) * perValue;
  }
  return Math.round(macs / SIDE_PX ** 2);
}

/** Shapes of all that the counted nodes read and give, in one run for one row. */
async function runtimeShapes(
  file: Uint8Array,
  { nodes, constants, outputs }: GraphOutline,
  { vae, unet, tokenizer }: Parameters<typeof unetMacsPerPixel>[1],
): Promise<ReadonlyMap<string, Shape>> {
  const produced = new Set(nodes.flatMap((one) => one.outputs));
  const counted = nodes
    .filter(({ op }) => COUNTED.has(op))
    .flatMap((one) => [...one.inputs.slice(0, 2), ...one.outputs]);
  const wanted = [...new Set(counted)].filter((name) => produced.has(name) && !outputs.includes(name));
  const session = await InferenceSession.create(withOutputs(file, wanted), {
    graphOptimizationLevel: 'disabled',
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
  });
  const side = SIDE_PX / vae.downscale;
  const text = session.inputMetadata.find(({ name }) => name === 'encoder_hidden_states');
  const textWidth = text?.isTensor ? Number(text.shape[2]) : 0;
  const inputs = {
    sample: zeros([1, unet.inChannels, side, side]),
    timestep: zeros([]),
    encoder_hidden_states: zeros([1, tokenizer.maxTokens, textWidth]),
  };
  const results = await session.run(inputs);
  await session.release();
  return new Map([
    ...constants,
    ...Object.entries({ ...inputs, ...results }).map(([name, { dims }]): [string, Shape] => [name, dims]),
  ]);
}

function zeros(dims: Shape): Tensor {
  return new Tensor('float32', new Float32Array(size(dims)), dims);
}
