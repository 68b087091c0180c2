import { InferenceClient } from '@huggingface/inference';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FailureName, type FakeHosted, failures, startFakeHosted } from './index.js';

const URL_OF_MODEL = 'https://router.huggingface.co/hf-inference/models/acme/painter';
/** First bytes of the format, and enough more to be cut. */
const PNG = new Uint8Array(4000).fill(7);
PNG.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

let fake: FakeHosted;
beforeAll(async () => {
  fake = await startFakeHosted();
});
afterEach(() => fake.reset());
afterAll(() => fake.close());

async function post(init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: 'Bearer hf_test', 'content-type': 'image/png' };
  return await fake.fetch(URL_OF_MODEL, { method: 'POST', headers, body: PNG, ...init });
}

describe('steps', () => {
  test('come in order, then all is well', async () => {
    fake.script('hf-inference', ['loading', { status: 500, times: 2 }, 'ok', 'forbidden']);
    const statuses: number[] = [];
    for (let request = 0; request < 6; request += 1) statuses.push((await post()).status);
    expect(statuses).toEqual([503, 500, 500, 200, 403, 200]);
  });

  test('may be for ever, and be replaced', async () => {
    fake.script('hf-inference', [{ ...failures.loading, times: Number.POSITIVE_INFINITY }]);
    for (let request = 0; request < 5; request += 1) expect((await post()).status).toBe(503);
    fake.script('hf-inference', []);
    expect((await post()).status).toBe(200);
  });

  test('are for one provider and stage', async () => {
    fake.script('endpoint', ['server-error']);
    fake.script('hf-inference', { poll: ['server-error'], preflight: ['server-error'] });
    fake.script('hub', ['not-found']);
    expect((await post()).status).toBe(200);
    const hub = 'https://huggingface.co/api/models/acme/painter';
    expect((await fake.fetch(hub)).status).toBe(404);
    expect((await fake.fetch(hub)).status).toBe(200);
  });

  test('end with reset', async () => {
    fake.script('hf-inference', ['server-error']);
    fake.reset();
    expect((await post()).status).toBe(200);
  });

  test('the official client asks again while the model is loading', async () => {
    fake.script('hf-inference', ['loading', 'loading', 'ok']);
    const client = new InferenceClient('hf_test', { fetch: fake.fetch });
    const inputs = new Blob([PNG], { type: 'image/png' });
    const blob = await client.imageToImage({ inputs, model: 'acme/scripted', provider: 'hf-inference' });
    expect(blob.size).toBe(PNG.length);
    expect(fake.requests.filter(({ stage }) => stage === 'submit')).toHaveLength(3);
  });
});

