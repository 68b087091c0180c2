import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guidanceEmbedding } from './guidance-embedding.js';

const { guidance_embedding: recorded } = JSON.parse(
  readFileSync(new URL('../../../fixtures/diffusion/schedulers.json', import.meta.url), 'utf8'),
) as {
  guidance_embedding: { readonly guidance_scale: number; readonly dim: number; readonly embedding: number[] }[];
};

describe('guidanceEmbedding', () => {
  it.each(recorded.map((each) => [each.guidance_scale, each.dim, each.embedding] as const))(
    'of guidance %s in %i numbers is as diffusers gives it',
    (guidanceScale, dimension, embedding) => {
      const got = guidanceEmbedding(guidanceScale, dimension);
      expect(got).toHaveLength(embedding.length);
      for (const [i, value] of embedding.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(1e-3);
    },
  );

  it('ends with 0 where the dimension is odd', () => {
    const odd = guidanceEmbedding(3, 9);
    expect(odd.slice(0, 8)).toEqual(guidanceEmbedding(3, 8));
    expect(odd[8]).toBe(0);
  });

  it('refuses a dimension too small for two frequencies', () => {
    expect(() => guidanceEmbedding(3, 3)).toThrow(RangeError);
  });
});
