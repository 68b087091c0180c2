import type { Graph, GraphNode } from './graph.ts';
import { constantOf, inputOf, intAttribute, intsAttribute, outputOf } from './graph.ts';

/** Rows (or columns) of a tensor, both ends included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Output positions that are tried; more than any period of strides and scales that we meet. */
const POSITIONS = 96;
/** Far enough from the beginning that no span reaches below 0; a multiple of every stride. */
const START = 96 * 96;

const PIXELWISE = new Set(['Sub', 'Add', 'Mul', 'LeakyRelu', 'Relu', 'Clip', 'Concat']);

/**
 * Radius, in input pixels, of what an output pixel depends on: the farthest input row or column from the one that lies
 * under the output pixel, over all phases of strides and scales. Follows spans of rows backwards through a float32 graph
 * on planes, so it is exact for the hull; inputs whose weights happen to be zero are counted.
 */
export function receptiveFieldRadius(planes: Graph, scale: number): number {
  let radius = 0;
  for (const axis of [2, 3] as const) {
    for (let at = START * scale; at < (START + POSITIONS) * scale; at++) {
      const under = Math.floor(at / scale);
      const { from, to } = inputSpan(planes, { from: at, to: at }, axis);
      radius = Math.max(radius, under - from, to - under);
    }
  }
  return radius;
}

function inputSpan(graph: Graph, wanted: Span, axis: 2 | 3): Span {
  const spans = new Map<string, Span>([[graph.output.name, wanted]]);
  for (const one of graph.nodes.toReversed()) {
    const span = spans.get(outputOf(one));
    if (!span) continue;
    for (const input of one.inputs) {
      if (!input || graph.constants.has(input)) continue;
      const needed = neededSpan(graph, one, span, axis);
      const known = spans.get(input) ?? needed;
      spans.set(input, { from: Math.min(known.from, needed.from), to: Math.max(known.to, needed.to) });
    }
  }
  const span = spans.get(graph.input.name);
  if (!span) throw new Error(`The output of ${graph.name} does not depend on its input.`);
  return span;
}

function neededSpan(graph: Graph, one: GraphNode, { from, to }: Span, axis: 2 | 3): Span {
  if (PIXELWISE.has(one.op)) return { from, to };
  const spatial = axis - 2;
  switch (one.op) {
    case 'Conv': {
      const kernel = constantOf(graph, inputOf(one, 1), 'float32').dims[axis] ?? 1;
      const stride = intsAttribute(one, 'strides', [1, 1])[spatial] ?? 1;
      const pad = intsAttribute(one, 'pads', [0, 0, 0, 0])[spatial] ?? 0;
      return { from: from * stride - pad, to: to * stride - pad + kernel - 1 };
    }
    case 'Pad': {
      const pad = Number(constantOf(graph, inputOf(one, 1), 'int64').data[axis]);
      return { from: from - pad, to: to - pad };
    }
    case 'Resize':
      return divided({ from, to }, constantOf(graph, inputOf(one, 2), 'float32').data[axis] ?? 1);
    case 'DepthToSpace':
      return divided({ from, to }, intAttribute(one, 'blocksize', 1));
    default:
      throw new Error(`What ${one.op} depends on is not known here.`);
  }
}

function divided({ from, to }: Span, factor: number): Span {
  return { from: Math.floor(from / factor), to: Math.floor(to / factor) };
}
