import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeHosted, type QueuedProvider, startFakeHosted } from './index.js';

/** First bytes of the format; the fake looks no further. */
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

let fake: FakeHosted;
beforeAll(async () => {
  fake = await startFakeHosted();
});
afterEach(() => fake.reset());
afterAll(() => fake.close());

async function bytesOf(response: Response): Promise<number[]> {
  return [...new Uint8Array(await response.arrayBuffer())];
}

describe('queues', () => {
  const SUBMISSIONS: Readonly<Record<QueuedProvider, readonly [string, object]>> = {
    'fal-ai': ['https://queue.fal.run/fal-ai/painter/edit', { image_url: dataUrl() }],
    replicate: ['https://api.replicate.com/v1/predictions', { version: 'abc', input: { image: dataUrl() } }],
    wavespeed: ['https://api.wavespeed.ai/api/v3/acme/painter', { images: [dataUrl()] }],
  };

  function dataUrl(): string {
    return `data:image/png;base64,${Buffer.from(PNG).toString('base64')}`;
  }

  /** What the tests follow, of all three providers. */
  interface Reply {
    readonly request_id: string;
    readonly status_url: string;
    readonly response_url: string;
    readonly cancel_url: string;
    readonly urls: { readonly get: string; readonly cancel: string };
    readonly data: { readonly urls: { readonly get: string } };
  }

  async function ask(url: string, init: RequestInit = {}): Promise<{ status: number; body: Reply }> {
    const authorization = url.includes('fal.run') ? 'Key k' : 'Bearer k';
    const headers = { authorization, 'content-type': 'application/json', ...init.headers };
    const response = await fake.fetch(url, { ...init, headers });
    return { status: response.status, body: (await response.json()) as Reply };
  }

  async function submit(provider: QueuedProvider, headers: Record<string, string> = {}): ReturnType<typeof ask> {
    const [url, body] = SUBMISSIONS[provider];
    return await ask(url, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  test('fal-ai: position, logs on request, 202 until the end', async () => {
    const running = { phase: 'running', logs: ['step 1'] } as const;
    fake.configure({ queues: { 'fal-ai': [{ phase: 'queued', position: 2 }, running, running, 'completed'] } });
    const { body } = await submit('fal-ai');
    expect(body).toMatchObject({ status: 'IN_QUEUE', queue_position: 2 });
    // The path without the last part of the model id, as the real queue gives it.
    expect(body.status_url).toBe(`https://queue.fal.run/fal-ai/painter/requests/${body.request_id}/status`);
    expect(await ask(body.response_url)).toMatchObject({ status: 400 });
    expect(await ask(body.status_url)).toMatchObject({ status: 202, body: { status: 'IN_PROGRESS', logs: null } });
    expect(await ask(`${body.status_url}?logs=1`)).toMatchObject({ body: { logs: [{ message: 'step 1' }] } });
    expect(await ask(body.status_url)).toMatchObject({ status: 200, body: { status: 'COMPLETED' } });
    expect(await ask(body.response_url)).toMatchObject({ body: { images: [{ content_type: 'image/png' }] } });
  });

  test('fal-ai: cancel', async () => {
    const { body } = await submit('fal-ai');
    expect(await ask(body.cancel_url, { method: 'PUT' })).toMatchObject({
      status: 202,
      body: { status: 'CANCELLATION_REQUESTED' },
    });
    expect(await ask(body.status_url)).toMatchObject({ body: { status: 'CANCELLED' } });
    expect(await ask(body.cancel_url, { method: 'PUT' })).toMatchObject({
      status: 400,
      body: { status: 'ALREADY_COMPLETED' },
    });
    expect(fake.requests.filter(({ stage }) => stage === 'cancel')).toHaveLength(2);
  });

  test('fal-ai: a failed job', async () => {
    fake.configure({ queues: { 'fal-ai': ['queued', { phase: 'failed', status: 'ERROR', error: 'boom' }] } });
    const { body } = await submit('fal-ai');
    expect(await ask(body.status_url)).toMatchObject({ status: 200, body: { status: 'ERROR', error: 'boom' } });
    expect(await ask(body.response_url)).toMatchObject({ status: 422, body: { detail: [{ msg: 'boom' }] } });
  });

  test('fal-ai: no queue through the router without its parameter', async () => {
    const headers = { authorization: 'Bearer hf_1' };
    const router = 'https://router.huggingface.co/fal-ai/fal-ai/painter/edit';
    const init = { method: 'POST', headers, body: JSON.stringify(SUBMISSIONS['fal-ai'][1]) };
    const { body } = await ask(`${router}?_subdomain=queue`, init);
    const status = `https://router.huggingface.co/fal-ai${new URL(body.status_url).pathname}`;
    expect(await ask(status, { headers })).toMatchObject({ status: 404 });
    expect(await ask(`${status}?_subdomain=queue`, { headers })).toMatchObject({ status: 202 });
    expect(await ask(router, init)).toMatchObject({ status: 200, body: { images: [{}] } });
  });

  test('replicate: what is not over after a minute goes on', async () => {
    fake.configure({ queues: { replicate: ['queued', 'running', 'completed'] } });
    const { status, body } = await submit('replicate', { prefer: 'wait' });
    expect({ status, body }).toMatchObject({ status: 201, body: { status: 'starting', output: null } });
    const { get } = body.urls;
    expect(await ask(get)).toMatchObject({ body: { status: 'processing' } });
    expect(await ask(get)).toMatchObject({ body: { status: 'succeeded', output: [expect.any(String)] } });
  });

  test('replicate: waits only if asked to', async () => {
    expect(await submit('replicate', { prefer: 'wait=60' })).toMatchObject({ body: { status: 'succeeded' } });
    expect(await submit('replicate')).toMatchObject({ body: { status: 'starting' } });
  });

  test('replicate: failed, canceled', async () => {
    fake.configure({ queues: { replicate: [{ phase: 'failed', error: 'NSFW' }] } });
    expect(await submit('replicate', { prefer: 'wait' })).toMatchObject({ body: { status: 'failed', error: 'NSFW' } });
    fake.configure({ queues: { replicate: ['running'] } });
    const { body } = await submit('replicate', { prefer: 'wait' });
    const { cancel, get } = body.urls;
    expect(await ask(cancel, { method: 'POST' })).toMatchObject({ body: { status: 'canceled' } });
    expect(await ask(get)).toMatchObject({ body: { status: 'canceled' } });
    expect(fake.requests.at(-2)?.stage).toBe('cancel');
  });

  test('wavespeed: a status that nobody knows', async () => {
    fake.configure({ queues: { wavespeed: ['queued', { phase: 'running', status: 'dreaming' }, 'completed'] } });
    const { body } = await submit('wavespeed');
    const { urls } = body.data;
    expect(await ask(urls.get)).toMatchObject({ body: { data: { status: 'dreaming' } } });
    expect(await ask(`${urls.get}/result`)).toMatchObject({ body: { code: 200, data: { status: 'completed' } } });
  });
});

describe('what the real ones refuse', () => {
  const ROUTER = 'https://router.huggingface.co';
  const ENDPOINT = 'https://abc.endpoints.huggingface.cloud/';
  const BASE64 = Buffer.from(PNG).toString('base64');
  const JSON_TYPE = { 'content-type': 'application/json' };

  async function post(
    url: string,
    headers: Record<string, string>,
    body: BodyInit,
  ): Promise<readonly [number, string]> {
    const response = await fake.fetch(url, { method: 'POST', headers, body });
    return [response.status, await response.text()];
  }

  test.each([
    'hf-inference/models/a/b',
    'fal-ai/a/b',
    'replicate/v1/predictions',
    'wavespeed/api/v3/a',
    'together/v1/images/generations',
  ])('the router without a token of Hugging Face: %s', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer undefined' }, { authorization: 'Bearer own_1' }]) {
      expect((await post(`${ROUTER}/${path}`, headers, PNG))[0]).toBe(401);
    }
  });

  test('a picture with its data URL prefix or of an unknown format at hf-inference', async () => {
    const auth = { authorization: 'Bearer hf_1' };
    const url = `${ROUTER}/hf-inference/models/acme/painter`;
    const inputs = (value: string): string => JSON.stringify({ inputs: value });
    expect((await post(url, { ...auth, ...JSON_TYPE }, inputs(BASE64)))[0]).toBe(200);
    expect((await post(url, { ...auth, ...JSON_TYPE }, inputs(`data:image/png;base64,${BASE64}`)))[0]).toBe(400);
    expect((await post(url, auth, 'not a picture'))[0]).toBe(400);
    // The type is not believed: the official client's own tests send this one.
    expect((await post(url, { ...auth, 'content-type': 'image / png' }, PNG))[0]).toBe(200);
  });

  test('a data URL without a media type at fal-ai', async () => {
    const headers = { authorization: 'Key k', ...JSON_TYPE };
    const url = 'https://queue.fal.run/fal-ai/painter';
    const body = (value: string): string => JSON.stringify({ image_url: value });
    expect((await post(url, headers, body(`data:;base64,${BASE64}`)))[0]).toBe(422);
    expect((await post(url, headers, body('https://example.com/a.png')))[0]).toBe(200);
  });

  test('a body without a type at an endpoint', async () => {
    expect(await post(ENDPOINT, {}, PNG)).toEqual([400, JSON.stringify({ error: 'No content type provided' })]);
    expect((await post(ENDPOINT, { 'content-type': 'application/pdf' }, PNG))[0]).toBe(400);
  });

  test('an endpoint answers in the form that Accept names', async () => {
    const headers = { 'content-type': 'image/png' };
    expect(await post(ENDPOINT, headers, PNG)).toEqual([200, JSON.stringify(BASE64)]);
    const bytes = await fake.fetch(ENDPOINT, {
      method: 'POST',
      headers: { ...headers, accept: 'image/png' },
      body: PNG,
    });
    expect(await bytesOf(bytes)).toEqual([...PNG]);
    expect((await post(ENDPOINT, { ...headers, accept: 'image/png, */*' }, PNG))[0]).toBe(400);
  });

  test('a body over the limit', async () => {
    fake.configure({ maxBodyBytes: PNG.length - 1, needsToken: [] });
    expect((await post(`${ROUTER}/hf-inference/models/a/b`, {}, PNG))[0]).toBe(413);
    fake.configure({ maxBodyBytes: PNG.length });
    expect((await post(`${ROUTER}/hf-inference/models/a/b`, {}, PNG))[0]).toBe(200);
  });

  test('together sends a link unless asked for base64', async () => {
    const url = 'https://api.together.xyz/v1/images/generations';
    const headers = { authorization: 'Bearer k', ...JSON_TYPE };
    const body = { model: 'm', prompt: '', reference_images: [`data:image/png;base64,${BASE64}`] };
    const [, linked] = await post(url, headers, JSON.stringify(body));
    const { data } = JSON.parse(linked) as { data: readonly [{ url: string }] };
    expect(await bytesOf(await fake.fetch(data[0].url))).toEqual([...PNG]);
    const [, inline] = await post(url, headers, JSON.stringify({ ...body, response_format: 'base64' }));
    expect(JSON.parse(inline)).toMatchObject({ data: [{ b64_json: BASE64 }] });
    expect((await post(url, headers, JSON.stringify({ ...body, prompt: undefined })))[0]).toBe(400);
  });
});
