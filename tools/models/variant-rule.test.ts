import { describe, expect, it } from 'vitest';
import type { Measured } from './measure-model.ts';
import { MOST_BYTES, shippedByRule } from './variant-rule.ts';

const W8: Measured = { dtype: 'w8', sizeBytes: 1000, psnrMinDb: 50, psnrMeanDb: 52, speedRatio: 1, tileLevels: 0 };
const DYNAMIC: Measured = { ...W8, dtype: 'u8-dynamic', sizeBytes: 1100, tileLevels: 4 };

describe('shippedByRule', () => {
  it.each([
    { name: 'tiles join and it is no faster', change: { tileLevels: 1 }, shipped: ['w8'] },
    { name: 'tiles join and it is faster', change: { tileLevels: 1, speedRatio: 1.2 }, shipped: ['u8-dynamic'] },
    { name: 'tiles do not join', change: { speedRatio: 1.4 }, shipped: ['w8'] },
    { name: 'tiles do not join, yet it is much faster', change: { speedRatio: 1.9 }, shipped: ['w8', 'u8-dynamic'] },
    { name: 'it is much faster but not faithful', change: { speedRatio: 1.9, psnrMinDb: 44 }, shipped: ['w8'] },
    { name: 'it does not fit', change: { speedRatio: 1.9, sizeBytes: MOST_BYTES }, shipped: ['w8'] },
  ])('ships $shipped if of u8-dynamic $name', ({ change, shipped }) => {
    const rule = shippedByRule([{ id: 'one', variants: [W8, { ...DYNAMIC, ...change }] }]);
    expect(rule.get('one')).toEqual(shipped);
  });

  it('refuses a model of which nothing is faithful', () => {
    expect(() => shippedByRule([{ id: 'one', variants: [{ ...W8, psnrMinDb: 40 }] }])).toThrow('one');
  });
});
