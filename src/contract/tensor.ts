/** Element types that cross to a graph. `float16` travels as its bits, two bytes each. */
export type TensorDtype = 'uint8' | 'int32' | 'int64' | 'float16' | 'float32';

/** Elements of a tensor; `Uint16Array` holds float16 bits. */
export type TensorData =
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** A tensor as plain data. Row-major. */
export interface Tensor {
  readonly dtype: TensorDtype;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** An input or output of a graph, as its file declares it. */
export interface GraphPort {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** A number where the size is fixed, the symbol's name or an empty string where it is not. */
  readonly dims: readonly (number | string)[];
}

/** What a graph takes and gives. */
export interface GraphPorts {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}
