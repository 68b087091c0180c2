import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHostedProxy } from './create-hosted-proxy.js';
import type { HostedProxyOptions, ProxyRequestFacts } from './options.js';

const TOKEN = 'hf_canaryCanaryCanary';
const MODEL = 'owner/model-1.0';
const PAGE = 'https://app.example';
const URL_OF_MODEL = `${PAGE}/api/hf/models/${MODEL}`;
const PICTURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 128, 7]);

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let upstream: Server;
let seen: Seen[];
/** How the fake router answers; the body has been read. */
let behave: RequestListener;
let errors: unknown[];

const PICTURE_ANSWER: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
};

beforeEach(async () => {
  seen = [];
  errors = [];
  behave = PICTURE_ANSWER;
  upstream = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(pieces) });
    behave(request, response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

/** Sends what goes to the router to the fake one, as it stands; anything else is a failure of the test. */
const toUpstream: typeof fetch = (input, init) => {
  const url = String(input);
  if (!url.startsWith('https://router.huggingface.co/')) throw new Error(`asked ${url}`);
  const { port } = upstream.address() as AddressInfo;
  return fetch(url.replace('https://router.huggingface.co', `http://127.0.0.1:${port}`), init);
};

function proxyWith(options: Partial<HostedProxyOptions> = {}) {
  return createHostedProxy({
    accessToken: TOKEN,
    allow: [MODEL],
    authorize: () => true,
    fetch: toUpstream,
    onError: (caught) => void errors.push(caught),
    ...options,
  });
}

function post(url = URL_OF_MODEL, headers: Record<string, string> = {}, body: BodyInit = PICTURE): Request {
  const all = { 'content-type': 'image/png', ...headers };
  return new Request(url, { method: 'POST', headers: all, body, ...(isStream(body) ? { duplex: 'half' } : {}) });
}

function isStream(body: BodyInit): boolean {
  return body instanceof ReadableStream;
}

/** The one text of an error, and that it is one; no answer may hold the token. */
async function errorOf(response: Response): Promise<string> {
  const text = await response.text();
  expect(text + JSON.stringify([...response.headers])).not.toContain(TOKEN);
  expect(response.headers.get('content-type')).toBe('application/json');
  const { error } = JSON.parse(text) as { error: unknown };
  expect(error).toBeTypeOf('string');
  return String(error);
}

describe('forwarding', () => {
  it('sends raw bytes with the token and four headers, and streams the picture back', async () => {
    const browser = {
      accept: 'image/png',
      'x-use-cache': 'false',
      'x-wait-for-model': 'true',
      authorization: 'Bearer session-of-the-page',
      cookie: 'session=1',
      origin: PAGE,
      referer: `${PAGE}/private/path`,
      'accept-language': 'de-AT',
      'user-agent': 'Browser/1.0',
      'x-forwarded-for': '203.0.113.7',
      forwarded: 'for=203.0.113.7',
      'x-hf-bill-to': 'someone',
      'sec-ch-ua': 'Browser',
    };
    behave = (_, response) => {
      const headers = {
        'content-type': 'image/png',
        'set-cookie': 'a=b',
        'x-request-id': 'r-1',
        'x-other': 'secret',
        server: 's',
      };
      response.writeHead(200, headers).end(PICTURE);
    };
    const answer = await proxyWith()(post(URL_OF_MODEL, browser));
    expect(answer.status).toBe(200);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(PICTURE);
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'image/png',
      vary: 'origin',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'r-1',
    });

    expect(seen).toHaveLength(1);
    const { method, url, headers, body } = seen[0] as Seen;
    expect([method, url]).toEqual(['POST', `/hf-inference/models/${MODEL}`]);
    expect(new Uint8Array(body)).toEqual(PICTURE);
    // `accept-encoding`, `accept-language: *`, `sec-fetch-mode` and `user-agent` are those of Node's own fetch.
    expect({ ...headers, host: '' }).toEqual({
      accept: 'image/png',
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'image/png',
      'content-length': String(PICTURE.length),
      'x-use-cache': 'false',
      'x-wait-for-model': 'true',
      host: '',
      connection: 'keep-alive',
      'accept-encoding': expect.any(String),
      'accept-language': '*',
      'sec-fetch-mode': 'cors',
      'user-agent': 'node',
    });
  });

  it('sends JSON as it is, and passes JSON on without the token', async () => {
    const body = JSON.stringify({ inputs: 'AAAA', parameters: { prompt: 'ü' } });
    behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ratelimit: `"a";r=1;t=2;q=${TOKEN}` });
      response.end(JSON.stringify({ image: 'AAAA', echoed: `Bearer ${TOKEN}` }));
    };
    const answer = await proxyWith()(post(URL_OF_MODEL, { 'content-type': 'application/json; charset=utf-8' }, body));
    expect(seen[0]?.body.toString()).toBe(body);
    expect(seen[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('ratelimit')).toBe('"a";r=1;t=2;q=[token]');
    expect(await answer.json()).toEqual({ image: 'AAAA', echoed: 'Bearer [token]' });
  });

  it('asks a function for the token once per forwarded request, and never for a refused one', async () => {
    const accessToken = vi.fn(async () => ` ${TOKEN}\n`);
    const proxy = proxyWith({ accessToken });
    await proxy(post(`${PAGE}/models/other`));
    expect(accessToken).toHaveBeenCalledTimes(0);
    await (await proxy(post())).arrayBuffer();
    expect(accessToken).toHaveBeenCalledTimes(1);
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it.each([
    ['/models/gpt2', 'gpt2'],
    ['/a/b/models/owner/name/', 'owner/name'],
    ['/models/owner%2Fname', 'owner/name'],
    ['/models/models/x', 'models/x'],
    [`/models/${MODEL}?provider=other`, MODEL],
  ])('reads the model of %s', async (path, model) => {
    await (await proxyWith({ allow: () => true })(post(PAGE + path))).arrayBuffer();
    expect(seen.map(({ url }) => url)).toEqual([`/hf-inference/models/${model}`]);
  });

  it.each([
    '/',
    '/models/',
    '/models/a/b/c',
    '/api/owner/name',
    '/models/owner/%2e%2e%2fname',
    '/models/a%20b',
    '/models/a/b..c',
    '/models/%2Fa',
    '/models/a/.b',
  ])('finds no model in %s', async (path) => {
    expect((await proxyWith({ allow: () => true })(post(PAGE + path))).status).toBe(404);
    expect(seen).toEqual([]);
  });
});

