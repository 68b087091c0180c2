import type { Graph } from './graph.ts';
import { inputOf, outputOf } from './graph.ts';
import { inferShapes, shapeOf, size } from './shapes.ts';

/** A side that all strides and scales of our networks divide, so that sums per pixel come out exact. */
const SIDE = 96;

/** Work and memory of a float32 graph, per input pixel. */
export interface Cost {
  /** Multiply-adds of the convolutions. */
  readonly macsPerPixel: number;
  /**
   * Most bytes of float32 activations alive at once. A value lives from the node that makes it to the last that reads it;
   * all inputs of a node live while it runs. Relu, LeakyRelu and Clip count as done in place, since runtimes fuse them
   * into the convolution before or reuse its buffer; the scratch memory of a convolution is not counted.
   */
  readonly activationBytesPerPixel: number;
}

const IN_PLACE = new Set(['Relu', 'LeakyRelu', 'Clip']);

/** Measures a graph, baked or on planes, before it is quantized. */
export function graphCost(graph: Graph): Cost {
  const shapes = inferShapes(graph, SIDE);
  let macs = 0;
  for (const one of graph.nodes) {
    if (one.op !== 'Conv') continue;
    const [, inChannels = 1, height = 1, width = 1] = shapeOf(shapes, inputOf(one, 1));
    macs += size(shapeOf(shapes, outputOf(one))) * inChannels * height * width;
  }
  return { macsPerPixel: macs / SIDE ** 2, activationBytesPerPixel: peakBytes(graph) / SIDE ** 2 };
}

function peakBytes(graph: Graph): number {
  const shapes = inferShapes(graph, SIDE);
  const bytesOf = (name: string): number => {
    const isByte = name === graph.input.name || name === graph.output.name ? graph.input.type === 'uint8' : false;
    return size(shapeOf(shapes, name)) * (isByte ? 1 : 4);
  };
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((one, at) => {
    for (const input of one.inputs) lastUse.set(input, at);
  });
  const alive = new Map([[graph.input.name, bytesOf(graph.input.name)]]);
  let peak = 0;
  graph.nodes.forEach((one, at) => {
    const dying = one.inputs.filter((name) => alive.has(name) && lastUse.get(name) === at);
    if (IN_PLACE.has(one.op)) for (const name of dying) alive.delete(name);
    alive.set(outputOf(one), bytesOf(outputOf(one)));
    peak = Math.max(
      peak,
      [...alive.values()].reduce((sum, bytes) => sum + bytes, 0),
    );
    for (const name of dying) alive.delete(name);
  });
  return peak;
}
