// Rows in, rows out: callers have single rows of float32, a graph has a batch of its own type and perhaps of a fixed size.
import { ImageToImageError } from '../../contract/errors.js';
import type { GraphPort, Tensor, TensorData } from '../../contract/tensor.js';
import type { Tensors } from '../engine.js';
import { float16ToFloat32, float32ToFloat16 } from './float16.js';
import { describePort, misfit } from './graph-ports.js';
import type { Floats } from './networks.js';

/**
 * How many rows a graph takes at a time.
 * @param ports Those whose first axis is the batch.
 * @returns Undefined where any number goes.
 * @throws ImageToImageError `model-unavailable` where its inputs disagree.
 */
export function fixedBatch(network: string, ports: readonly GraphPort[]): number | undefined {
  const fixed = ports.filter((port) => typeof port.dims[0] === 'number');
  const [batch, other] = new Set(fixed.map((port) => port.dims[0]));
  if (other !== undefined) {
    throw misfit(network, `The ${network}'s inputs disagree about the batch: ${fixed.map(describePort).join(', ')}.`);
  }
  return typeof batch === 'number' ? batch : undefined;
}

/**
 * Checks a row against the sizes that a graph fixes, all axes but the batch.
 * @throws ImageToImageError `inference-failed`, phase `run`.
 */
export function requireSizes(network: string, port: GraphPort, { dims }: Pick<Floats, 'dims'>): void {
  const wanted = port.dims;
  if (dims.length === wanted.length) {
    if (dims.every((size, axis) => axis === 0 || typeof wanted[axis] === 'string' || wanted[axis] === size)) return;
  }
  throw unfit(network, `The ${network} takes ${describePort(port)}, but was given [${dims.join(', ')}].`, {
    input: port.name,
    wanted: wanted.join(' x '),
    given: dims.join(' x '),
  });
}

/**
 * A batch in the port's type, its buffer new.
 * @param rows Each `[1, ...]`, all alike; at most `batch` of them. The last one is repeated where they are fewer.
 */
export function stackRows(port: GraphPort, rows: readonly Floats[], batch: number): Tensor {
  const [, ...sizes] = rows[0]?.dims ?? [];
  const rowLength = sizes.reduce((product, size) => product * size, 1);
  const values = new Float32Array(batch * rowLength);
  for (let at = 0; at < batch; at++) {
    const row = rows[Math.min(at, rows.length - 1)];
    if (row) values.set(row.data, at * rowLength);
  }
  return castTensor(port, [batch, ...sizes], values);
}

/**
 * One number in every element of the port.
 * @param batch Size of an axis that is not fixed and is called `batchAxis` as that of the rows is. Axes of other names (old exports
 * call the timestep's `steps`) get size 1, which graphs broadcast.
 */
export function fillTensor(
  port: GraphPort,
  value: number,
  batch: number,
  batchAxis: number | string | undefined,
): Tensor {
  const dims = port.dims.map((size) => (typeof size === 'number' ? size : size === batchAxis ? batch : 1));
  const length = dims.reduce((product, size) => product * size, 1);
  return castTensor(port, dims, new Float32Array(length).fill(value));
}

/**
 * Takes a batch apart.
 * @returns `batch` rows, each `[1, ...]` with a buffer of its own.
 * @throws ImageToImageError `inference-failed`, phase `run`, where the output is not what the port says.
 */
export function unstackRows(network: string, port: GraphPort, outputs: Tensors, batch: number): readonly Floats[] {
  const output = outputs[port.name];
  const values = output && toFloat32(output);
  const [rows, ...sizes] = output?.dims ?? [];
  const length = sizes.reduce((product, size) => product * size, 1);
  if (!values || rows !== batch || values.length !== batch * length) {
    const got = output ? `${output.dtype}[${output.dims.join(', ')}] of ${output.data.length}` : 'nothing';
    throw unfit(network, `The ${network} gave ${got} for ${describePort(port)} with a batch of ${batch}.`, {
      output: port.name,
    });
  }
  const dims = [1, ...sizes];
  if (batch === 1) return [{ dims, data: values }];
  return Array.from({ length: batch }, (_, at) => ({ dims, data: values.slice(at * length, (at + 1) * length) }));
}

/** A run that cannot be right: the graph and what it was given or gave do not fit. */
export function unfit(
  network: string,
  message: string,
  details: Readonly<Record<string, string | number>>,
): ImageToImageError {
  return new ImageToImageError({
    code: 'inference-failed',
    phase: 'run',
    message,
    details: { network, ...details },
  });
}

function castTensor({ dtype }: GraphPort, dims: readonly number[], values: Float32Array<ArrayBuffer>): Tensor {
  return { dtype, dims, data: cast(dtype, values) };
}

/** Integers are rounded: graphs that declare them were traced with whole timesteps. */
function cast(dtype: GraphPort['dtype'], values: Float32Array<ArrayBuffer>): TensorData {
  switch (dtype) {
    case 'float16':
      return float32ToFloat16(values);
    case 'int32':
      return Int32Array.from(values, Math.round);
    case 'int64':
      return BigInt64Array.from(Array.from(values, (value) => BigInt(Math.round(value))));
    default:
      // float32: resolveInputs lets no uint8 through.
      return values;
  }
}

function toFloat32({ data }: Tensor): Float32Array<ArrayBuffer> | undefined {
  if (data instanceof Float32Array) return data;
  return data instanceof Uint16Array ? float16ToFloat32(data) : undefined;
}