describe('refusals, of which the router sees nothing', () => {
  afterEach(() => expect(seen).toEqual([]));

  it('a model that is not on the list', async () => {
    const answer = await proxyWith()(post(`${PAGE}/models/owner/other`));
    expect(answer.status).toBe(403);
    expect(await errorOf(answer)).toContain('owner/other');
  });

  it('what the function does not allow; it is told the facts', async () => {
    const allow = vi.fn((_: ProxyRequestFacts) => false);
    const headers = { 'content-type': 'IMAGE/png; x=1', 'content-length': '8', origin: PAGE };
    expect((await proxyWith({ allow })(post(URL_OF_MODEL, headers))).status).toBe(403);
    expect(allow.mock.calls).toEqual([[{ model: MODEL, contentType: 'image/png', claimedBytes: 8, origin: PAGE }]]);
    // Not everything that counts as true is an answer.
    const odd = (() => 'yes') as unknown as () => boolean;
    expect((await proxyWith({ allow: odd })(post())).status).toBe(403);
    expect((await proxyWith({ authorize: odd })(post())).status).toBe(401);
  });

  it('whom the application does not know, in its own words if it has some', async () => {
    const allow = vi.fn(() => true);
    expect((await proxyWith({ allow, authorize: async () => false })(post())).status).toBe(401);
    const authorize = (request: Request) =>
      Response.json({ error: `no ${request.headers.get('cookie')}` }, { status: 429, headers: { 'retry-after': '9' } });
    const answer = await proxyWith({ allow, authorize, origins: [PAGE] })(
      post(URL_OF_MODEL, { cookie: 'c', origin: PAGE }),
    );
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '9']);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(await errorOf(answer)).toBe('no c');
    expect(allow).not.toHaveBeenCalled();
  });

  it('other methods, types and codings', async () => {
    const proxy = proxyWith();
    const get = await proxy(new Request(URL_OF_MODEL));
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'OPTIONS, POST']);
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'image/',
      '',
      'application/x-www-form-urlencoded',
    ]) {
      expect((await proxy(post(URL_OF_MODEL, { 'content-type': type }))).status).toBe(415);
    }
    expect((await proxy(post(URL_OF_MODEL, { 'content-encoding': 'gzip' }))).status).toBe(415);
    expect((await proxy(post(URL_OF_MODEL, {}, ''))).status).toBe(400);
  });

  it('a body over the cap: by what it claims, or as it arrives', async () => {
    const authorize = vi.fn(() => true);
    const proxy = proxyWith({ maxBodyBytes: 1000, authorize });
    expect((await proxy(post(URL_OF_MODEL, { 'content-length': '1001' }))).status).toBe(413);
    expect(authorize).not.toHaveBeenCalled();

    let pieces = 0;
    const cancel = vi.fn();
    const endless = new ReadableStream(
      {
        pull(controller) {
          pieces++;
          controller.enqueue(new Uint8Array(300));
        },
        cancel,
      },
      { highWaterMark: 0 },
    );
    const answer = await proxy(post(URL_OF_MODEL, {}, endless));
    expect(answer.status).toBe(413);
    expect(await errorOf(answer)).toContain('1000 bytes');
    expect(pieces).toBeLessThan(8);
    expect(cancel).toHaveBeenCalledTimes(1);
    // A lie about the length does not help.
    const small = { 'content-length': '8' };
    expect((await proxy(post(URL_OF_MODEL, small, new Uint8Array(1001)))).status).toBe(413);
  });

  it('20 MiB and one byte, if nothing else is said', async () => {
    const most = 20 * 1024 * 1024;
    expect((await proxyWith()(post(URL_OF_MODEL, {}, new Uint8Array(most + 1)))).status).toBe(413);
  });

  it('an upload that breaks off, or does not end in time', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    expect((await proxyWith()(post(URL_OF_MODEL, {}, broken))).status).toBe(400);
    const stuck = new ReadableStream({ pull: () => new Promise(() => {}) });
    expect((await proxyWith({ timeoutMs: 30 })(post(URL_OF_MODEL, {}, stuck))).status).toBe(408);
  });

  it('when the application itself fails: it is told, the client is not', async () => {
    const secret = new Error(`the database says ${TOKEN}`);
    const fail = () => Promise.reject(secret);
    for (const options of [{ authorize: fail }, { allow: fail }, { accessToken: fail }]) {
      const answer = await proxyWith(options)(post());
      expect(answer.status).toBe(500);
      expect(await errorOf(answer)).not.toContain('database');
    }
    expect(errors).toEqual([secret, secret, secret]);
    for (const accessToken of ['', 'two words', 'line\nbreak']) {
      expect((await proxyWith({ accessToken: () => accessToken })(post())).status).toBe(500);
    }
    const greedy = async (request: Request) => (await request.arrayBuffer()).byteLength > 0;
    expect((await proxyWith({ authorize: greedy })(post())).status).toBe(500);
    expect(String(errors.at(-1))).toContain('clone');
    const used = async () => {
      const response = new Response('read already');
      await response.text();
      return response;
    };
    expect((await proxyWith({ authorize: used })(post())).status).toBe(500);
    expect((await proxyWith({ authorize: () => Response.error() })(post())).status).toBe(500);
  });
});

