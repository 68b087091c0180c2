/** A file that is copied in part, in order. One buffer from the start: hostile files hold millions of tiny parts. */
export class PartialCopy {
  readonly #file: Uint8Array;
  readonly #target: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param extraBytes By how much the copy may outgrow the file at most. */
  constructor(file: Uint8Array, extraBytes: number) {
    this.#file = file;
    this.#target = new Uint8Array(file.length + extraBytes);
  }

  /** Copies the file's bytes from `start` up to `end`. */
  keep(start: number, end: number): void {
    this.write(this.#file.subarray(start, end));
  }

  /** Puts in bytes that the file does not have there. */
  write(bytes: ArrayLike<number>): void {
    this.#target.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was copied and put in, in a buffer of that size. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#target.slice(0, this.#length);
  }
}
