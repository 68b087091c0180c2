import { type Graph, node, scalar } from './graph.js';

/** The same network with the names of transformers.js's pipeline and its values of 0 to 1; the two Muls are over three channels only. */
export function asSwin2sr(planes: Graph): Graph {
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
