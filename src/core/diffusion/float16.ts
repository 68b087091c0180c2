const HALF_INFINITY = 0x7c00;
const HALF_QUIET_NAN = 0x7e00;
/** Bits of float32 numbers: infinity, 2^16 (above every half), 2^-14 (the smallest normal half). */
const INFINITY_BITS = 0x7f800000;
const TOO_LARGE_BITS = 0x47800000;
const SMALLEST_NORMAL_BITS = 0x38800000;
/** Size of the smallest half above 0; a power of two, so products with it and its inverse are exact. */
const SMALLEST_HALF = 2 ** -24;
/** Doubles from here on are whole, so adding and subtracting it rounds half to even. */
const ROUNDER = 2 ** 52;

/**
 * Widens halves; every half has an exact float32.
 * @param bits IEEE 754 binary16, one per element. `Float16Array` would do, but Node 20 and Chrome before 135 lack it.
 */
export function float16ToFloat32(bits: Uint16Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let at = 0; at < bits.length; at++) {
    const half = bits[at] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 31) words[at] = sign | INFINITY_BITS | (mantissa << 13);
    else if (exponent > 0) words[at] = sign | ((exponent + 112) << 23) | (mantissa << 13);
    else values[at] = (sign === 0 ? mantissa : -mantissa) * SMALLEST_HALF;
  }
  return values;
}

/** Narrows to halves, ties to even; from 65520 on to infinity. */
export function float32ToFloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(values.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < values.length; at++) {
    const word = words[at] as number;
    bits[at] = ((word >>> 16) & 0x8000) | halfOf(word & 0x7fffffff, Math.abs(values[at] as number));
  }
  return bits;
}

/** @param word Bits of `magnitude` as a float32. */
function halfOf(word: number, magnitude: number): number {
  if (word > INFINITY_BITS) return HALF_QUIET_NAN;
  if (word >= TOO_LARGE_BITS) return HALF_INFINITY;
  if (word < SMALLEST_NORMAL_BITS) return magnitude / SMALLEST_HALF + ROUNDER - ROUNDER;
  // Half of the last kept bit, less one unless that bit is odd: ties go to even. A carry into the exponent is right as it is.
  const rounded = word + 0xfff + ((word >>> 13) & 1);
  return (rounded - ((127 - 15) << 23)) >>> 13;
}
