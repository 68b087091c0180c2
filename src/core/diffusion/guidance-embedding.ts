/** Guidance is multiplied by this before it is embedded. */
const SCALE = 1000;
const LONGEST_PERIOD = 10_000;

/**
 * The sinusoidal embedding by which a distilled model (LCM) is told its guidance: sines of `1000 * (guidanceScale - 1)` at falling
 * frequencies, then cosines; a last 0 where the dimension is odd.
 * @param dimension The U-Net's `time_cond_proj_dim`, at least 4.
 * @throws RangeError if the dimension is less.
 */
export function guidanceEmbedding(guidanceScale: number, dimension: number): Float32Array<ArrayBuffer> {
  const half = Math.floor(dimension / 2);
  if (!(half >= 2)) throw new RangeError(`A guidance embedding has 4 numbers or more, not ${dimension}.`);
  const embedding = new Float32Array(dimension);
  for (let i = 0; i < half; i++) {
    const angle = SCALE * (guidanceScale - 1) * LONGEST_PERIOD ** (-i / (half - 1));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
