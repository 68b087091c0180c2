import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOnnx, writeOnnx } from './onnx-file.ts';

const FILE = readFileSync(new URL('./weights/tintype-sr-x2.onnx', import.meta.url));

describe('writeOnnx', () => {
  it('gives back what readOnnx read', () => {
    const graph = readOnnx(FILE);
    expect(graph.nodes.length).toBe(20);
    expect(readOnnx(writeOnnx(graph))).toEqual(graph);
  });

  it('gives the same bytes each time', () => {
    expect(writeOnnx(readOnnx(FILE))).toEqual(writeOnnx(readOnnx(FILE)));
  });
});

describe('readOnnx', () => {
  it('refuses what is not of our opset', () => {
    expect(() => readOnnx(new Uint8Array())).toThrow('opset');
  });
});
