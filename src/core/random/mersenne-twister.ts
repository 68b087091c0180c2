const SIZE = 624;
const SHIFT = 397;

/**
 * MT19937 by Matsumoto and Nishimura (1998), seeded by `init_genrand`.
 * @param seed 0 to 2^32 - 1.
 * @returns Draws whole numbers from 0 to 2^32 - 1.
 */
export function createMersenneTwister(seed: number): () => number {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1] as number;
    state[i] = Math.imul(last ^ (last >>> 30), 1_812_433_253) + i;
  }
  let position = SIZE;
  return () => {
    if (position === SIZE) {
      twist(state);
      position = 0;
    }
    return temper(state[position++] as number);
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const next = state[(i + 1) % SIZE] as number;
    const joined = ((state[i] as number) & 0x8000_0000) | (next & 0x7fff_ffff);
    const far = state[(i + SHIFT) % SIZE] as number;
    state[i] = far ^ (joined >>> 1) ^ (next & 1 ? 0x9908_b0df : 0);
  }
}

function temper(word: number): number {
  let bits = word ^ (word >>> 11);
  bits ^= (bits << 7) & 0x9d2c_5680;
  bits ^= (bits << 15) & 0xefc6_0000;
  return (bits ^ (bits >>> 18)) >>> 0;
}
