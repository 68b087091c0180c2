import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { Attribute, Constant, ElementType, Graph, GraphNode, GraphValue } from './graph.ts';

const OPSET = 17;
const IR_VERSION = 8;
const PRODUCER = 'tintype';

/** ONNX's numbers for element types (TensorProto.DataType). */
export const ELEMENT_CODES: Readonly<Record<ElementType, number>> = { float32: 1, uint8: 2, int8: 3, int64: 7 };

const ATTRIBUTE_CODES: Readonly<Record<Attribute['kind'], number>> = { float: 1, int: 2, string: 3, ints: 7 };

const schema = protobuf.parse(readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8')).root;
const modelType = schema.lookupType('onnx.ModelProto');

interface AttributeRecord {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  ints?: readonly number[];
}
interface NodeRecord {
  input: readonly string[];
  output: readonly string[];
  opType: string;
  attribute: AttributeRecord[];
}
interface TensorRecord {
  dims: readonly number[];
  dataType: number;
  name: string;
  rawData: Uint8Array;
}
interface ValueRecord {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } };
}
interface ModelRecord {
  irVersion: number;
  producerName: string;
  graph: { node: NodeRecord[]; name: string; initializer: TensorRecord[]; input: ValueRecord[]; output: ValueRecord[] };
  opsetImport: { domain: string; version: number }[];
}

/**
 * Reads an ONNX file of one input and one output whose constants are stored raw.
 * @throws Error on another opset, an element type or attribute that we do not know, or a constant stored otherwise.
 */
export function readOnnx(bytes: Uint8Array): Graph {
  const record = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as ModelRecord;
  const version = record.opsetImport.find(({ domain }) => !domain)?.version;
  if (version !== OPSET) throw new Error(`The file is of opset ${version}; only ${OPSET} is read.`);
  const { graph } = record;
  const [input, ...otherInputs] = graph.input;
  const [output, ...otherOutputs] = graph.output;
  if (!input || !output || otherInputs.length + otherOutputs.length > 0) {
    throw new Error(`${graph.name} must have one input and one output.`);
  }
  return {
    name: graph.name,
    input: toValue(input),
    output: toValue(output),
    nodes: graph.node.map(toNode),
    constants: new Map(graph.initializer.map((tensor) => [tensor.name, toConstant(tensor)])),
  };
}

/** Writes an ONNX file. The same graph always gives the same bytes: fields in the schema's order, no clock, no names of hosts. */
export function writeOnnx(graph: Graph, alsoOutputs: readonly GraphValue[] = []): Uint8Array {
  const record: ModelRecord = {
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    graph: {
      node: graph.nodes.map(fromNode),
      name: graph.name,
      initializer: [...graph.constants].map(([name, constant]) => fromConstant(name, constant)),
      input: [fromValue(graph.input)],
      output: [graph.output, ...alsoOutputs].map(fromValue),
    },
    opsetImport: [{ domain: '', version: OPSET }],
  };
  return modelType.encode(modelType.fromObject(record)).finish();
}

function toValue({ name, type: { tensorType } }: ValueRecord): GraphValue {
  const dims = tensorType.shape.dim.map(({ dimValue, dimParam }) => dimParam ?? dimValue ?? '?');
  return { name, type: elementType(tensorType.elemType), dims };
}

function fromValue({ name, type, dims }: GraphValue): ValueRecord {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_CODES[type], shape: { dim } } } };
}

function toNode({ input, output, opType, attribute }: NodeRecord): GraphNode {
  return {
    op: opType,
    inputs: input,
    outputs: output,
    attributes: Object.fromEntries(attribute.map((one) => [one.name, toAttribute(one)])),
  };
}

function fromNode({ op, inputs, outputs, attributes }: GraphNode): NodeRecord {
  const attribute = Object.entries(attributes).map(([name, value]) => fromAttribute(name, value));
  return { input: inputs, output: outputs, opType: op, attribute };
}

function toAttribute({ name, type, f, i, s, ints }: AttributeRecord): Attribute {
  if (type === ATTRIBUTE_CODES.float && f !== undefined) return { kind: 'float', value: f };
  if (type === ATTRIBUTE_CODES.int && i !== undefined) return { kind: 'int', value: i };
  if (type === ATTRIBUTE_CODES.string && s) return { kind: 'string', value: new TextDecoder().decode(s) };
  if (type === ATTRIBUTE_CODES.ints) return { kind: 'ints', value: ints ?? [] };
  throw new Error(`Attribute ${name} is of kind ${type}, which is not read.`);
}

function fromAttribute(name: string, attribute: Attribute): AttributeRecord {
  const type = ATTRIBUTE_CODES[attribute.kind];
  switch (attribute.kind) {
    case 'float':
      return { name, type, f: attribute.value };
    case 'int':
      return { name, type, i: attribute.value };
    case 'string':
      return { name, type, s: new TextEncoder().encode(attribute.value) };
    case 'ints':
      return { name, type, ints: attribute.value };
  }
}

function toConstant({ name, dims, dataType, rawData }: TensorRecord): Constant {
  const type = elementType(dataType);
  const { buffer } = Uint8Array.from(rawData ?? []);
  const data = typedArray(type, buffer);
  if (data.length !== dims.reduce((product, size) => product * size, 1)) {
    throw new Error(`Constant ${name} is not stored raw.`);
  }
  return { type, dims, data } as Constant;
}

function fromConstant(name: string, { type, dims, data }: Constant): TensorRecord {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dims, dataType: ELEMENT_CODES[type], name, rawData };
}

function typedArray(type: ElementType, buffer: ArrayBuffer): Constant['data'] {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'uint8':
      return new Uint8Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
  }
}

function elementType(code: number): ElementType {
  for (const [type, known] of Object.entries(ELEMENT_CODES)) if (known === code) return type as ElementType;
  throw new Error(`Element type ${code} is not known here.`);
}

/** The operators of a file in order, also of one with operators or forms that {@link readOnnx} does not know. */
export function readOpTypes(bytes: Uint8Array): readonly string[] {
  const record = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as ModelRecord;
  return record.graph.node.map(({ opType }) => opType);
}

/** What a file computes, without attributes; also of one with operators or forms that {@link readOnnx} does not know. */
export interface GraphOutline {
  readonly nodes: readonly Pick<GraphNode, 'op' | 'inputs' | 'outputs'>[];
  /** Axes of the constants. */
  readonly constants: ReadonlyMap<string, readonly number[]>;
  readonly outputs: readonly string[];
}

export function readOutline(bytes: Uint8Array): GraphOutline {
  const { graph } = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as ModelRecord;
  return {
    nodes: graph.node.map(({ opType, input, output }) => ({ op: opType, inputs: input, outputs: output })),
    constants: new Map(graph.initializer.map(({ name, dims }) => [name, dims])),
    outputs: graph.output.map(({ name }) => name),
  };
}

/** A file that also gives these float32 values inside. What is appended to a protocol buffer is merged into it by whoever reads it. */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const output = names.map((name) => ({ name, type: { tensorType: { elemType: ELEMENT_CODES.float32 } } }));
  return Buffer.concat([bytes, modelType.encode(modelType.fromObject({ graph: { output } })).finish()]);
}
