import type { Constant, Graph, GraphNode } from './graph.ts';
import { constantOf, float32, inputOf, node, outputOf } from './graph.ts';
import { isInnerKernel } from './inner-kernel.ts';
import { ELEMENT_CODES } from './onnx-file.ts';

/** Least and largest value that a tensor of a graph is expected to hold, by channel. */
export interface Range {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Ranges by the tensor's name. */
export type Ranges = Readonly<Record<string, Range>>;

/** Weights are symmetric about this: the runtime's kernels want one zero point for all channels. */
const WEIGHT_ZERO = 128;
const WEIGHT_STEPS = 127;

/**
 * Turns convolutions into `QuantizeLinear -> ConvInteger`. Activations are **uint8** over ranges that are fixed beforehand, one per
 * channel: so every tile of a picture is rounded alike, and a channel that holds little is not rounded as one that holds much. The
 * channel's scale goes into the weights, which are uint8 about a fixed zero with one scale per output channel. Signed weights would
 * be 8.7 times slower than float32 on WASM, which has integer kernels for unsigned ones only. WebGPU has none: there these nodes
 * fall to the CPU.
 * @param ranges Of each of {@link quantizedSources}, see calibrate.ts. What goes beyond is cut off.
 */
export function quantizeActivations(graph: Graph, ranges: Ranges): Graph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Constant>(graph.constants);
  const quantized = new Set<string>();
  for (const one of graph.nodes) {
    const kernelName = innerKernelOf(graph, one);
    if (!kernelName) {
      nodes.push(one);
      continue;
    }
    const source = inputOf(one, 0);
    const step = stepOf(rangeOf(ranges, source));
    if (!quantized.has(source)) {
      quantized.add(source);
      nodes.push(
        node('QuantizeLinear', [source, `${source}.qs`, `${source}.qz`], `${source}.q`, {
          axis: { kind: 'int', value: 1 },
        }),
      );
      // One zero per channel for QuantizeLinear, one for all for ConvInteger: the same.
      constants.set(`${source}.qs`, float32(step.scales));
      constants.set(`${source}.qz`, {
        type: 'uint8',
        dims: [step.scales.length],
        data: new Uint8Array(step.scales.length).fill(step.zero),
      });
      constants.set(`${source}.qzero`, { type: 'uint8', dims: [], data: Uint8Array.of(step.zero) });
    }
    nodes.push(...integerConv(one, source, kernelName));
    for (const [name, constant] of integerConstants(graph, one, kernelName, step.scales)) constants.set(name, constant);
    constants.delete(kernelName);
    constants.delete(inputOf(one, 2));
  }
  return { ...graph, nodes, constants };
}

/** The tensors whose ranges {@link quantizeActivations} asks for. */
export function quantizedSources(graph: Graph): readonly string[] {
  return [...new Set(graph.nodes.filter((one) => innerKernelOf(graph, one)).map((one) => inputOf(one, 0)))];
}

function innerKernelOf(graph: Graph, one: GraphNode): string | undefined {
  if (one.op !== 'Conv') return undefined;
  const name = inputOf(one, 1);
  return isInnerKernel(constantOf(graph, name, 'float32').dims) ? name : undefined;
}

function rangeOf(ranges: Ranges, source: string): Range {
  const range = ranges[source];
  if (!range) throw new Error(`There is no range for ${source}. Run: npm run models:calibrate`);
  return range;
}

/** Zero is a step of its own, for it is what convolutions pad with; and the same for all channels, as the kernels want it. */
function stepOf({ least, most }: Range): { readonly scales: readonly number[]; readonly zero: number } {
  if (least.every((value) => value >= 0))
    return { scales: most.map((value) => Math.fround(value / 255) || 1), zero: 0 };
  const scales = most.map((value, channel) => Math.max(value / 127, -(least[channel] ?? 0) / 128));
  return { scales: scales.map((scale) => Math.fround(scale) || 1), zero: 128 };
}

function integerConv(conv: GraphNode, source: string, kernelName: string): GraphNode[] {
  const output = outputOf(conv);
  return [
    node(
      'ConvInteger',
      [`${source}.q`, `${kernelName}8`, `${source}.qzero`, `${kernelName}z`],
      `${output}.i`,
      conv.attributes,
    ),
    node('Cast', [`${output}.i`], `${output}.f`, { to: { kind: 'int', value: ELEMENT_CODES.float32 } }),
    node('Mul', [`${output}.f`, `${kernelName}s`], `${output}.m`),
    node('Add', [`${output}.m`, `${inputOf(conv, 2)}.planes`], output),
  ];
}

function integerConstants(
  graph: Graph,
  conv: GraphNode,
  kernelName: string,
  inputScales: readonly number[],
): [string, Constant][] {
  const kernel = constantOf(graph, kernelName, 'float32');
  const biasName = inputOf(conv, 2);
  const bias = constantOf(graph, biasName, 'float32');
  const [channels = 1, inputs = 1] = kernel.dims;
  const perChannel = kernel.data.length / channels;
  const perInput = perChannel / inputs;
  const scaled = kernel.data.map((value, at) => value * (inputScales[Math.floor(at / perInput) % inputs] ?? 1));
  const scales = Array.from({ length: channels }, (_, channel) => {
    const part = scaled.subarray(channel * perChannel, (channel + 1) * perChannel);
    return Math.fround(part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / WEIGHT_STEPS) || 1;
  });
  const data = Uint8Array.from(
    scaled,
    (value, at) => Math.round(value / (scales[Math.floor(at / perChannel)] ?? 1)) + WEIGHT_ZERO,
  );
  return [
    [`${kernelName}8`, { type: 'uint8', dims: kernel.dims, data }],
    [`${kernelName}s`, float32(scales, [1, channels, 1, 1])],
    [`${kernelName}z`, { type: 'uint8', dims: [], data: Uint8Array.of(WEIGHT_ZERO) }],
    [`${biasName}.planes`, float32(bias.data, [1, bias.data.length, 1, 1])],
  ];
}
