import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeHosted, startFakeHosted } from './index.js';

const MODEL = 'https://router.huggingface.co/hf-inference/models/acme/painter';
/** First bytes of the format; the fake looks no further. */
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

let fake: FakeHosted;
beforeAll(async () => {
  fake = await startFakeHosted({ needsToken: [] });
});
afterEach(() => fake.reset());
afterAll(() => fake.close());

describe('recording', () => {
  test('all of a request', async () => {
    const body = JSON.stringify({ inputs: 'AAAA' });
    await fake.fetch(`${MODEL}?a=1&b=2`, { method: 'POST', headers: { 'X-Bill-To': 'Acme' }, body });
    const [request] = fake.requests;
    expect(request).toMatchObject({
      origin: fake.origin,
      host: 'router.huggingface.co',
      provider: 'hf-inference',
      stage: 'submit',
      method: 'POST',
      path: '/hf-inference/models/acme/painter',
      headers: { 'x-bill-to': 'Acme' },
      sha256: createHash('sha256').update(body).digest('hex'),
      json: { inputs: 'AAAA' },
      isComplete: true,
    });
    expect(Object.fromEntries(request?.query ?? [])).toEqual({ a: '1', b: '2' });
    expect(Buffer.from(request?.body ?? []).toString()).toBe(body);
  });

  test('in order of arrival, whatever the answers do', async () => {
    fake.script('hf-inference', ['slow']);
    const slow = await fake.fetch(MODEL, { method: 'POST', body: PNG });
    await fake.fetch('https://huggingface.co/api/tasks');
    await slow.arrayBuffer();
    expect(fake.requests.map(({ provider }) => provider)).toEqual(['hf-inference', 'hub']);
    const [first, second] = fake.requests.map(({ time }) => time);
    expect(first).toBeLessThan(second ?? 0);
  });

  test('an upload that is given up, with what came of it', async () => {
    const abort = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(PNG) });
    const init = { method: 'POST', body, duplex: 'half', signal: abort.signal } as RequestInit;
    const upload = fake.fetch(MODEL, init);
    await expect.poll(() => fake.requests.length).toBe(1);
    abort.abort();
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => fake.requests[0]?.body.length).toBe(PNG.length);
    expect(fake.requests[0]?.isComplete).toBe(false);
  });

  test('what no provider has', async () => {
    expect((await fake.fetch('https://router.huggingface.co/v1/chat/completions')).status).toBe(404);
    expect(fake.requests).toMatchObject([{ provider: undefined, path: '/v1/chat/completions' }]);
  });
});

describe('the fetch', () => {
  test.each([
    ['a string', (): Promise<Response> => fake.fetch(MODEL, { method: 'POST', headers: { a: 'b' }, body: PNG })],
    ['a URL', (): Promise<Response> => fake.fetch(new URL(MODEL), { method: 'POST', headers: { a: 'b' }, body: PNG })],
    [
      'a Request',
      (): Promise<Response> => fake.fetch(new Request(MODEL, { method: 'POST', headers: { a: 'b' }, body: PNG })),
    ],
    [
      'a Request and more',
      (): Promise<Response> => fake.fetch(new Request(MODEL, { method: 'POST', body: PNG }), { headers: { a: 'b' } }),
    ],
  ])('takes %s', async (_title, send) => {
    const response = await send();
    expect(response).toMatchObject({ status: 200, url: MODEL });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([...PNG]);
    expect(fake.requests).toMatchObject([{ method: 'POST', headers: { a: 'b' } }]);
  });

  test("keeps a Request's signal", async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fake.fetch(new Request(MODEL, { signal }))).rejects.toThrow('enough');
    expect(fake.requests).toEqual([]);
  });

  test.each(['https://example.com/a', 'http://router.huggingface.co/a', 'https://huggingface.co:8443/a'])(
    'refuses %s as if there were no network',
    async (url) => {
      await expect(fake.fetch(url)).rejects.toThrow(TypeError);
      expect(fake.refused).toEqual([url]);
      expect(fake.requests).toEqual([]);
    },
  );

  test('lets its own URLs and data URLs through', async () => {
    expect((await fake.fetch(`${fake.url('huggingface.co')}/api/tasks`)).status).toBe(200);
    expect(await (await fake.fetch('data:text/plain,hello')).text()).toBe('hello');
    expect(fake.requests).toHaveLength(1);
  });
});

test('links lead back to the fake for a browser that has only its own fetch', async () => {
  fake.configure({ links: 'loopback' });
  const image = `data:image/png;base64,${Buffer.from(PNG).toString('base64')}`;
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ image_url: image }),
  };
  const reply = await fetch(`${fake.url('fal.run')}/fal-ai/painter`, init);
  const { images } = (await reply.json()) as { images: readonly [{ url: string }] };
  expect(images[0].url.startsWith(`${fake.origin}/v3.fal.media/files/`)).toBe(true);
  expect((await (await fetch(images[0].url)).arrayBuffer()).byteLength).toBe(PNG.length);
  expect((await fetch(images[0].url.replace('.png', 'x.png'))).status).toBe(404);
});

