import { expect, test } from 'vitest';
import { planRowEngines } from './row-engines.js';

const model = { unetMacsPerPixel: 25_000, unetActivationBytesPerPixel: 1000 };
const cold = { most: 8, warm: 1, earlierMacs: 0 };

test('one row needs one engine, three rows share as many as the work is worth', () => {
  expect(planRowEngines(model, { pixels: 512 * 512, rows: 1, steps: 20 }, cold)).toBe(1);
  expect(planRowEngines(model, { pixels: 512 * 512, rows: 3, steps: 20 }, cold)).toBe(3);
  expect(planRowEngines(model, { pixels: 512 * 512, rows: 3, steps: 20 }, { ...cold, most: 2 })).toBe(2);
});

test('little work starts no engine, but takes those that wait', () => {
  const little = { pixels: 64 * 64, rows: 3, steps: 4 };
  expect(planRowEngines(model, little, cold)).toBe(1);
  expect(planRowEngines(model, { ...little, steps: 8 }, { ...cold, warm: 3 })).toBeGreaterThan(1);
});

test('memory bounds them', () => {
  expect(planRowEngines(model, { pixels: 1024 * 1024, rows: 3, steps: 20 }, cold)).toBe(1);
});

test('nothing is known of a model: one', () => {
  expect(planRowEngines({}, { pixels: 512 * 512, rows: 3, steps: 20 }, cold)).toBe(1);
});
