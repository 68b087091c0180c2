import { InferenceClient } from '@huggingface/inference';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeHosted, startFakeHosted } from './index.js';

/** First bytes of the formats; the fake looks no further. */
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 4, 5, 6]);
const WEBP = new Uint8Array([...new TextEncoder().encode('RIFF....WEBPVP8 '), 7, 8]);
const upload = new Blob([PNG], { type: 'image/png' });

const PROVIDERS = ['hf-inference', 'fal-ai', 'replicate', 'wavespeed', 'together'] as const;
const OWN_HOSTS: readonly (readonly [(typeof PROVIDERS)[number], string, string])[] = [
  ['fal-ai', 'queue.fal.run', 'Key own_1'],
  ['replicate', 'api.replicate.com', 'Bearer own_1'],
  ['wavespeed', 'api.wavespeed.ai', 'Bearer own_1'],
  ['together', 'api.together.xyz', 'Bearer own_1'],
];

let fake: FakeHosted;
let models = 0;
beforeAll(async () => {
  fake = await startFakeHosted();
});
// The client polls and downloads with the global fetch.
beforeEach(() => void vi.stubGlobal('fetch', fake.fetch));
afterEach(() => {
  vi.unstubAllGlobals();
  fake.reset();
});
afterAll(() => fake.close());

/** The client keeps what the Hub said of a model for ever, so each call needs a model of its own. */
function nextModel(): string {
  models += 1;
  return `acme/painter-${models}`;
}

async function call(args: Partial<Parameters<InferenceClient['imageToImage']>[0]>, token = 'hf_test'): Promise<Blob> {
  const client = new InferenceClient(token, { fetch: fake.fetch, retry_on_error: false });
  const model = args.endpointUrl === undefined ? { model: nextModel() } : {};
  return await client.imageToImage({ inputs: upload, ...model, ...args });
}

async function bytesOf(blob: Blob): Promise<number[]> {
  return [...new Uint8Array(await blob.arrayBuffer())];
}

function trace(): string[] {
  return fake.requests.map(({ method, host, stage }) => `${method} ${host} ${stage}`);
}

describe('the official client', () => {
  test.each(PROVIDERS)('gets its picture back from %s through the router', async (provider) => {
    const blob = await call({ provider, parameters: { prompt: 'in oil' } });
    expect(await bytesOf(blob)).toEqual([...PNG]);
    expect(fake.refused).toEqual([]);
    const submit = fake.requests.find(({ stage }) => stage === 'submit');
    expect(submit).toMatchObject({ provider, host: 'router.huggingface.co', method: 'POST' });
    expect(submit?.headers.authorization).toBe('Bearer hf_test');
    const download = fake.requests.find(({ stage }) => stage === 'download');
    expect(download?.headers.authorization).toBeUndefined();
  });

  test.each(OWN_HOSTS)('gets its picture back from the own host of %s', async (provider, host, authorization) => {
    const blob = await call({ provider, parameters: { prompt: 'in oil' } }, 'own_1');
    expect(await bytesOf(blob)).toEqual([...PNG]);
    const submit = fake.requests.find(({ stage }) => stage === 'submit');
    expect(submit).toMatchObject({ provider, host, headers: { authorization } });
  });

  test('polls fal-ai as the queue asks', async () => {
    await call({ provider: 'fal-ai' });
    expect(trace()).toEqual([
      'GET huggingface.co lookup',
      'POST router.huggingface.co submit',
      'GET router.huggingface.co poll',
      'GET router.huggingface.co poll',
      'GET router.huggingface.co result',
      'GET v3.fal.media download',
    ]);
    const [, submit, poll] = fake.requests;
    expect(submit?.path).toMatch(/^\/fal-ai\/fal-ai\/painter-\d+\/edit$/);
    expect(poll?.path).toMatch(/^\/fal-ai\/fal-ai\/painter-\d+\/requests\/[0-9a-f]{32}\/status$/);
    expect(poll?.query.get('_subdomain')).toBe('queue');
  });

  test('sends hf-inference raw bytes if there are no parameters', async () => {
    await call({ provider: 'hf-inference' });
    const submit = fake.requests.at(-1);
    expect(submit?.headers['content-type']).toBe('image/png');
    expect([...(submit?.body ?? [])]).toEqual([...PNG]);
    expect(submit?.json).toBeUndefined();
  });

  test('calls a dedicated endpoint, and can only read bytes', async () => {
    // A toolkit endpoint answers this client, which sends no Accept of its own, with JSON, which it cannot read.
    const endpointUrl = 'https://abc.eu-west-1.aws.endpoints.huggingface.cloud';
    await expect(call({ endpointUrl })).rejects.toThrow('expected Blob');
    fake.script('endpoint', [{ edit: (): Uint8Array => PNG }]);
    expect(await bytesOf(await call({ endpointUrl }))).toEqual([...PNG]);
  });

  test('asks the Hub for a model if it is given none', async () => {
    const client = new InferenceClient('hf_test', { fetch: fake.fetch });
    await client.imageToImage({ inputs: upload, provider: 'hf-inference' });
    expect(fake.requests.map(({ path }) => path)).toEqual([
      '/api/tasks',
      '/api/models/timbrooks/instruct-pix2pix',
      '/hf-inference/models/timbrooks/instruct-pix2pix',
    ]);
  });

  test('takes the first line of the mapping for auto', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await call({});
    expect(fake.requests.map(({ provider }) => provider)).toEqual(['hub', 'hf-inference']);
    vi.restoreAllMocks();
  });

  test.each([
    ['image/jpeg', JPEG],
    ['image/webp', WEBP],
    ['image/png', PNG],
  ])('gets a given result, %s', async (type, picture) => {
    fake.configure({ picture });
    const blob = await call({ provider: 'hf-inference' });
    expect(blob.type).toBe(type);
    expect(await bytesOf(blob)).toEqual([...picture]);
  });

  test.each(['fal-ai', 'replicate', 'wavespeed', 'together'] as const)(
    'is told by %s that its token is wrong',
    async (provider) => {
      await expect(call({ provider }, '')).rejects.toMatchObject({ httpResponse: { status: 401 } });
      expect(trace().some((line) => line.endsWith('download'))).toBe(false);
    },
  );

  test('sees a failed wavespeed task', async () => {
    fake.configure({ queues: { wavespeed: ['queued', { phase: 'failed', error: 'NSFW content detected' }] } });
    await expect(call({ provider: 'wavespeed' })).rejects.toThrow('NSFW content detected');
  });

  test('never gets beyond a queue that stands still, and can give up', async () => {
    fake.configure({ queues: { 'fal-ai': ['queued'] } });
    const abort = new AbortController();
    const client = new InferenceClient('hf_test', { fetch: fake.fetch });
    const options = { signal: abort.signal };
    const waiting = client.imageToImage({ inputs: upload, model: nextModel(), provider: 'fal-ai' }, options);
    await vi.waitFor(() => expect(trace().filter((line) => line.endsWith('poll'))).toHaveLength(2), 5000);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
