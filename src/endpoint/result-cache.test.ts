import { expect, test } from 'vitest';
import { ResultCache, resultKey } from './result-cache.js';

const ofSize = (size: number): Blob => new Blob([new Uint8Array(size)]);

test('the results that were not used for longest go first, and never more bytes stay than are allowed', () => {
  const cache = new ResultCache(10);
  cache.set('a', ofSize(4));
  cache.set('b', ofSize(4));
  cache.get('a');
  cache.set('c', ofSize(4));
  expect(['a', 'b', 'c'].filter((key) => cache.get(key))).toEqual(['a', 'c']);
  cache.set('d', ofSize(10));
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key))).toEqual(['d']);
});

test('a result in place of another counts once; one that is too large is not kept, nor is what it replaces', () => {
  const cache = new ResultCache(10);
  cache.set('a', ofSize(8));
  cache.set('a', ofSize(5));
  cache.set('b', ofSize(5));
  expect(cache.get('a')?.size).toBe(5);
  expect(cache.get('b')?.size).toBe(5);
  cache.set('a', ofSize(11));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.get('b')?.size).toBe(5);
});

test('0 bytes keep nothing', () => {
  const cache = new ResultCache(0);
  cache.set('a', ofSize(1));
  expect(cache.get('a')).toBeUndefined();
});

test('a key tells model, picture and parameters apart, not the order of parameters', async () => {
  const picture = Uint8Array.of(1, 2, 3);
  const parameters = { seed: 1, target_size: { width: 2, height: 3 } };
  const key = await resultKey('m', picture, parameters);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(await resultKey('m', picture, { target_size: { height: 3, width: 2 }, seed: 1 })).toBe(key);
  expect(await resultKey('m', picture, {})).toBe(await resultKey('m', picture, undefined));
  const others = await Promise.all([
    resultKey('n', picture, parameters),
    resultKey('m', Uint8Array.of(1, 2, 4), parameters),
    resultKey('m', picture, { ...parameters, seed: 2 }),
    resultKey('m', picture, { seed: 1, target_size: { width: 3, height: 2 } }),
    resultKey('m', picture, { ...parameters, negative_prompt: ['a', 'b'] }),
    resultKey('m', picture, { ...parameters, negative_prompt: ['b', 'a'] }),
  ]);
  expect(new Set([key, ...others]).size).toBe(7);
});
