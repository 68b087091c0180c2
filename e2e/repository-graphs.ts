// Variants of a pipeline's graphs that tests need and nobody publishes: made by editing the ONNX files.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { repositoryRoot } from '../tools/repository.js';

/** ONNX's numbers for element types (TensorProto.DataType). */
const FLOAT32 = 1;
const INT32 = 6;
const INT64 = 7;
const FLOAT16 = 10;

/** ONNX's number for weights that are in another file (TensorProto.DataLocation). */
const EXTERNAL = 1;

/** ONNX's number for an attribute that is one whole number (AttributeProto.AttributeType). */
const WHOLE_NUMBER = 2;

interface TensorRecord {
  dims: number[];
  dataType: number;
  name: string;
  rawData: Uint8Array;
  externalData?: { key: string; value: string }[];
  dataLocation?: number;
}
interface AttributeRecord {
  name: string;
  type: number;
  i?: number;
  t?: TensorRecord;
}
interface NodeRecord {
  input: string[];
  output: string[];
  opType: string;
  attribute: AttributeRecord[];
}
interface ValueRecord {
  name: string;
  type: { tensorType: { elemType: number } };
}
interface ModelRecord {
  graph: { node: NodeRecord[]; initializer: TensorRecord[]; input: ValueRecord[]; output: ValueRecord[] };
}

/** The repository's part of ONNX's schema, with the fields that exported diffusion networks have besides. */
function wholeSchema(): protobuf.Type {
  const { root } = protobuf.parse(readFileSync(`${repositoryRoot}/tools/models/onnx.proto`, 'utf8'));
  const add = (type: string, ...fields: protobuf.Field[]): void => {
    for (const field of fields) root.lookupType(`onnx.${type}`).add(field);
  };
  const { Field, Type } = protobuf;
  root
    .define('onnx')
    .add(new Type('EntryProto').add(new Field('key', 1, 'string')).add(new Field('value', 2, 'string')));
  add('NodeProto', new Field('domain', 7, 'string'));
  add('AttributeProto', new Field('t', 5, 'TensorProto'), new Field('floats', 7, 'float', 'repeated'));
  add(
    'TensorProto',
    new Field('floatData', 4, 'float', 'repeated'),
    new Field('int64Data', 7, 'int64', 'repeated'),
    new Field('externalData', 13, 'EntryProto', 'repeated'),
    new Field('dataLocation', 14, 'int32'),
  );
  return root.lookupType('onnx.ModelProto');
}

const modelType = wholeSchema();

function edited(bytes: Uint8Array, edit: (graph: ModelRecord['graph']) => void): Uint8Array {
  const record = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true }) as ModelRecord;
  edit(record.graph);
  return modelType.encode(modelType.fromObject(record)).finish();
}

/** A graph whose weights are not numbers: what it gives is NaN everywhere. */
export function withNaN(bytes: Uint8Array): Uint8Array {
  return edited(bytes, ({ initializer }) => {
    for (const tensor of initializer) {
      if (tensor.dataType !== FLOAT32) continue;
      tensor.rawData = bytesOf(new Float32Array(tensor.rawData.length / 4).fill(Number.NaN));
    }
  });
}

/** A graph whose larger weights are in a file beside it. */
export function withExternalData(
  bytes: Uint8Array,
  name: string,
): { readonly graph: Uint8Array; readonly data: Uint8Array } {
  const parts: Uint8Array[] = [];
  let length = 0;
  const graph = edited(bytes, ({ initializer }) => {
    for (const tensor of initializer) {
      if (tensor.dataType !== FLOAT32 || tensor.rawData.length < 1024) continue;
      tensor.externalData = [
        { key: 'location', value: name },
        { key: 'offset', value: String(length) },
        { key: 'length', value: String(tensor.rawData.length) },
      ];
      tensor.dataLocation = EXTERNAL;
      parts.push(tensor.rawData);
      length += tensor.rawData.length;
      tensor.rawData = new Uint8Array(0);
    }
  });
  return { graph, data: Buffer.concat(parts) };
}

/** A text encoder that takes its ids as int32. */
export function withInt32Ids(bytes: Uint8Array): Uint8Array {
  return edited(bytes, ({ node, input }) => {
    for (const { name, type } of input) {
      type.tensorType.elemType = INT32;
      castFirst(node, name, INT64);
    }
  });
}

/** A graph with float16 weights, sums, inputs and outputs, as an export to half precision gives it; timesteps keep their type. */
export function toFloat16(bytes: Uint8Array): Uint8Array {
  return edited(bytes, ({ node, initializer, input, output }) => {
    // These stay float32 in any export: the operator knows no other.
    const scales = new Set(node.filter(({ opType }) => opType === 'Resize').flatMap((one) => one.input.slice(1)));
    const halve = (tensor: TensorRecord): void => {
      if (tensor.dataType !== FLOAT32) return;
      const floats = new Float32Array(Uint8Array.from(tensor.rawData).buffer);
      tensor.dataType = FLOAT16;
      tensor.rawData = bytesOf(Uint16Array.from(floats, toHalf));
    };
    for (const tensor of initializer) if (!scales.has(tensor.name)) halve(tensor);
    for (const { opType, attribute, output: names } of node) {
      for (const one of attribute) {
        if (opType === 'Cast' && one.name === 'to' && one.i === FLOAT32) one.i = FLOAT16;
        if (one.t && !names.some((name) => scales.has(name))) halve(one.t);
      }
    }
    for (const { name, type } of [...input, ...output]) {
      if (type.tensorType.elemType !== FLOAT32) continue;
      if (name === 'timestep') castFirst(node, name, FLOAT16);
      else type.tensorType.elemType = FLOAT16;
    }
  });
}

/** Converts an input before all that use it. */
function castFirst(nodes: NodeRecord[], name: string, to: number): void {
  for (const one of nodes) one.input = one.input.map((used) => (used === name ? `${name}.cast` : used));
  nodes.unshift({
    opType: 'Cast',
    input: [name],
    output: [`${name}.cast`],
    attribute: [{ name: 'to', type: WHOLE_NUMBER, i: to }],
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The bits of a number as float16, rounded to the nearest; all weights at hand are within its range. */
function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (!(size < 65520)) return Number.isNaN(value) ? 0x7e00 : sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = Math.round(size / 2 ** (exponent - 10));
  return sign | (size < 2 ** -14 ? steps : steps + ((exponent + 14) << 10));
}
