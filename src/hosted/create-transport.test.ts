import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { isImageToImageError } from '../contract/errors.js';
import { createTransport, type TransportOptions } from './create-transport.js';
import type { HostedEvent } from './hosted-call.js';
import type { HostedRequest, Transport } from './transport.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Site {
  readonly origin: string;
  readonly host: string;
  /** Every request, with its body read. */
  readonly seen: { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
}

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** The n-th request gets the n-th handler, all later ones the last. */
async function serve(...handlers: readonly Handler[]): Promise<Site> {
  const seen: Site['seen'] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', headers } = request;
    seen.push({ method, headers, body: Buffer.concat(pieces).toString() });
    handlers[Math.min(seen.length, handlers.length) - 1]?.(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin: `http://${host}`, host, seen };
}

const answers =
  (status: number, body: string | Buffer = '', headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  answers(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });

const ok = answers(200, 'fine');
const hangsUp: Handler = (request) => request.socket.destroy();
const staysSilent: Handler = () => {};
const loading = json(503, { error: 'Model ann/m is currently loading', estimated_time: 0.2 });

interface Bench {
  readonly transport: Transport;
  readonly events: HostedEvent[];
  /** Milliseconds of each wait; they pass at once. */
  readonly waits: number[];
}

function bench(options: Partial<TransportOptions> = {}): Bench {
  const events: HostedEvent[] = [];
  const waits: number[] = [];
  let nowMs = Date.UTC(2026, 10, 21, 12);
  const transport = createTransport({
    tokenHosts: new Set(),
    onEvent: (event) => events.push(event),
    random: () => 0.5,
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    ...options,
  });
  return { transport, events, waits };
}

const submit = ({ origin }: Site, more: Partial<HostedRequest> = {}): HostedRequest => ({
  step: 'submit',
  method: 'POST',
  url: `${origin}/models/m?x=1`,
  body: 'picture',
  maxBytes: 1000,
  ...more,
});

const download = (site: Site, more: Partial<HostedRequest> = {}): HostedRequest => {
  const { body: _, ...rest } = submit(site);
  return { ...rest, step: 'download', method: 'GET', ...more };
};

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function failureOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  const caught = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isImageToImageError(caught, 'remote-failed')) throw new Error(`Not remote-failed: ${caught}`);
  expect(caught.phase).toBe('hosted');
  return { ...caught.details, message: caught.message, cause: caught.cause };
}

