/** Uniform numbers from 0 to 1, the same at each call (mulberry32). */
export function drawUniform(count: number): Float64Array {
  let state = 5;
  return Float64Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  });
}

/** Standard normal numbers, the same at each call (Box and Muller). */
export function drawNormal(count: number): Float64Array {
  const uniform = drawUniform(2 * count);
  return Float64Array.from({ length: count }, (_, at) => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform[2 * at]!));
    return radius * Math.cos(2 * Math.PI * uniform[2 * at + 1]!);
  });
}
