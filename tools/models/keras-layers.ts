import type { Constant, Graph, GraphNode } from './graph.ts';
import { float32, node } from './graph.ts';
import type { KerasLayer, WeightReader } from './layers-model.ts';

/** What a layer becomes: nodes whose last output carries the layer's name, and their constants. */
interface Converted {
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly (readonly [string, Constant])[];
}

/**
 * Converts a functional Keras model of picture layers to planes: `[n, h, w, c]` in the model, `[n, c, h, w]` in the graph,
 * the same sums. Input `image`, output `result`: float32 `[n, 3, h, w]`, RGB, 0..255 (not clipped).
 * @throws Error on a layer, or a setting of one, that is not converted: never a graph that is only nearly the same.
 */
export function convertKerasLayers(name: string, layers: readonly KerasLayer[], weights: WeightReader): Graph {
  const [first] = layers;
  const last = layers.at(-1);
  if (first?.class_name !== 'InputLayer' || !last) throw new Error(`${name} does not begin with an input layer.`);
  const rename = (layer: string): string => {
    if (layer === first.name) return 'image';
    return layer === last.name ? 'result' : layer;
  };
  const converted = layers.slice(1).map((layer) => {
    const inputs = (layer.inbound_nodes[0] ?? []).map(([from]) => rename(from));
    return convertLayer(layer, inputs, rename(layer.name), weights);
  });
  return {
    name,
    input: { name: 'image', type: 'float32', dims: ['n', 3, 'h', 'w'] },
    output: { name: 'result', type: 'float32', dims: ['n', 3, 'H', 'W'] },
    nodes: converted.flatMap(({ nodes }) => nodes),
    constants: new Map(converted.flatMap(({ constants }) => constants)),
  };
}

function convertLayer(layer: KerasLayer, inputs: readonly string[], output: string, weights: WeightReader): Converted {
  switch (layer.class_name) {
    case 'Conv2D':
      return convertConv(layer, inputs, output, weights);
    case 'Activation':
      expectConfig(layer, { activation: 'relu' });
      return { nodes: [node('Relu', inputs, output)], constants: [] };
    case 'Concatenate':
      expectConfig(layer, { axis: 3 });
      return { nodes: [node('Concat', inputs, output, { axis: { kind: 'int', value: 1 } })], constants: [] };
    case 'Add':
      if (inputs.length !== 2) throw new Error(`${layer.name} adds ${inputs.length} tensors, not two.`);
      return { nodes: [node('Add', inputs, output)], constants: [] };
    case 'UpSampling2D':
      return convertUpSampling(layer, inputs, output);
    default:
      throw new Error(`${layer.name}: layers of class ${layer.class_name} are not converted.`);
  }
}

function convertConv(layer: KerasLayer, inputs: readonly string[], output: string, weights: WeightReader): Converted {
  expectConfig(layer, { strides: [1, 1], dilation_rate: [1, 1], groups: 1, activation: 'linear', use_bias: true });
  const kernel = weights(`${layer.name}/kernel`);
  const [height, width, inChannels, outChannels] = kernel.dims;
  if (!height || !width || !inChannels || !outChannels || height % 2 === 0 || width % 2 === 0) {
    throw new Error(`${layer.name} has a kernel of ${kernel.dims.join(' x ')}; odd sizes are converted.`);
  }
  const { padding } = layer.config;
  if (padding !== 'same' && !(padding === 'valid' && height * width === 1)) {
    throw new Error(`${layer.name} has padding "${padding}".`);
  }
  const outermost = outChannels;
  const planes = new Float32Array(kernel.data.length);
  const area = height * width;
  for (let at = 0; at < kernel.data.length; at++) {
    const out = at % outermost;
    const channel = Math.floor(at / outermost) % inChannels;
    const tap = Math.floor(at / (outermost * inChannels));
    planes[(out * inChannels + channel) * area + tap] = kernel.data[at] ?? 0;
  }
  const w = `${layer.name}.w`;
  const b = `${layer.name}.b`;
  const [top, left] = [(height - 1) / 2, (width - 1) / 2];
  return {
    nodes: [node('Conv', [...inputs, w, b], output, { pads: { kind: 'ints', value: [top, left, top, left] } })],
    constants: [
      [w, float32(planes, [outChannels, inChannels, height, width])],
      [b, weights(`${layer.name}/bias`)],
    ],
  };
}

function convertUpSampling(layer: KerasLayer, inputs: readonly string[], output: string): Converted {
  expectConfig(layer, { interpolation: 'nearest' });
  const size = layer.config.size as readonly [number, number];
  const scales = `${layer.name}.scales`;
  const resize = node('Resize', [...inputs, '', scales], output, {
    coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
    mode: { kind: 'string', value: 'nearest' },
    nearest_mode: { kind: 'string', value: 'floor' },
  });
  return { nodes: [resize], constants: [[scales, float32([1, 1, ...size])]] };
}

function expectConfig({ name, config }: KerasLayer, expected: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(expected)) {
    if (JSON.stringify(config[key]) !== JSON.stringify(value)) {
      throw new Error(`${name}: ${key} is ${JSON.stringify(config[key])}; only ${JSON.stringify(value)} is converted.`);
    }
  }
}
