import { expect, test } from 'vitest';
import type { Verdict } from './choose-device.js';
import { createVerdicts, type VerdictScope } from './verdicts.js';

const SCOPE: VerdictScope = { modelHashes: ['aa', 'bb'], adapter: 'acme mk1', engines: 4, sidePx: 256 };
const VERDICT: Verdict = { device: 'webgpu', msPerMegapixel: { wasm: 500, webgpu: 50 } };

/** The part of a browser's localStorage that is used; its entries are its own keys, as in a browser. */
function fakeStorage(): Storage {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods) as Storage;
}

test('a verdict outlives its client, a failure does not', () => {
  const storage = fakeStorage();
  const first = createVerdicts(() => storage);
  first.set(SCOPE, VERDICT, true);
  first.set({ ...SCOPE, adapter: 'other' }, { device: 'wasm' }, false);
  expect(first.get({ ...SCOPE, adapter: 'other' })).toEqual({ device: 'wasm' });
  const second = createVerdicts(() => storage);
  expect(second.get(SCOPE)).toEqual(VERDICT);
  expect(second.get({ ...SCOPE, adapter: 'other' })).toBeUndefined();
});

test('another model, adapter or number of engines is another question', () => {
  const verdicts = createVerdicts(() => undefined);
  verdicts.set(SCOPE, VERDICT, true);
  expect(verdicts.get({ ...SCOPE, modelHashes: ['aa', 'cc'] })).toBeUndefined();
  expect(verdicts.get({ ...SCOPE, adapter: 'acme mk2' })).toBeUndefined();
  expect(verdicts.get({ ...SCOPE, engines: 2 })).toBeUndefined();
});

test('storage that throws or holds nonsense costs nothing but the memory', () => {
  const broken = createVerdicts(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  broken.set(SCOPE, VERDICT, true);
  expect(broken.get(SCOPE)).toEqual(VERDICT);
  const storage = fakeStorage();
  createVerdicts(() => storage).set(SCOPE, VERDICT, true);
  for (const key of Object.keys(storage)) storage.setItem(key, '{"device":"toaster"}');
  expect(createVerdicts(() => storage).get(SCOPE)).toBeUndefined();
});

test('forgetting a model leaves the others', () => {
  const storage = fakeStorage();
  const verdicts = createVerdicts(() => storage);
  const other = { ...SCOPE, modelHashes: ['dd'] };
  verdicts.set(SCOPE, VERDICT, true);
  verdicts.set(other, VERDICT, true);
  storage.setItem('not-ours', 'kept');
  verdicts.forget(['bb']);
  expect([verdicts.get(SCOPE), verdicts.get(other)]).toEqual([undefined, VERDICT]);
  verdicts.forget('all');
  expect(verdicts.get(other)).toBeUndefined();
  expect(Object.keys(storage)).toEqual(['not-ours']);
});