describe('the Hub', () => {
  async function lookup(id: string, headers: Record<string, string> = {}): Promise<readonly [number, unknown]> {
    const response = await fake.fetch(`https://huggingface.co/api/models/${id}?expand[]=inferenceProviderMapping`, {
      headers,
    });
    return [response.status, await response.json()];
  }

  test('knows every model unless told otherwise', async () => {
    const [, body] = await lookup('acme/painter');
    const { inferenceProviderMapping } = body as { inferenceProviderMapping: readonly { provider: string }[] };
    expect(inferenceProviderMapping.map(({ provider }) => provider)).toEqual([
      'hf-inference',
      'fal-ai',
      'replicate',
      'wavespeed',
      'together',
    ]);
    expect(inferenceProviderMapping[1]).toEqual({
      provider: 'fal-ai',
      hfModelId: 'acme/painter',
      providerId: 'fal-ai/painter/edit',
      status: 'live',
      task: 'image-to-image',
    });
  });

  test('says what it is told to, as a list, as the former object, or nothing', async () => {
    const entry = { providerId: 'fal-ai/x', status: 'staging', task: 'text-to-image' };
    const list = [{ provider: 'fal-ai', hfModelId: 'acme/list', ...entry }];
    fake.configure({
      models: { 'acme/list': { mapping: list }, 'acme/object': { mapping: { 'fal-ai': entry } }, 'acme/none': {} },
    });
    expect((await lookup('acme/list'))[1]).toMatchObject({ inferenceProviderMapping: list });
    expect((await lookup('acme/object'))[1]).toMatchObject({ inferenceProviderMapping: { 'fal-ai': entry } });
    expect((await lookup('acme/none'))[1]).not.toHaveProperty('inferenceProviderMapping');
  });

  test('shows a private model to nobody without a token', async () => {
    fake.configure({ models: { 'acme/secret': { mapping: [], isPrivate: true } } });
    expect((await lookup('acme/secret'))[0]).toBe(401);
    expect((await lookup('acme/secret', { authorization: 'Bearer hf_1' }))[0]).toBe(200);
  });
});

describe('CORS', () => {
  async function preflight(): Promise<Response> {
    const headers = { origin: 'http://page.test', 'access-control-request-method': 'POST' };
    return await fetch(`${fake.url('router.huggingface.co')}/hf-inference/models/a/b`, { method: 'OPTIONS', headers });
  }

  test('grants what a default call needs, to any origin', async () => {
    const { status, headers } = await preflight();
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toBe('authorization, content-type');
    expect(headers.get('access-control-allow-methods')).toContain('PUT');
    expect(headers.has('access-control-max-age')).toBe(false);
    expect(fake.requests).toMatchObject([{ stage: 'preflight', provider: 'hf-inference', method: 'OPTIONS' }]);
  });

  test('grants what it is told to, failures included', async () => {
    fake.configure({
      cors: {
        allowOrigin: 'http://page.test',
        allowHeaders: ['x-hf-bill-to'],
        exposeHeaders: ['retry-after', 'x-request-id'],
        allowCredentials: true,
        maxAgeSeconds: 60,
      },
    });
    const { headers } = await preflight();
    expect(headers.get('access-control-allow-headers')).toBe('x-hf-bill-to');
    expect(headers.get('access-control-max-age')).toBe('60');
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    fake.script('hf-inference', ['rate-limited']);
    const limited = await fake.fetch(MODEL, { method: 'POST' });
    expect(limited.status).toBe(429);
    expect(limited.headers.get('access-control-allow-origin')).toBe('http://page.test');
    expect(limited.headers.get('access-control-expose-headers')).toBe('retry-after, x-request-id');
  });

  test('may be missing', async () => {
    fake.configure({ cors: 'none' });
    expect((await preflight()).status).toBe(405);
    const answer = await fake.fetch('https://huggingface.co/api/tasks');
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

test('settings of the start are back after a reset, and hanging connections end with close', async () => {
  const other = await startFakeHosted({ needsToken: [], maxBodyBytes: 1 });
  other.configure({ maxBodyBytes: 100 });
  expect((await other.fetch(MODEL, { method: 'POST', body: PNG })).status).toBe(200);
  other.reset();
  expect(other.requests).toEqual([]);
  expect((await other.fetch(MODEL, { method: 'POST', body: PNG })).status).toBe(413);
  other.script('hf-inference', ['hang']);
  const hanging = other.fetch(MODEL, { method: 'POST', body: PNG });
  await expect.poll(() => other.requests.length).toBe(2);
  await Promise.all([expect(hanging).rejects.toThrow(TypeError), other.close()]);
});
