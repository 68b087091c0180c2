import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { MODEL_SPECS } from './model-specs.ts';
import { optimisedOps } from './optimised-graph.ts';

const ACTIVATIONS = ['Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh'];

it.each(MODEL_SPECS.map(({ id }) => id))('%s is fused as far as the runtime can', { timeout: 60_000 }, async (id) => {
  const ops = await optimisedOps(fileURLToPath(new URL(`../../models/${id}/w8.onnx`, import.meta.url)));
  const count = (op: string): number => ops[op] ?? 0;
  // Bytes to floats at the start and back at the end; the weights' own casts are folded away.
  expect(count('Cast')).toBe(2);
  // Pixels to planes and back; the enlarged source of tintype-sr takes a way of its own.
  expect(count('Transpose')).toBeLessThanOrEqual(3);
  expect(count('Mul') + count('DequantizeLinear')).toBe(0);
  // Every activation that follows a convolution is part of it: what is left follows the last sum.
  expect(count('FusedConv')).toBeGreaterThan(0);
  expect(ACTIVATIONS.reduce((sum, op) => sum + count(op), 0)).toBeLessThanOrEqual(2);
});
