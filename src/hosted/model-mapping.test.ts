import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTransport } from './create-transport.js';
import { mapModel } from './model-mapping.js';
import type { ProviderName } from './providers/provider-name.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }));
afterEach(() => void vi.useRealTimers());

/** Answers are kept by model, so each test has its own. */
let models = 0;
const newModel = () => `acme/model-${++models}`;

function entry(provider: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    provider,
    providerId: `${provider}-id`,
    hfModelId: 'acme/x',
    status: 'live',
    task: 'image-to-image',
    ...more,
  };
}

function hub(reply: unknown, status = 200) {
  const requests: string[] = [];
  const ask = (provider: ProviderName | 'auto', model: string, token = '') =>
    mapModel({
      model,
      provider,
      token,
      transport: createTransport({
        token,
        tokenHosts: new Set(['huggingface.co']),
        onEvent: () => {},
        sleep: async () => {},
        async fetch(input, init) {
          const { authorization = '-' } = (init?.headers ?? {}) as Record<string, string>;
          requests.push(`${init?.method} ${String(input)} ${authorization}`);
          return new Response(typeof reply === 'string' ? reply : JSON.stringify(reply), { status });
        },
      }),
    });
  return { ask, requests };
}

const mapping = (...entries: unknown[]) => ({ inferenceProviderMapping: entries });

test('a named provider', async () => {
  const { ask, requests } = hub(
    mapping(entry('replicate'), entry('fal-ai', { adapter: 'lora', adapterWeightsPath: 'w' })),
  );
  const model = newModel();
  expect(await ask('fal-ai', model, 'hf_secret')).toEqual({
    provider: 'fal-ai',
    providerId: 'fal-ai-id',
    isStaging: false,
    entry: entry('fal-ai', { adapter: 'lora', adapterWeightsPath: 'w' }),
  });
  expect(requests).toEqual([
    `GET https://huggingface.co/api/models/${model}?expand[]=inferenceProviderMapping Bearer hf_secret`,
  ]);
});

test('the older form of the answer: an object by provider', async () => {
  const { ask } = hub({
    inferenceProviderMapping: { together: { providerId: 't', status: 'live', task: 'image-to-image' } },
  });
  const model = newModel();
  expect(await ask('together', model)).toMatchObject({
    provider: 'together',
    providerId: 't',
    entry: { provider: 'together', hfModelId: model },
  });
});

describe('auto', () => {
  test.each([
    ['the first', [entry('wavespeed'), entry('fal-ai')], 'wavespeed', false],
    ['not one that takes no pictures', [entry('nscale'), entry('fal-ai')], 'fal-ai', false],
    ['not one for another task', [entry('replicate', { task: 'text-to-image' }), entry('fal-ai')], 'fal-ai', false],
    ['not one that fails', [entry('replicate', { status: 'error' }), entry('fal-ai')], 'fal-ai', false],
    ['not one in test', [entry('replicate', { status: 'staging' }), entry('fal-ai')], 'fal-ai', false],
    ['one in test, if that is all', [entry('replicate', { status: 'staging' })], 'replicate', true],
    ['not one that is no entry', [null, {}, 'fal-ai', entry('together')], 'together', false],
  ])('%s', async (_, entries, provider, isStaging) => {
    expect(await hub(mapping(...entries)).ask('auto', newModel())).toMatchObject({ provider, isStaging });
  });
});

describe('nobody', () => {
  test.each([
    ['an empty list', mapping()],
    ['no list', { id: 'acme/x' }],
    ['another task', mapping(entry('fal-ai', { task: 'image-text-to-image' }))],
    ['one that fails', mapping(entry('fal-ai', { status: 'error' }))],
    ['others', mapping(entry('nscale'))],
  ])('%s', async (_, reply) => {
    for (const provider of ['auto', 'fal-ai'] as const) {
      await expect(hub(reply).ask(provider, newModel())).rejects.toMatchObject({
        code: 'remote-failed',
        phase: 'hosted',
        details: { kind: 'not-found', step: 'lookup' },
      });
    }
  });

  test('the error says who is there', async () => {
    await expect(hub(mapping(entry('nscale'))).ask('auto', newModel())).rejects.toThrow(
      'nscale (image-to-image, live)',
    );
  });
});

test.each([
  ['a page', '<html>', 200, 'bad-answer'],
  ['nothing', '', 200, 'bad-answer'],
  ['no such model', { error: 'Repository not found' }, 404, 'not-found'],
  ['private, or no such model', { error: 'Invalid username or password.' }, 401, 'auth'],
  ['a failure', { message: 'oops' }, 500, 'provider-error'],
])('an answer that is %s', async (_, reply, status, kind) => {
  await expect(hub(reply, status).ask('auto', newModel())).rejects.toMatchObject({
    code: 'remote-failed',
    details: { kind, step: 'lookup' },
  });
});

describe('answers are kept', () => {
  test('for ten minutes', async () => {
    const { ask, requests } = hub(mapping(entry('fal-ai'), entry('replicate')));
    const model = newModel();
    await ask('fal-ai', model);
    vi.setSystemTime(10 * 60_000 - 1);
    await ask('replicate', model);
    expect(requests).toHaveLength(1);
    vi.setSystemTime(10 * 60_000);
    await ask('replicate', model);
    expect(requests).toHaveLength(2);
  });

  test('apart for those with a token, who see more; a key of a provider is none', async () => {
    const { ask, requests } = hub(mapping(entry('fal-ai')));
    const model = newModel();
    await ask('fal-ai', model);
    await ask('fal-ai', model, 'hf_one');
    await ask('fal-ai', model, 'hf_two');
    await ask('fal-ai', model, 'key');
    expect(requests).toHaveLength(2);
  });

  test('64 at most, the oldest go first', async () => {
    const { ask, requests } = hub(mapping(entry('fal-ai')));
    const oldest = newModel();
    await ask('fal-ai', oldest);
    const second = newModel();
    await ask('fal-ai', second);
    for (let count = 0; count < 63; count++) await ask('fal-ai', newModel());
    await ask('fal-ai', second);
    expect(requests).toHaveLength(65);
    await ask('fal-ai', oldest);
    expect(requests).toHaveLength(66);
  });

  test('not if they were no answers', async () => {
    const model = newModel();
    await expect(hub('<html>').ask('auto', model)).rejects.toThrow();
    expect(await hub(mapping(entry('fal-ai'))).ask('auto', model)).toMatchObject({ provider: 'fal-ai' });
  });
});

test.each(['https://api.example/model', 'a/b/c', '../a', 'a/..', 'a b', '', 'a/b?x'])(
  '"%s" is no id',
  async (model) => {
    const { ask, requests } = hub(mapping(entry('fal-ai')));
    await expect(ask('auto', model)).rejects.toThrow(TypeError);
    expect(requests).toEqual([]);
  },
);
