import { expect, it } from 'vitest';
import { guideTo } from './examples.js';

it('has one example for each of the 27 edits, and a few to begin with', () => {
  const examples = guideTo('instruct-pix2pix-micro').groups.flatMap((group) => group.examples);
  expect(examples).toHaveLength(27);
  expect(new Set(examples.map(({ name }) => name)).size).toBe(27);
  expect(new Set(examples.map(({ prompt }) => prompt)).size).toBe(27);
  expect(examples.filter(({ isFavourite }) => isFavourite).length).toBeGreaterThan(3);
});

it('claims nothing of models that it does not know', () => {
  const { intro, groups } = guideTo('somebody/else');
  expect(intro).not.toContain('27');
  expect(groups).toEqual([]);
});