describe('the token', () => {
  test.each([
    ['Bearer', 'hf_abc'],
    ['Key', 'id:secret'],
  ] as const)('is sent as %s to a host that may have it', async (scheme, token) => {
    const site = await serve(ok);
    await bench({ token: ` ${token}\n`, tokenHosts: new Set([site.host]) }).transport.send(submit(site, { scheme }));
    expect(site.seen[0]?.headers.authorization).toBe(`${scheme} ${token}`);
  });

  test('goes to no other host, be it only another port', async () => {
    const [own, other] = [await serve(ok), await serve(ok)];
    const { transport } = bench({ token: 'hf_abc', tokenHosts: new Set([own.host]) });
    await transport.send(submit(own));
    await transport.send(download(other));
    expect(own.seen[0]?.headers.authorization).toBe('Bearer hf_abc');
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each([undefined, '', '  ', () => '', async () => ''])('that is empty (%s) means no header', async (token) => {
    const site = await serve(ok);
    await bench({ token, tokenHosts: new Set([site.host]) }).transport.send(submit(site));
    expect(site.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test('function is asked once per attempt, and not for other hosts', async () => {
    const [own, other] = [await serve(loading, loading, ok), await serve(ok)];
    let asked = 0;
    const token = async () => `hf_${++asked}`;
    const { transport } = bench({ token, tokenHosts: new Set([own.host]) });
    expect(await transport.peekToken()).toBe('hf_1');
    await transport.send(submit(own));
    await transport.send(download(other));
    expect(own.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer hf_1', 'Bearer hf_2', 'Bearer hf_3']);
    expect(asked).toBe(3);
  });

  test('function that fails is said to, and nothing is sent', async () => {
    const site = await serve(ok);
    const token = () => Promise.reject(new TypeError('no session for hf_secretsecret'));
    const failing = bench({ token, tokenHosts: new Set([site.host]) }).transport.send(submit(site));
    expect(await failureOf(failing)).toMatchObject({ kind: 'auth', cause: 'TypeError: no session for [...]' });
    expect(site.seen).toEqual([]);
  });

  test.each(['hf_a\nb', 'hf_ä', 'hf a'])('that no header can carry (%j) is misuse, and not quoted', async (token) => {
    const site = await serve(ok);
    const { transport } = bench({ token, tokenHosts: new Set([site.host]) });
    const failing = transport.send(submit(site));
    await expect(failing).rejects.toThrow(TypeError);
    await expect(failing).rejects.not.toThrow(token);
    expect(site.seen).toEqual([]);
  });

  test('cannot be written by a caller', async () => {
    const site = await serve(ok);
    const failing = bench().transport.send(submit(site, { headers: { Authorization: 'Bearer hf_abc' } }));
    await expect(failing).rejects.toThrow(TypeError);
    expect(site.seen).toEqual([]);
  });
});

describe('each request', () => {
  test('is made by the given fetch, refuses redirects, and brings neither cookies nor a referrer', async () => {
    const inits: RequestInit[] = [];
    const own = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
      inits.push(init);
      return new Response('fine');
    };
    const options = { fetch: own as typeof fetch, tokenHosts: new Set(['a.example']) };
    for (const includeCredentials of [undefined, false, true, 'include', 'same-origin']) {
      const { transport } = bench({ ...options, includeCredentials });
      await transport.send({ step: 'submit', method: 'POST', url: 'https://a.example/', maxBytes: 10 });
      await transport.send({ step: 'download', method: 'GET', url: 'https://b.example/', maxBytes: 10 });
    }
    for (const init of inits) {
      expect(init).toMatchObject({ redirect: 'error', referrerPolicy: 'no-referrer', cache: 'no-store' });
    }
    const credentials = inits.map((init) => init.credentials);
    expect(credentials.filter((_, index) => index % 2 === 0)).toEqual([
      'omit',
      'omit',
      'include',
      'include',
      'same-origin',
    ]);
    expect(credentials.filter((_, index) => index % 2 === 1)).toEqual(Array(5).fill('omit'));
    expect(() => bench({ includeCredentials: 'always' })).toThrow(TypeError);
  });

  test('that is redirected sends nothing to the other address', async () => {
    const other = await serve(ok);
    const site = await serve(answers(307, '', { location: other.origin }));
    const failure = await failureOf(bench().transport.send(submit(site)));
    expect(failure).toMatchObject({ kind: 'network-or-cors', step: 'submit' });
    expect(failure.message).toMatch(/redirect, which is not followed/);
    expect([site.seen.length, other.seen.length]).toEqual([1, 0]);
  });

  test('that an own fetch lets redirect is refused afterwards', async () => {
    const other = await serve(ok);
    const site = await serve(answers(302, '', { location: other.origin }));
    const following = ((url: string, init: RequestInit) => fetch(url, { ...init, redirect: 'follow' })) as typeof fetch;
    const manual = ((url: string, init: RequestInit) => fetch(url, { ...init, redirect: 'manual' })) as typeof fetch;
    for (const own of [following, manual]) {
      const failing = bench({ fetch: own }).transport.send(download(site));
      expect(await failureOf(failing)).toMatchObject({ kind: 'bad-answer' });
    }
  });

  test.each(['http://models.example/', 'https://user:pass@models.example/', 'ftp://models.example/', '/api'])(
    'to %s is refused: misuse where the application names it, a bad answer where a reply does',
    async (url) => {
      const asked: unknown[] = [];
      const own = ((input: unknown) => asked.push(input)) as unknown as typeof fetch;
      const { transport } = bench({ fetch: own });
      await expect(transport.send({ step: 'submit', method: 'POST', url, maxBytes: 1 })).rejects.toThrow(RangeError);
      const failing = transport.send({ step: 'download', method: 'GET', url, maxBytes: 1, provider: 'fal-ai' });
      expect(await failureOf(failing)).toMatchObject({ kind: 'bad-answer', provider: 'fal-ai' });
      expect(asked).toEqual([]);
    },
  );

  test('may change its headers after a 503', async () => {
    const site = await serve(loading, ok);
    const headers: HostedRequest['headers'] = ({ number, previousStatus }) => ({
      'X-Number': String(number),
      ...(previousStatus === 503 ? { 'x-wait-for-model': 'true' } : {}),
    });
    await bench().transport.send(submit(site, { headers }));
    expect(site.seen.map((request) => request.headers['x-number'])).toEqual(['1', '2']);
    expect(site.seen.map((request) => request.headers['x-wait-for-model'])).toEqual([undefined, 'true']);
  });

  test('counts: submits, and bytes of bodies in both directions, those of failures included', async () => {
    const site = await serve(answers(503, 'busy'), ok);
    const { transport } = bench();
    await transport.send(submit(site, { body: new Blob(['äpicture']) }));
    await transport.send(download(site));
    expect(transport.attempts).toBe(2);
    expect(transport.bytes).toEqual({ up: 18, down: 4 + 4 + 4 });
  });
});

describe('repetition', () => {
  test('of a submit after 503: three at most, each wait as long as the model is said to load', async () => {
    const site = await serve(loading, loading, ok);
    const { transport, events, waits } = bench();
    const { bytes } = await transport.send(submit(site));
    expect(textOf(bytes)).toBe('fine');
    expect(site.seen.map(({ body }) => body)).toEqual(['picture', 'picture', 'picture']);
    expect(waits).toEqual([200, 200]);
    expect(events).toEqual(Array(2).fill({ type: 'loading-model', estimatedMs: 200 }));
  });

  test('ends after three; the error keeps what was expected', async () => {
    const site = await serve(loading);
    const failure = await failureOf(bench().transport.send(submit(site, { provider: 'hf-inference' })));
    expect(failure).toMatchObject({ kind: 'model-loading', status: 503, step: 'submit', retryAfterMs: 200 });
    expect(failure.message).toMatch(/^hf-inference answered 503 .*"Model ann\/m is currently loading"\. Call again/);
    expect(site.seen).toHaveLength(3);
  });

  test('can be switched off', async () => {
    const site = await serve(loading);
    const { transport, events } = bench({ retry_on_error: false });
    expect(await failureOf(transport.send(submit(site)))).toMatchObject({ kind: 'model-loading', retryAfterMs: 200 });
    expect(await failureOf(transport.send(download(site)))).toMatchObject({ kind: 'model-loading' });
    expect([site.seen.length, events]).toEqual([2, []]);
  });

  test('after 429 waits as the server asks, else for a time drawn by lot', async () => {
    const site = await serve(
      answers(429, '', { 'retry-after': '7' }),
      answers(429, '', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }),
      ok,
    );
    const { transport, waits, events } = bench();
    await transport.send(submit(site));
    // The clock stood at 12:00:07 by then.
    expect(waits).toEqual([7000, 23_000]);
    expect(events[0]).toEqual({ type: 'retrying', attempt: 2, waitMs: 7000, reason: 'rate-limited (429)' });
    const second = await serve(answers(429, '', { RateLimit: '"x";r=0;t=2' }), answers(429), ok);
    await transport.send(submit(second));
    expect(waits.slice(2)).toEqual([2000, 1000]);
  });

  test('is not tried where the deadline comes first', async () => {
    const site = await serve(answers(429, '', { 'retry-after': '3600' }));
    const { transport, waits } = bench({ timeoutMs: 30_000 });
    const failure = await failureOf(transport.send(submit(site)));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 3_600_000 });
    expect(failure.message).toMatch(/pause of 3600 s/);
    expect([site.seen.length, waits]).toEqual([1, []]);
  });

  test.each([500, 502, 504])('of a GET after %i, never of a submit unless it says so', async (status) => {
    const site = await serve(answers(status), ok, answers(status), answers(status), ok);
    const { transport } = bench();
    expect((await transport.send(download(site))).status).toBe(200);
    await failureOf(transport.send(submit(site)));
    expect(site.seen).toHaveLength(3);
    expect((await transport.send(submit(site, { repeatOn: [status] }))).status).toBe(200);
  });

  test.each([400, 401, 402, 403, 404, 413, 422])('never after %i', async (status) => {
    const site = await serve(answers(status));
    const { transport } = bench();
    await failureOf(transport.send(submit(site)));
    await failureOf(transport.send(download(site)));
    expect(site.seen).toHaveLength(2);
  });
});

describe('a broken connection', () => {
  const announces: Handler = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('a part of it', () => response.destroy());
  };
  const chunked: Handler = (_request, response) => {
    response.writeHead(200);
    response.write('a part of it', () => response.destroy());
  };

  test.each([
    ['before the headers', hangsUp],
    ['in a body of known length', announces],
    ['in a chunked body', chunked],
  ])('%s: one POST only, three GETs', async (_where, handler) => {
    const site = await serve(handler);
    const { transport, events } = bench();
    const failure = await failureOf(transport.send(submit(site)));
    expect(failure).toMatchObject({ kind: 'network-or-cors', step: 'submit' });
    expect(failure).not.toHaveProperty('status');
    expect(failure.message).toMatch(/not sent again: the service may have received it/);
    expect([site.seen.length, events]).toEqual([1, []]);
    await failureOf(transport.send(download(site)));
    expect(site.seen).toHaveLength(4);
    expect(events).toHaveLength(2);
  });

  test('is mended by asking again', async () => {
    const site = await serve(hangsUp, announces, ok);
    expect(textOf((await bench().transport.send(download(site))).bytes)).toBe('fine');
  });

  test('that the browser passes off as the end is found by the length', async () => {
    const short = async (): Promise<Response> => new Response('short', { headers: { 'content-length': '9' } });
    const { transport } = bench({ fetch: short as typeof fetch });
    const request = { step: 'download', method: 'GET', url: 'https://a.example/', maxBytes: 10 } as const;
    const failure = await failureOf(transport.send(request));
    expect(failure.message).toMatch(/^a\.example broke off its answer after 5 of 9 bytes/);
  });

  test('names the headers that another origin has to allow', async () => {
    const site = await serve(hangsUp);
    const { transport } = bench({ token: 'hf_abc', tokenHosts: new Set([site.host]) });
    const headers = { Accept: 'image/png', 'X-HF-Bill-To': 'ann' };
    const body = new Blob(['picture'], { type: 'image/png' });
    const failure = await failureOf(transport.send(submit(site, { headers, body })));
    expect(failure.message).toContain(
      "allows this page's origin and the headers authorization, content-type, x-hf-bill-to (CORS)",
    );
    expect(failure.message).not.toMatch(/ann|hf_abc/);
    expect(failure.cause).toMatch(/^TypeError: fetch failed/);
  });
});

describe('an answer', () => {
  test('arrives in pieces, with progress', async () => {
    const site = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 200_000 });
      response.write(Buffer.alloc(100_000));
      setTimeout(() => response.end(Buffer.alloc(100_000)), 20);
    });
    const told: (readonly [number, number | undefined])[] = [];
    const onBytes = (received: number, total: number | undefined) => told.push([received, total]);
    const { transport } = bench();
    const { bytes } = await transport.send(download(site, { maxBytes: 200_000, onBytes }));
    expect(bytes).toHaveLength(200_000);
    expect(transport.bytes.down).toBe(200_000);
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual([200_000, 200_000]);
  });

  test('that never ends is cut off at the cap, and not asked for again', async () => {
    let isClosed: Promise<unknown> = Promise.resolve();
    const site = await serve((_request, response) => {
      response.writeHead(200);
      isClosed = new Promise((resolve) => response.on('close', resolve));
      const pour = (): void =>
        void (response.destroyed || response.write(Buffer.alloc(4096), () => setImmediate(pour)));
      pour();
    });
    const failure = await failureOf(bench().transport.send(download(site, { maxBytes: 50_000 })));
    expect(failure).toMatchObject({ kind: 'bad-answer' });
    expect(failure.message).toMatch(/more than 50000 bytes.*maxAnswerBytes/);
    await isClosed;
    expect(site.seen).toHaveLength(1);
  });

  test('that unpacks to more than the cap is cut off too', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const site = await serve(answers(200, bomb, { 'content-encoding': 'gzip' }));
    const { transport } = bench();
    await failureOf(transport.send(download(site, { maxBytes: 100_000 })));
    expect(transport.bytes.down).toBeLessThan(1_000_000);
  });

  test('whose length counts compressed bytes is not taken for cut', async () => {
    const packed = gzipSync(Buffer.from('x'));
    const site = await serve(
      answers(200, packed, { 'content-encoding': 'gzip', 'content-length': String(packed.length) }),
    );
    expect(textOf((await bench().transport.send(download(site))).bytes)).toBe('x');
  });

  test('with an error is shown, without token, prompt and picture, whatever the service repeats of them', async () => {
    const token = 'hf_AbCdEf0123456789';
    const prompt = 'turn my Uncle Bob\n into "a frog"';
    const picture = Buffer.alloc(90, 'pixels').toString('base64');
    const echo: Handler = (request, response) => {
      const { authorization } = request.headers;
      const error = `Bad input: ${authorization} said ${prompt} with inputs=${picture}; also ${JSON.stringify(prompt)}`;
      response.writeHead(422, { 'x-request-id': 'r-1' }).end(JSON.stringify({ error }));
    };
    const site = await serve(echo);
    const { transport } = bench({ token, tokenHosts: new Set([site.host]), secrets: [prompt] });
    const error: unknown = await transport.send(submit(site, { body: picture })).catch((caught: unknown) => caught);
    const text = JSON.stringify(error) + String(error) + (error as Error).stack;
    for (const secret of [token, 'AbCdEf', 'Uncle', 'frog', picture.slice(0, 20)]) expect(text).not.toContain(secret);
    expect(error).toMatchObject({ details: { kind: 'validation', status: 422, requestId: 'r-1' } });
    expect((error as Error).message).toContain('"Bad input: Bearer [...] said [...] with');
  });

  test('is without the token also where that looks like any word', async () => {
    const site = await serve((request, response) => {
      response.writeHead(401).end(`no such key: ${request.headers.authorization?.slice('Key '.length)}`);
    });
    const { transport } = bench({ token: 'my-own-secret-key', tokenHosts: new Set([site.host]) });
    const failure = await failureOf(transport.send(submit(site, { scheme: 'Key' })));
    expect(failure.message).toContain('"no such key: [...]"');
  });

  test('with an endless error is read in part', async () => {
    const site = await serve((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const pour = (): void =>
        void (response.destroyed || response.write('trouble '.repeat(512), () => setImmediate(pour)));
      pour();
    });
    const failure = await failureOf(bench().transport.send(submit(site)));
    expect(failure.message).toMatch(/answered 500 to the request: "trouble trouble .*…"/);
  });
});

