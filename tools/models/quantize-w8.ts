import type { Constant, Graph, GraphNode } from './graph.ts';
import { constantOf, float32, inputOf, node } from './graph.ts';
import { isInnerKernel } from './inner-kernel.ts';
import { ELEMENT_CODES } from './onnx-file.ts';

const STEPS = 127;

/**
 * Stores convolution kernels as int8 with one scale per output channel: `int8 -> Cast -> Mul(scale) -> Conv`, symmetric,
 * biases float. A runtime folds Cast and Mul when it opens the session, so the sums and the speed are float32's on every
 * device, and no operator of quantization, for which WebGPU has no kernels, occurs.
 */
export function quantizeWeights(graph: Graph): Graph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Constant>(graph.constants);
  for (const one of graph.nodes) {
    const kernelName = one.op === 'Conv' ? inputOf(one, 1) : undefined;
    const kernel = kernelName && constantOf(graph, kernelName, 'float32');
    if (!kernelName || !kernel || !isInnerKernel(kernel.dims)) {
      nodes.push(one);
      continue;
    }
    const { weights, scales } = quantizePerChannel(kernel);
    constants.delete(kernelName);
    constants.set(`${kernelName}8`, weights);
    constants.set(`${kernelName}s`, scales);
    nodes.push(
      node('Cast', [`${kernelName}8`], `${kernelName}f`, { to: { kind: 'int', value: ELEMENT_CODES.float32 } }),
      node('Mul', [`${kernelName}f`, `${kernelName}s`], kernelName),
      one,
    );
  }
  return { ...graph, nodes, constants };
}

interface Quantized {
  /** `[out, in, height, width]` */
  readonly weights: Constant<'int8'>;
  /** `[out, 1, 1, 1]` */
  readonly scales: Constant<'float32'>;
}

function quantizePerChannel(kernel: Constant<'float32'>): Quantized {
  const [outChannels = 1] = kernel.dims;
  const perChannel = kernel.data.length / outChannels;
  const weights = new Int8Array(kernel.data.length);
  const scales = new Float32Array(outChannels);
  for (let out = 0; out < outChannels; out++) {
    const values = kernel.data.subarray(out * perChannel, (out + 1) * perChannel);
    const scale = bestScale(values);
    scales[out] = scale;
    weights.set(
      values.map((value) => toStep(value, scale)),
      out * perChannel,
    );
  }
  return {
    weights: { type: 'int8', dims: kernel.dims, data: weights },
    scales: float32(scales, [outChannels, 1, 1, 1]),
  };
}

/** The scale of least squared error: clipping the largest weights a little often pays for finer steps below. */
function bestScale(values: Float32Array): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 1;
  let best = { scale: 1, error: Number.POSITIVE_INFINITY };
  for (let percent = 100; percent >= 70; percent--) {
    const scale = Math.fround((largest * percent) / 100 / STEPS);
    const error = values.reduce((sum, value) => sum + (value - toStep(value, scale) * scale) ** 2, 0);
    if (error < best.error) best = { scale, error };
  }
  return best.scale;
}

function toStep(value: number, scale: number): number {
  return Math.max(-STEPS, Math.min(STEPS, Math.round(value / scale)));
}
