import { expect, it } from 'vitest';
import { targetWithSide } from './longest-side.js';

it('keeps the proportions, in whole pixels', () => {
  expect(targetWithSide({ width: 451, height: 300 }, 256)).toEqual({ width: 256, height: 170 });
  expect(targetWithSide({ width: 300, height: 451 }, 1024)).toEqual({ width: 681, height: 1024 });
  expect(targetWithSide({ width: 5000, height: 2 }, 256)).toEqual({ width: 256, height: 1 });
});

it('asks for nothing where the picture keeps its size', () => {
  expect(targetWithSide({ width: 451, height: 300 }, undefined)).toBeUndefined();
});
