import { describe, expect, it } from 'vitest';
import { judgeSize, readBudgets } from './size-budget.js';

const PAGE = { name: 'page', entry: 'dist/src/index.js', maxBrotliBytes: 100 };
const FINE = {
  brotliBytes: 100,
  modules: ['dist/src/client.js', 'node_modules/comlink/dist/esm/comlink.mjs'],
  code: '',
};

describe('readBudgets', () => {
  it('reads what is there', () => {
    expect(readBudgets('{"page":{"entry":"dist/src/index.js","maxBrotliBytes":100}}')).toEqual([PAGE]);
  });

  it.each([
    ['no budget at all', '{}'],
    ['a list', '[]'],
    ['a budget that is not an object', '{"page":100}'],
    ['no entry', '{"page":{"maxBrotliBytes":100}}'],
    ['no number', '{"page":{"entry":"a.js"}}'],
    ['a number as text', '{"page":{"entry":"a.js","maxBrotliBytes":"100"}}'],
    ['zero', '{"page":{"entry":"a.js","maxBrotliBytes":0}}'],
    ['a fraction', '{"page":{"entry":"a.js","maxBrotliBytes":1.5}}'],
    ['a mistyped field', '{"page":{"entry":"a.js","maxBrotliBytes":100,"maxBrotlyBytes":1}}'],
  ])('refuses %s', (_title, text) => {
    expect(() => readBudgets(text)).toThrow(RangeError);
  });
});

describe('judgeSize', () => {
  it('lets an entry of exactly its budget pass', () => {
    expect(judgeSize(PAGE, FINE)).toEqual([]);
  });

  it('refuses one byte more', () => {
    expect(judgeSize(PAGE, { ...FINE, brotliBytes: 101 })).toEqual(['page weighs 101 bytes, more than its 100.']);
  });

  it.each([
    'node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs',
    'node_modules/@huggingface/transformers/dist/transformers.web.js',
    'dist/models/tintype-sr-x2/w8.onnx',
  ])('refuses %s in the page', (path) => {
    expect(judgeSize(PAGE, { ...FINE, modules: [path] })).toEqual([`The page entry holds ${path}.`]);
  });

  it('refuses inlined weights in the page, and lets a worker be what it is', () => {
    const code = `const w = "data:application/octet-stream;base64,${'A'.repeat(400)}"`;
    expect(judgeSize(PAGE, { ...FINE, code })).toHaveLength(1);
    expect(judgeSize({ ...PAGE, name: 'engine worker' }, { ...FINE, code })).toEqual([]);
  });
});