describe('what the router answers', () => {
  it.each([
    [503, 'application/json', '{"error":"Model x is currently loading","estimated_time":20.5}', { 'retry-after': '7' }],
    [429, 'application/json', '{"error":{"message":"slow"}}', { ratelimit: '"default";r=0;t=2', 'retry-after': '3' }],
    [422, 'application/json', '{"detail":[{"loc":["a"],"msg":"b"}]}', { 'x-request-id': 'r-2' }],
  ])('%i with JSON is passed on as it is', async (status, type, body, headers) => {
    behave = (_, response) => void response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    const answer = await proxyWith()(post());
    expect(answer.status).toBe(status);
    expect(await answer.text()).toBe(body);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value);
  });

  it('an error that is no JSON is put into one; one that quotes the token loses it', async () => {
    behave = (_, response) => void response.writeHead(504, { 'content-type': 'text/html' }).end('<h1>Gateway</h1>');
    const timeout = await proxyWith()(post());
    expect([timeout.status, await errorOf(timeout)]).toEqual([504, '<h1>Gateway</h1>']);

    behave = (_, response) =>
      void response.writeHead(401, { 'x-request-id': TOKEN }).end(`{"error":"${TOKEN} expired"}`);
    const expired = await proxyWith()(post());
    expect([expired.status, await errorOf(expired)]).toEqual([401, '[token] expired']);

    behave = (_, response) => void response.writeHead(500).end(TOKEN.repeat(10_000));
    expect(await errorOf(await proxyWith()(post()))).toBe('The hosted side answered with status 500.');
    behave = (_, response) => void response.writeHead(500).end();
    expect(await errorOf(await proxyWith()(post()))).toBe('The hosted side answered with status 500.');
  });

  it.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
    const { port } = upstream.address() as AddressInfo;
    behave = (_, response) => void response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    const answer = await proxyWith()(post());
    expect(answer.status).toBe(502);
    expect(await errorOf(answer)).toContain('redirect');
    expect(answer.headers.get('location')).toBeNull();
    expect(seen).toHaveLength(1);
  });

  it.each(['text/html', 'image/svg+xml', 'text/plain'])('no picture but %s is not passed on', async (type) => {
    behave = (_, response) => void response.writeHead(200, { 'content-type': type }).end(`<svg>${TOKEN}</svg>`);
    const answer = await proxyWith()(post());
    expect(answer.status).toBe(502);
    expect(await errorOf(answer)).toContain('no picture');
  });

  it('nothing at all, or too late', async () => {
    behave = (request) => void request.socket.destroy();
    expect((await proxyWith()(post())).status).toBe(502);
    behave = () => {};
    const late = await proxyWith({ timeoutMs: 200 })(post());
    expect(late.status).toBe(504);
    expect(await errorOf(late)).toContain('too long');
    expect(seen).toHaveLength(2);
    expect(errors).toHaveLength(2);
  });

  it('a picture that stops halfway ends the answer with an error', async () => {
    behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': '100' }).write(PICTURE);
      setTimeout(() => response.destroy(), 20);
    };
    const answer = await proxyWith()(post());
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});

