/** Element types that occur in our graphs. */
export type ElementType = 'float32' | 'uint8' | 'int8' | 'int64';

interface DataOf {
  readonly float32: Float32Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int64: BigInt64Array;
}

/** A constant of a graph: weights, pads, slice bounds. Row-major; `data.length` is the product of `dims`; no dims: a scalar. */
export interface Constant<T extends ElementType = ElementType> {
  readonly type: T;
  readonly dims: readonly number[];
  readonly data: DataOf[T];
}

/** One value of a node's attribute, with the kind that the file has to state. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string };

/** One operation. An optional input that is left out is the empty string, as in ONNX. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An input or output of a graph; a string stands for a size that is known only when it runs. */
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

/** A network: nodes in an order in which they can run. Never changed in place; each step makes a new one. */
export interface Graph {
  readonly name: string;
  readonly input: GraphValue;
  readonly output: GraphValue;
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
}

/** Makes a node with one output. */
export function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphNode {
  return { op, inputs, outputs: [output], attributes };
}

/** @param dims by default one axis of all values. */
export function float32(values: ArrayLike<number>, dims: readonly number[] = [values.length]): Constant<'float32'> {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** A float32 constant without axes. */
export function scalar(value: number): Constant<'float32'> {
  return float32([value], []);
}

/** One axis of int64, as pads, axes and slice bounds want them. */
export function int64(values: readonly number[]): Constant<'int64'> {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** The node's only output. */
export function outputOf(one: GraphNode): string {
  const [output, ...others] = one.outputs;
  if (output === undefined || others.length > 0)
    throw new Error(`${one.op} has ${one.outputs.length} outputs, not one.`);
  return output;
}

/** Input `index` of a node, which must be there. */
export function inputOf(one: GraphNode, index: number): string {
  const input = one.inputs[index];
  if (!input) throw new Error(`${one.op} (${one.outputs.join()}) has no input ${index}.`);
  return input;
}

/** A constant of a stated type, by the name that a node uses for it. */
export function constantOf<T extends ElementType>(graph: Graph, name: string, type: T): Constant<T> {
  const constant = graph.constants.get(name);
  if (!constant) throw new Error(`${name} is not a constant of ${graph.name}.`);
  if (!isOfType(constant, type)) throw new Error(`${name} of ${graph.name} is ${constant.type}, not ${type}.`);
  return constant;
}

/** An attribute that is one whole number; `fallback` is the standard's default. */
export function intAttribute(one: GraphNode, name: string, fallback: number): number {
  const attribute = one.attributes[name];
  if (!attribute) return fallback;
  if (attribute.kind !== 'int') throw new Error(`${name} of ${one.op} is ${attribute.kind}, not int.`);
  return attribute.value;
}

/** An attribute that is a list of whole numbers; `fallback` is the standard's default. */
export function intsAttribute(one: GraphNode, name: string, fallback: readonly number[]): readonly number[] {
  const attribute = one.attributes[name];
  if (!attribute) return fallback;
  if (attribute.kind !== 'ints') throw new Error(`${name} of ${one.op} is ${attribute.kind}, not ints.`);
  return attribute.value;
}

function isOfType<T extends ElementType>(constant: Constant, type: T): constant is Constant<T> {
  return constant.type === type;
}
