import type { Graph, GraphNode } from './graph.ts';
import { constantOf, inputOf, intAttribute, intsAttribute, outputOf } from './graph.ts';

/** Axes of a tensor of planes: `[n, c, h, w]`; a baked graph's pixels are `[n, h, w, c]`. */
export type Shape = readonly number[];

/** Operators whose output has the shape of their largest input. */
const ELEMENTWISE = new Set(['Cast', 'Sub', 'Add', 'Mul', 'LeakyRelu', 'Relu', 'Clip', 'Round']);

/**
 * Shapes of all values of a float32 graph (before quantization) for an input of `[1, side, side, 4]` pixels or
 * `[1, 3, side, side]` planes.
 * @throws Error on an operator that it does not know.
 */
export function inferShapes(graph: Graph, side: number): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  shapes.set(graph.input.name, graph.input.type === 'uint8' ? [1, side, side, 4] : [1, 3, side, side]);
  for (const [name, { dims }] of graph.constants) shapes.set(name, dims);
  for (const one of graph.nodes) shapes.set(outputOf(one), outputShape(graph, one, shapes));
  return shapes;
}

/** The shape of a value that must be known. */
export function shapeOf(shapes: ReadonlyMap<string, Shape>, name: string): Shape {
  const shape = shapes.get(name);
  if (!shape) throw new Error(`The shape of ${name} is not known.`);
  return shape;
}

function outputShape(graph: Graph, one: GraphNode, shapes: ReadonlyMap<string, Shape>): Shape {
  const given = one.inputs.filter((name) => name).map((name) => shapeOf(shapes, name));
  const [shape = [], kernel = []] = given;
  const [n = 1, c = 1, h = 1, w = 1] = shape;
  if (ELEMENTWISE.has(one.op)) return given.reduce((largest, next) => (size(next) > size(largest) ? next : largest));
  switch (one.op) {
    case 'Conv': {
      const [out = 1, , kernelHeight = 1, kernelWidth = 1] = kernel;
      const [strideY = 1, strideX = 1] = intsAttribute(one, 'strides', [1, 1]);
      const [top = 0, left = 0, bottom = 0, right = 0] = intsAttribute(one, 'pads', [0, 0, 0, 0]);
      const outHeight = Math.floor((h + top + bottom - kernelHeight) / strideY) + 1;
      return [n, out, outHeight, Math.floor((w + left + right - kernelWidth) / strideX) + 1];
    }
    case 'DepthToSpace': {
      const block = intAttribute(one, 'blocksize', 1);
      return [n, c / block ** 2, h * block, w * block];
    }
    case 'Resize': {
      const scales = constantOf(graph, inputOf(one, 2), 'float32').data;
      return shape.map((length, axis) => Math.floor(length * (scales[axis] ?? 1)));
    }
    case 'Concat': {
      const axis = intAttribute(one, 'axis', 1);
      return shape.map((length, at) => (at === axis ? given.reduce((sum, next) => sum + (next[at] ?? 0), 0) : length));
    }
    case 'Pad': {
      const pads = constantOf(graph, inputOf(one, 1), 'int64').data;
      return shape.map((length, axis) => length + Number(pads[axis]) + Number(pads[axis + shape.length]));
    }
    case 'Transpose':
      return intsAttribute(one, 'perm', []).map((axis) => shape[axis] ?? 1);
    case 'Slice':
      return [n, 3, h, w];
    default:
      throw new Error(`The shape that ${one.op} gives is not known here.`);
  }
}

/** How many elements a tensor of this shape has. */
export function size(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