describe('answers', () => {
  const STATUSES: readonly (readonly [FailureName, number, string, Readonly<Record<string, string>>])[] = [
    ['loading', 503, '"estimated_time":0.2', {}],
    ['rate-limited', 429, 'rate limit', { 'retry-after': '1' }],
    ['rate-limited-by-policy', 429, 'rate limit', { ratelimit: '"api";r=0;t=2' }],
    ['bad-request', 400, '{"error":"', {}],
    ['unauthorized', 401, '{"error":"', {}],
    ['payment-required', 402, '{"error":{"message":"', {}],
    ['forbidden', 403, '{"error":"', {}],
    ['not-found', 404, '{"error":"', {}],
    ['payload-too-large', 413, 'length limit exceeded', { 'content-type': 'text/plain; charset=utf-8' }],
    ['unprocessable', 422, '{"detail":[{"loc":["body","prompt"]', {}],
    ['server-error', 500, '{"error":"', {}],
    ['server-error-message', 500, '{"message":"', {}],
    ['bad-gateway', 502, 'Bad Gateway', { 'content-type': 'text/plain' }],
    ['gateway-timeout', 504, '"error_type":"request_timeout"', { 'x-fal-error-type': 'request_timeout' }],
    ['html', 200, '<!doctype html>', { 'content-type': 'text/html; charset=utf-8' }],
    ['not-json', 200, '{"status": ', { 'content-type': 'application/json' }],
  ];

  test.each(STATUSES)('%s', async (name, status, body, headers) => {
    fake.script('hf-inference', [name]);
    const response = await post();
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(body);
    for (const [header, value] of Object.entries(headers)) expect(response.headers.get(header)).toBe(value);
  });

  test('rate limits with a date, and without any hint', async () => {
    fake.script('hf-inference', ['rate-limited-until-date', 'rate-limited-without-hint']);
    const until = Date.parse((await post()).headers.get('retry-after') ?? '');
    expect(until).toBeGreaterThan(Date.now() - 60_000);
    expect((await post()).headers.has('retry-after')).toBe(false);
  });

  test('a status without a body, a header taken away, another type', async () => {
    const headers = { 'content-type': null };
    fake.script('hf-inference', [{ status: 503 }, { headers }, { headers: { 'content-type': 'text/plain' } }]);
    expect(await (await post()).text()).toBe('');
    expect((await post()).headers.has('content-type')).toBe(false);
    const last = await post();
    expect(last.headers.get('content-type')).toBe('text/plain');
    expect((await last.arrayBuffer()).byteLength).toBe(PNG.length);
  });

  test("the provider's own, changed", async () => {
    const edit = (picture: unknown): object => ({ image: Buffer.from(picture as Uint8Array).toString('base64') });
    fake.script('hf-inference', [{ edit }]);
    expect(await (await post()).json()).toEqual({ image: Buffer.from(PNG).toString('base64') });
    fake.script('hub', [{ edit: (model) => ({ ...(model as object), inferenceProviderMapping: [] }) }]);
    const hub = await fake.fetch('https://huggingface.co/api/models/acme/painter');
    expect(await hub.json()).toMatchObject({ id: 'acme/painter', inferenceProviderMapping: [] });
  });
});

describe('connections', () => {
  test('reset before the headers: the request came all the same', async () => {
    fake.script('hf-inference', ['reset']);
    await expect(post()).rejects.toThrow(TypeError);
    expect(fake.requests).toMatchObject([{ method: 'POST', isComplete: true }]);
    expect((await post()).status).toBe(200);
  });

  test.each(['cut', 'short'] as const)('%s in the middle of the body', async (name) => {
    fake.script('hf-inference', [name]);
    const response = await post();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(name === 'short' ? String(PNG.length) : null);
    await expect(response.arrayBuffer()).rejects.toThrow(TypeError);
  });

  test('stalled in the middle of the body', async () => {
    fake.script('hf-inference', ['stall']);
    const abort = new AbortController();
    const response = await post({ signal: abort.signal });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toHaveLength(PNG.length / 2);
    const next = reader?.read();
    abort.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('hanging until the client gives up', async () => {
    fake.script('hf-inference', ['hang']);
    const abort = new AbortController();
    const waiting = post({ signal: abort.signal });
    await expect.poll(() => fake.requests.length).toBe(1);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('slow, but whole, in pieces', async () => {
    fake.script('hf-inference', ['slow']);
    const response = await post();
    expect(response.headers.has('content-length')).toBe(false);
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).equals(PNG)).toBe(true);
  });

  test('empty', async () => {
    fake.script('hf-inference', ['empty']);
    const response = await post();
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  test('redirected to another origin, where the token must not go', async () => {
    fake.script('hf-inference', ['redirect', 'ok', 'redirect']);
    fake.configure({ needsToken: [] });
    // A Blob, which fetch can send twice: node 20 cannot do so with an array.
    const response = await post({ body: new Blob([PNG]) });
    expect(response).toMatchObject({ status: 200, redirected: true, url: URL_OF_MODEL });
    const [first, second] = fake.requests;
    expect([first?.origin === fake.origin, second?.origin === fake.origin]).toEqual([true, false]);
    expect([first?.headers.authorization, second?.headers.authorization]).toEqual(['Bearer hf_test', undefined]);
    await expect(post({ redirect: 'error' })).rejects.toThrow(TypeError);
    expect(fake.requests).toHaveLength(3);
  });
});