describe('the end of a call', () => {
  const reason = new Error('enough');

  /** What an abort meets, and what starts it. */
  const moments: Record<string, { readonly handler: Handler; readonly options?: Partial<TransportOptions> }> = {
    'while the token is awaited': { handler: ok, options: { token: () => new Promise<string>(() => {}) } },
    'while the server is silent': { handler: staysSilent },
    'in the middle of a body': {
      handler: (_request, response) => {
        response.writeHead(200);
        response.write('a part');
      },
    },
    'in the middle of an error': {
      handler: (_request, response) => {
        response.writeHead(503);
        response.write('a part');
      },
    },
    'while it waits for another attempt': {
      handler: loading,
      options: { sleep: () => new Promise<void>(() => {}) },
    },
    'while an own fetch ignores the signal': {
      handler: ok,
      options: { fetch: (() => new Promise<Response>(() => {})) as typeof fetch },
    },
  };

  test.each(Object.entries(moments))(
    'by the signal %s: its own reason, and nothing more is sent',
    async (_when, moment) => {
      const site = await serve(moment.handler);
      const controller = new AbortController();
      const { transport } = bench({ ...moment.options, signal: controller.signal, tokenHosts: new Set([site.host]) });
      const sending = transport.send(download(site, { step: 'poll' }));
      setTimeout(() => controller.abort(reason), 50);
      await expect(sending).rejects.toBe(reason);
      const before = site.seen.length;
      await expect(transport.send(download(site, { step: 'poll' }))).rejects.toBe(reason);
      await expect(transport.wait(1)).rejects.toBe(reason);
      await expect(transport.peekToken()).rejects.toBe(reason);
      expect(site.seen.length).toBe(before);
    },
  );

  test.each(Object.entries(moments))('by the deadline %s', async (_when, moment) => {
    const site = await serve(moment.handler);
    const { transport } = bench({
      now: Date.now,
      ...moment.options,
      // Above the 200 ms of `loading`: else the wait would not be begun.
      timeoutMs: 400,
      tokenHosts: new Set([site.host]),
    });
    await expect(transport.send(download(site, { step: 'poll', provider: 'fal-ai' }))).rejects.toMatchObject({
      code: 'deadline-exceeded',
      phase: 'hosted',
      message: expect.stringMatching(/^fal-ai was not done within 0\.4 s.*raise timeoutMs/),
      details: { step: 'poll', provider: 'fal-ai', timeoutMs: 400 },
    });
    await expect(transport.wait(1)).rejects.toMatchObject({ code: 'deadline-exceeded' });
  });

  test('by a signal of before: no request, no question for the token', async () => {
    const site = await serve(ok);
    let asked = 0;
    const token = () => String(++asked);
    const { transport } = bench({ signal: AbortSignal.abort(reason), token, tokenHosts: new Set([site.host]) });
    await expect(transport.send(submit(site))).rejects.toBe(reason);
    expect([site.seen.length, asked]).toEqual([0, 0]);
  });

  test('by AbortSignal.timeout is an abort, not our deadline', async () => {
    const site = await serve(staysSilent);
    const { transport } = bench({ signal: AbortSignal.timeout(50) });
    await expect(transport.send(submit(site))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('in a wait: the deadline cuts it short', async () => {
    const { transport, waits } = bench({ timeoutMs: 1000 });
    await transport.wait(400);
    await expect(transport.wait(5000)).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(waits).toEqual([400, 600]);
  });

  test('by the deadline lets nothing more be sent', async () => {
    let asked = 0;
    const own = async (): Promise<Response> => new Response(String(++asked));
    const { transport } = bench({ timeoutMs: 1000, fetch: own as typeof fetch });
    await transport.wait(1000).catch(() => {});
    const request = { step: 'submit', method: 'POST', url: 'https://a.example/', maxBytes: 10 } as const;
    await expect(transport.send(request)).rejects.toMatchObject({ code: 'deadline-exceeded' });
    expect(asked).toBe(0);
  });

  test('by the signal is told by its own reason, whatever error the interrupted work makes of it', async () => {
    const controller = new AbortController();
    const sleep = (_ms: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('woken'))));
    const waiting = bench({ signal: controller.signal, sleep }).transport.wait(5000);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('never comes by itself without a time limit', async () => {
    const site = await serve(loading, ok);
    const { transport, waits } = bench({ timeoutMs: Number.POSITIVE_INFINITY });
    await transport.send(submit(site));
    expect(waits).toEqual([200]);
  });

  test('says that what was submitted may go on', async () => {
    const site = await serve(staysSilent);
    const { transport } = bench({ now: Date.now, timeoutMs: 100 });
    await expect(transport.send(submit(site))).rejects.toThrow(/may still be carried out, and billed/);
  });

  test('does not keep a cancel from being sent: once, with the token', async () => {
    const site = await serve(staysSilent, answers(500));
    const controller = new AbortController();
    const { transport, events } = bench({
      signal: controller.signal,
      token: 'hf_abc',
      tokenHosts: new Set([site.host]),
    });
    const sending = transport.send(submit(site));
    setTimeout(() => controller.abort(reason), 50);
    await expect(sending).rejects.toBe(reason);
    const cancel = { step: 'cancel', method: 'PUT', url: `${site.origin}/cancel`, maxBytes: 100 } as const;
    expect(await failureOf(transport.send(cancel))).toMatchObject({ step: 'cancel', status: 500 });
    expect(site.seen.map(({ method }) => method)).toEqual(['POST', 'PUT']);
    expect(site.seen[1]?.headers.authorization).toBe('Bearer hf_abc');
    expect(events).toEqual([]);
  });

  test('of one call is not that of another', async () => {
    const site = await serve(staysSilent, ok);
    const controller = new AbortController();
    const first = bench({ signal: controller.signal }).transport.send(download(site));
    first.catch(() => {});
    await expect.poll(() => site.seen.length).toBe(1);
    const second = bench().transport.send(download(site));
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(textOf((await second).bytes)).toBe('fine');
  });
});

describe('statuses and bodies as services really answer', () => {
  test.each([
    [400, { error: 'unknown scheduler' }, 'validation', 'unknown scheduler'],
    [401, { error: 'Invalid username or password.' }, 'auth', 'Invalid username or password.'],
    [
      402,
      { error: { message: 'You have exceeded your monthly credits' } },
      'payment',
      'You have exceeded your monthly credits',
    ],
    [403, { error: ['not allowed', 'for you'] }, 'forbidden', 'not allowed; for you'],
    [
      403,
      { detail: 'User is locked. Reason: Exhausted balance.' },
      'payment',
      'User is locked. Reason: Exhausted balance.',
    ],
    [404, { message: 'no such model' }, 'not-found', 'no such model'],
    [413, 'length limit exceeded', 'too-large', 'length limit exceeded'],
    [
      422,
      { detail: [{ loc: ['body', 'parameters', 'steps'], msg: 'field required', type: 'missing' }] },
      'validation',
      'parameters.steps: field required',
    ],
    [429, { error: 'slow down' }, 'rate-limited', 'slow down'],
    [500, '<html><head><title>502 Bad Gateway</title></head>', 'provider-error', '502 Bad Gateway'],
    [502, 'upstream gone', 'provider-error', 'upstream gone'],
    [503, 'Service Unavailable', 'provider-error', 'Service Unavailable'],
    [
      504,
      { detail: 'Request timed out', error_type: 'request_timeout' },
      'provider-error',
      'Request timed out (request_timeout)',
    ],
  ])('%i %j is %s', async (status, body, kind, said) => {
    const site = await serve(
      typeof body === 'string' ? answers(status, body, { 'content-type': 'text/plain' }) : json(status, body),
    );
    const failure = await failureOf(
      bench({ retry_on_error: false }).transport.send(submit(site, { provider: 'fal-ai' })),
    );
    expect(failure).toMatchObject({ kind, status, step: 'submit', provider: 'fal-ai' });
    expect(failure.message).toContain(`fal-ai answered ${status} to the request: "${said}".`);
  });
});
