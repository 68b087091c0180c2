import { createMersenneTwister } from './mersenne-twister.js';

/** From this many numbers on torch fills blocks of 16; below it draws pairs in double precision. */
const BLOCK = 16;
const HALF_BLOCK = BLOCK / 2;

/** A stream of random numbers. */
export interface TorchRandom {
  /** The next `count` standard normal numbers. Their values depend on how many are asked for at once, as torch's do. */
  normal(count: number): Float32Array<ArrayBuffer>;
}

/**
 * The generator of `torch.manual_seed(seed)` on a CPU: `normal(n)` is `torch.randn(n)`, call after call, up to the last bits of
 * torch's float32 logarithms and sines. Numbers drawn on a GPU differ.
 * @param seed 0 to 2^53 - 1, of which torch's twister takes the low 32 bits.
 * @throws RangeError if the seed is not such a number.
 */
export function createTorchRandom(seed: number): TorchRandom {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`A seed must be 0 to 2^53 - 1, not ${seed}.`);
  const nextUint32 = createMersenneTwister(seed >>> 0);
  const nextFloat = () => (nextUint32() & 0xff_ffff) / 2 ** 24;
  const nextDouble = () => {
    const high = nextUint32() & 0x1f_ffff;
    return (high * 2 ** 32 + nextUint32()) / 2 ** 53;
  };
  let kept: number | undefined;
  const nextNormal = () => {
    if (kept !== undefined) {
      const second = kept;
      kept = undefined;
      return second;
    }
    const angle = 2 * Math.PI * nextDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-nextDouble()));
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    normal(count) {
      const numbers = new Float32Array(count);
      if (count < BLOCK) return numbers.map(nextNormal);
      for (let i = 0; i < count; i++) numbers[i] = nextFloat();
      for (let start = 0; start + BLOCK <= count; start += BLOCK) makeBlockNormal(numbers, start);
      if (count % BLOCK === 0) return numbers;
      // What is left is not enough for a block: the last 16 are drawn anew.
      for (let i = count - BLOCK; i < count; i++) numbers[i] = nextFloat();
      makeBlockNormal(numbers, count - BLOCK);
      return numbers;
    },
  };
}

/** Box-Muller over 16 uniform numbers: each of the first 8 with the one 8 places on. */
function makeBlockNormal(numbers: Float32Array, start: number): void {
  for (let i = start; i < start + HALF_BLOCK; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (numbers[i] as number)));
    const angle = 2 * Math.PI * (numbers[i + HALF_BLOCK] as number);
    numbers[i] = radius * Math.cos(angle);
    numbers[i + HALF_BLOCK] = radius * Math.sin(angle);
  }
}
