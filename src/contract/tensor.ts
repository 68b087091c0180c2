/** A tensor as plain data. Row-major. */
export interface Tensor {
  readonly dtype: 'uint8' | 'float32';
  readonly dims: readonly number[];
  readonly data: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}
