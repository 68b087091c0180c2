import type { Constant, Graph, GraphNode } from './graph.ts';
import { constantOf, float32, inputOf, node, outputOf, scalar } from './graph.ts';
import { isInnerKernel } from './inner-kernel.ts';
import { ELEMENT_CODES } from './onnx-file.ts';

const STEPS = 255;

/**
 * Turns convolutions into `DynamicQuantizeLinear -> ConvInteger`: activations are quantized by their range in each run,
 * weights are **uint8**, one scale and zero point per tensor. Signed weights would be 8.7 times slower than float32 on
 * WASM, which has integer kernels for unsigned ones only. WebGPU has none: there these nodes fall to the CPU.
 */
export function quantizeDynamic(graph: Graph): Graph {
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Constant>(graph.constants);
  const quantized = new Set<string>();
  for (const one of graph.nodes) {
    const kernelName = one.op === 'Conv' ? inputOf(one, 1) : undefined;
    const kernel = kernelName && constantOf(graph, kernelName, 'float32');
    if (!kernelName || !kernel || !isInnerKernel(kernel.dims)) {
      nodes.push(one);
      continue;
    }
    const source = inputOf(one, 0);
    if (!quantized.has(source)) {
      quantized.add(source);
      nodes.push({
        op: 'DynamicQuantizeLinear',
        inputs: [source],
        outputs: [`${source}.q`, `${source}.qs`, `${source}.qz`],
        attributes: {},
      });
    }
    nodes.push(...integerConv(one, source, kernelName));
    for (const [name, constant] of integerConstants(graph, one, kernelName, kernel)) constants.set(name, constant);
    constants.delete(kernelName);
    constants.delete(inputOf(one, 2));
  }
  return { ...graph, nodes, constants };
}

function integerConv(conv: GraphNode, source: string, kernelName: string): GraphNode[] {
  const output = outputOf(conv);
  const bias = inputOf(conv, 2);
  return [
    node(
      'ConvInteger',
      [`${source}.q`, `${kernelName}8`, `${source}.qz`, `${kernelName}z`],
      `${output}.i`,
      conv.attributes,
    ),
    node('Cast', [`${output}.i`], `${output}.f`, { to: { kind: 'int', value: ELEMENT_CODES.float32 } }),
    node('Mul', [`${source}.qs`, `${kernelName}s`], `${output}.s`),
    node('Mul', [`${output}.f`, `${output}.s`], `${output}.m`),
    node('Add', [`${output}.m`, `${bias}.planes`], output),
  ];
}

function integerConstants(
  graph: Graph,
  conv: GraphNode,
  kernelName: string,
  kernel: Constant<'float32'>,
): [string, Constant][] {
  const biasName = inputOf(conv, 2);
  const bias = constantOf(graph, biasName, 'float32');
  const low = kernel.data.reduce((least, value) => Math.min(least, value), 0);
  const high = kernel.data.reduce((most, value) => Math.max(most, value), 0);
  const scale = Math.fround((high - low) / STEPS) || 1;
  const zero = Math.round(-low / scale);
  const data = Uint8Array.from(kernel.data, (value) => Math.max(0, Math.min(STEPS, Math.round(value / scale) + zero)));
  return [
    [`${kernelName}8`, { type: 'uint8', dims: kernel.dims, data }],
    [`${kernelName}s`, scalar(scale)],
    [`${kernelName}z`, { type: 'uint8', dims: [], data: Uint8Array.of(zero) }],
    [`${biasName}.planes`, float32(bias.data, [1, bias.data.length, 1, 1])],
  ];
}
