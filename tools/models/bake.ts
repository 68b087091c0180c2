import type { Attribute, Constant, Graph, GraphNode } from './graph.ts';
import { constantOf, inputOf, int64, node, outputOf, scalar } from './graph.ts';
import { ELEMENT_CODES } from './onnx-file.ts';

/** The names of every baked graph's input and output. */
export const INPUT_NAME = 'image';
export const OUTPUT_NAME = 'result';

/**
 * Wraps a network on planes (float32 `[n, 3, h, w]`, RGB, 0..255, in and out) so that it takes and gives pixels:
 * uint8 `[1, h, w, 4]` RGBA in, its alpha ignored; uint8 `[1, s*h, s*w, 4]` RGBA out, clipped, rounded, alpha 255.
 *
 * All between the two Casts is float, because WebGPU has no kernels for bytes but Cast. The alpha plane is added while
 * planes are apart: padding the innermost axis after the Transpose cost 5 % of tintype-sr-x2 on WASM, this 1 % (256x256).
 */
export function bakePixels(planes: Graph): Graph {
  const inner = renameValues(planes, (name) => {
    if (name === planes.input.name) return 'planes';
    return name === planes.output.name ? 'painted' : name;
  });
  const clip: readonly GraphNode[] = endsInClip(inner)
    ? []
    : [node('Clip', ['painted', 'pixel.zero', 'pixel.full'], 'clipped')];
  const network = clip.length > 0 ? 'clipped' : 'painted';
  return {
    name: planes.name,
    input: { name: INPUT_NAME, type: 'uint8', dims: [1, 'height', 'width', 4] },
    output: { name: OUTPUT_NAME, type: 'uint8', dims: [1, 'outHeight', 'outWidth', 4] },
    nodes: [
      node('Cast', [INPUT_NAME], 'floats', castTo('float32')),
      node('Transpose', ['floats'], 'channels', permutation(0, 3, 1, 2)),
      node('Slice', ['channels', 'rgb.begin', 'rgb.end', 'rgb.axis'], 'planes'),
      ...inner.nodes,
      ...clip,
      node('Add', [network, 'pixel.half'], 'rounded'),
      node('Pad', ['rounded', 'alpha.pads', 'pixel.full'], 'opaque'),
      node('Transpose', ['opaque'], 'pixels', permutation(0, 2, 3, 1)),
      node('Cast', ['pixels'], OUTPUT_NAME, castTo('uint8')),
    ],
    constants: new Map<string, Constant>([
      ...inner.constants,
      ['rgb.begin', int64([0])],
      ['rgb.end', int64([3])],
      ['rgb.axis', int64([1])],
      ...(clip.length > 0 ? [['pixel.zero', scalar(0)] as const] : []),
      ['pixel.full', scalar(255)],
      ['pixel.half', scalar(0.5)],
      ['alpha.pads', int64([0, 0, 0, 0, 0, 1, 0, 0])],
    ]),
  };
}

function endsInClip(planes: Graph): boolean {
  const last = planes.nodes.find((one) => one.outputs.includes(planes.output.name));
  if (last?.op !== 'Clip') return false;
  const bound = (index: number): number | undefined => constantOf(planes, inputOf(last, index), 'float32').data[0];
  if (bound(1) !== 0 || bound(2) !== 255)
    throw new Error(`${planes.name} clips to ${bound(1)}..${bound(2)}, not 0..255.`);
  return true;
}

function renameValues(graph: Graph, rename: (name: string) => string): Graph {
  const reserved = new Set([INPUT_NAME, OUTPUT_NAME]);
  for (const one of graph.nodes) {
    if (reserved.has(rename(outputOf(one))))
      throw new Error(`${graph.name} already has a value called ${outputOf(one)}.`);
  }
  return {
    ...graph,
    input: { ...graph.input, name: rename(graph.input.name) },
    output: { ...graph.output, name: rename(graph.output.name) },
    nodes: graph.nodes.map((one) => ({ ...one, inputs: one.inputs.map(rename), outputs: one.outputs.map(rename) })),
  };
}

function castTo(type: 'float32' | 'uint8'): Readonly<Record<string, Attribute>> {
  return { to: { kind: 'int', value: ELEMENT_CODES[type] } };
}

function permutation(...axes: readonly number[]): Readonly<Record<string, Attribute>> {
  return { perm: { kind: 'ints', value: axes } };
}