describe('a client that goes away', () => {
  it('ends the request to the router, while that is asked', async () => {
    const gone = new AbortController();
    const closed = new Promise<void>((resolve) => {
      behave = (_, response) => {
        response.once('close', resolve);
        gone.abort();
      };
    });
    const answer = await proxyWith()(new Request(post(), { signal: gone.signal }));
    expect(answer.status).toBe(499);
    await closed;
    expect(errors).toEqual([]);
  });

  it.each(['abort', 'cancel'])('and while the picture comes (%s)', async (way) => {
    const gone = new AbortController();
    const closed = new Promise<void>((resolve) => {
      behave = (_, response) => {
        response.once('close', resolve);
        response.writeHead(200, { 'content-type': 'image/png' }).write(PICTURE);
      };
    });
    const answer = await proxyWith()(new Request(post(), { signal: gone.signal }));
    if (way === 'cancel') await answer.body?.cancel();
    else gone.abort();
    await closed;
    if (way === 'abort') await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it('is not asked for when it has gone before', async () => {
    const answer = await proxyWith()(new Request(post(), { signal: AbortSignal.abort() }));
    expect(answer.status).toBe(499);
    expect(seen).toEqual([]);
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, url = URL_OF_MODEL) =>
    new Request(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it('on the list get a preflight and may read the answer, errors too', async () => {
    const authorize = vi.fn(() => true);
    const proxy = proxyWith({ origins: ['https://other.example', 'http://localhost:5173'], authorize });
    const allowed = await proxy(preflight('https://other.example'));
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toEqual({
      allow: 'OPTIONS, POST',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'accept, authorization, content-type, x-use-cache, x-wait-for-model',
      'access-control-allow-methods': 'POST',
      'access-control-allow-origin': 'https://other.example',
      'access-control-expose-headers': 'ratelimit, retry-after, x-request-id',
      'access-control-max-age': '7200',
      vary: 'origin',
    });
    expect(authorize).not.toHaveBeenCalled();
    const origin = 'http://localhost:5173';
    for (const model of [MODEL, 'owner/other']) {
      const answer = await proxy(post(`${PAGE}/models/${model}`, { origin }));
      expect(answer.status).toBe(model === MODEL ? 200 : 403);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      await answer.arrayBuffer();
    }
  });

  it.each([
    'https://evil.example',
    'null',
    'https://other.example.evil',
    'http://other.example',
    'https://other.example:8443',
  ])('such as %s get nothing', async (origin) => {
    const proxy = proxyWith({ origins: ['https://other.example'] });
    const site = { origin, 'sec-fetch-site': 'cross-site' };
    for (const request of [preflight(origin), post(URL_OF_MODEL, site)]) {
      const answer = await proxy(request);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(seen).toEqual([]);
  });

  it('are told from the own one, also behind a server that ends TLS', async () => {
    const inside = `http://127.0.0.1:8787/models/${MODEL}`;
    for (const [headers, status] of [
      [{ origin: 'http://127.0.0.1:8787' }, 200],
      [{ origin: PAGE, 'sec-fetch-site': 'same-origin' }, 200],
      [{ origin: PAGE }, 403],
      [{ origin: PAGE, 'sec-fetch-site': 'same-site' }, 403],
    ] as const) {
      const answer = await proxyWith()(post(inside, headers));
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await answer.arrayBuffer();
    }
  });
});

it.each<[string, object]>([
  ['a missing token', { accessToken: undefined }],
  ['an empty token', { accessToken: ' ' }],
  ['a missing hook', { authorize: undefined }],
  ['a list that is a text', { allow: MODEL }],
  ['an origin with a slash', { origins: ['https://app.example/'] }],
  ['every origin', { origins: ['*'] }],
  ['no origin', { origins: ['null'] }],
  ['a cap that is a text', { maxBodyBytes: '20mb' }],
  ['no cap', { maxBodyBytes: Number.POSITIVE_INFINITY }],
  ['no time', { timeoutMs: 0 }],
  ['more time than timers count', { timeoutMs: 2 ** 31 }],
])('is not made with %s', (_, options) => {
  expect(() => proxyWith(options)).toThrow(/^(accessToken|authorize|allow|".*" is no origin|maxBodyBytes|timeoutMs)/);
});
