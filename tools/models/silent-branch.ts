import type { Graph, GraphNode } from './graph.ts';
import { constantOf, float32, inputOf, outputOf } from './graph.ts';

/**
 * Replaces a convolution whose input is zero for every picture by its bias, and drops all that only fed it.
 *
 * For the style networks: training drove the last sum of their quarter-resolution branch below zero, so the Relu after it
 * gives nothing and 97 % of the weights do not reach the result. That is measured, not proven: silent-branch.test.ts runs
 * both forms. Pictures, plain colours and noise come out bit by bit the same in all four; full-contrast stripes about 9 px
 * apart stir tintype-style-starry-night's branch and move its result by up to 4.7 levels of 255.
 * @param convOutput name of the convolution's output.
 */
export function replaceSilentConv(graph: Graph, convOutput: string): Graph {
  const silent = graph.nodes.find((one) => one.op === 'Conv' && one.outputs.includes(convOutput));
  if (!silent) throw new Error(`${graph.name} has no convolution that gives ${convOutput}.`);
  const biasName = inputOf(silent, 2);
  const bias = constantOf(graph, biasName, 'float32');
  const nodes = graph.nodes
    .filter((one) => one !== silent)
    .map((one) => ({ ...one, inputs: one.inputs.map((name) => (name === convOutput ? biasName : name)) }));
  const constants = new Map(graph.constants).set(biasName, float32(bias.data, [1, bias.data.length, 1, 1]));
  return dropUnused({ ...graph, nodes, constants });
}

function dropUnused(graph: Graph): Graph {
  const used = new Set([graph.output.name]);
  const nodes: GraphNode[] = [];
  for (const one of graph.nodes.toReversed()) {
    if (!used.has(outputOf(one))) continue;
    nodes.unshift(one);
    for (const name of one.inputs) used.add(name);
  }
  return { ...graph, nodes, constants: new Map([...graph.constants].filter(([name]) => used.has(name))) };
}
