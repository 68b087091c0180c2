import { describe, expect, it } from 'vitest';
import type { Measured } from './measure-model.ts';
import { MOST_BYTES, shippedByRule } from './variant-rule.ts';

const W8: Measured = { dtype: 'w8', sizeBytes: 1000, psnrMinDb: 50, psnrMeanDb: 52, speedRatio: 1, tileLevels: 0 };
const U8: Measured = { ...W8, dtype: 'u8', sizeBytes: 1100, speedRatio: 1.9 };

describe('shippedByRule', () => {
  it.each([
    { name: 'is faithful, joins and is much faster', change: {}, shipped: ['w8', 'u8'] },
    { name: 'is hardly faster', change: { speedRatio: 1.4 }, shipped: ['w8'] },
    { name: 'does not join', change: { tileLevels: 2 }, shipped: ['w8'] },
    { name: 'is not faithful', change: { psnrMinDb: 44 }, shipped: ['w8'] },
    { name: 'does not fit', change: { sizeBytes: MOST_BYTES }, shipped: ['w8'] },
  ])('ships $shipped if u8 $name', ({ change, shipped }) => {
    const rule = shippedByRule([{ id: 'one', variants: [W8, { ...U8, ...change }] }]);
    expect(rule.get('one')).toEqual(shipped);
  });

  it('gives the room that there is in the order of the catalogue', () => {
    const large = { ...U8, sizeBytes: MOST_BYTES - 3000 };
    const rule = shippedByRule(['one', 'two'].map((id) => ({ id, variants: [W8, large] })));
    expect([...rule.values()]).toEqual([['w8', 'u8'], ['w8']]);
  });

  it('refuses a model of which nothing is faithful', () => {
    expect(() => shippedByRule([{ id: 'one', variants: [{ ...W8, psnrMinDb: 40 }] }])).toThrow('one');
  });
});
