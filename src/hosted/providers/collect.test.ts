import { describe, expect, test } from 'vitest';
import { createTransport } from '../create-transport.js';
import type { HostedEvent } from '../hosted-call.js';
import { collectFromFal } from './fal-ai.js';
import type { Answerer } from './parameters.js';
import { receivePicture } from './receive-picture.js';
import { collectFromReplicate } from './replicate.js';
import type { SubmittedCall } from './submitted-call.js';
import { collectFromWavespeed } from './wavespeed.js';

const PNG_BASE64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
const PNG = Uint8Array.from(Buffer.from(PNG_BASE64, 'base64'));

const REASON = new Error('enough');

/** What the fake network answers with; `never` waits for the abort. */
type Reply =
  | { readonly status?: number; readonly json?: unknown; readonly text?: string }
  | Uint8Array<ArrayBuffer>
  | 'never';

interface Scene {
  readonly answerer: Answerer;
  /** That the picture was sent to. */
  readonly url: string;
  readonly token?: string;
  /** JSON that the submit was answered with. */
  readonly submitted: unknown;
  /** In the order of the requests, those that cancel left out. */
  readonly replies: readonly Reply[];
  readonly signal?: AbortSignal;
  /** Called with each wait between two polls. */
  readonly onWait?: (count: number) => void;
  readonly cancelNeverAnswers?: boolean;
}

const COLLECT: Partial<Record<Answerer, (call: SubmittedCall) => Promise<Blob>>> = {
  'fal-ai': collectFromFal,
  replicate: collectFromReplicate,
  wavespeed: collectFromWavespeed,
};

function play(scene: Scene) {
  const { answerer, url, token = 'hf_secret', submitted, signal } = scene;
  const requests: string[] = [];
  const cancels: string[] = [];
  const events: HostedEvent[] = [];
  const waits: number[] = [];
  const replies = [...scene.replies];
  let nowMs = 0;
  const transport = createTransport({
    token,
    tokenHosts: new Set([new URL(url).host]),
    signal,
    timeoutMs: 60_000,
    now: () => nowMs,
    async sleep(ms) {
      waits.push(ms);
      nowMs += ms;
      scene.onWait?.(waits.length);
    },
    onEvent: (event) => events.push(event),
    async fetch(input, init) {
      const { authorization } = (init?.headers ?? {}) as Record<string, string>;
      const line = `${init?.method} ${String(input)} ${authorization ?? '-'}`;
      const isCancel = /\/cancel\b/.test(String(input));
      (isCancel ? cancels : requests).push(line);
      if (isCancel && !scene.cancelNeverAnswers) return new Response('{}');
      const reply = isCancel ? 'never' : replies.shift();
      if (reply === undefined) throw new Error(`nobody expected ${line}`);
      return reply === 'never' ? new Promise(() => {}) : respond(reply);
    },
  });
  const call: SubmittedCall = {
    answerer,
    url,
    scheme: token.startsWith('hf_') || answerer !== 'fal-ai' ? 'Bearer' : 'Key',
    answer: { status: 200, headers: new Headers(), bytes: bytesOf(submitted) },
    transport,
    maxBytes: 1 << 20,
    onEvent: (event) => events.push(event),
  };
  const collect = COLLECT[answerer] ?? ((of) => receivePicture(of, of.answer, 'submit'));
  return { result: collect(call), requests, cancels, events, waits };
}

function respond(reply: Exclude<Reply, 'never'>): Response {
  if (reply instanceof Uint8Array)
    return new Response(reply, { headers: { 'content-type': 'application/octet-stream' } });
  return new Response(reply.text ?? JSON.stringify(reply.json ?? {}), { status: reply.status ?? 200 });
}

function bytesOf(answer: unknown): Uint8Array<ArrayBuffer> {
  return answer instanceof Uint8Array
    ? Uint8Array.from(answer)
    : new TextEncoder().encode(typeof answer === 'string' ? answer : JSON.stringify(answer));
}

async function expectPng(result: Promise<Blob>): Promise<void> {
  const blob = await result;
  expect(blob.type).toBe('image/png');
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(PNG);
}

const failed = (kind: string, more: Record<string, unknown> = {}) => ({
  code: 'remote-failed',
  phase: 'hosted',
  details: expect.objectContaining({ kind, ...more }),
});

describe('fal-ai', () => {
  const QUEUE = 'https://queue.fal.run/fal-ai/flux/requests/r1';
  const ROUTED = 'https://router.huggingface.co/fal-ai/fal-ai/flux/requests/r1';
  const url = 'https://router.huggingface.co/fal-ai/fal-ai/flux/edit?_subdomain=queue';
  const submitted = {
    request_id: 'r1',
    status: 'IN_QUEUE',
    queue_position: 3,
    response_url: QUEUE,
    status_url: `${QUEUE}/status`,
    cancel_url: `${QUEUE}/cancel`,
  };
  const completed = { json: { status: 'COMPLETED' } };
  const result = { json: { images: [{ url: 'https://cdn.example/1.png', content_type: 'image/jpeg' }] } };
  const scene: Scene = { answerer: 'fal-ai', url, submitted, replies: [completed, result, PNG] };

  test('through the router: at the paths that the answer names, marked as the queue; the picture itself without the token', async () => {
    const played = play({
      ...scene,
      replies: [
        { status: 202, json: { status: 'IN_QUEUE', queue_position: 2 } },
        { status: 202, json: { status: 'IN_QUEUE', queue_position: 2 } },
        { status: 202, json: { status: 'IN_PROGRESS', logs: [] } },
        { status: 200, json: { status: 'COMPLETED' } },
        result,
        PNG,
      ],
    });
    await expectPng(played.result);
    const poll = `GET ${ROUTED}/status?_subdomain=queue Bearer hf_secret`;
    expect(played.requests).toEqual([
      ...[poll, poll, poll, poll],
      `GET ${ROUTED}?_subdomain=queue Bearer hf_secret`,
      'GET https://cdn.example/1.png -',
    ]);
    expect(played.events).toEqual([
      { type: 'queued', position: 3 },
      { type: 'queued', position: 2 },
      { type: 'running' },
      { type: 'downloading', receivedBytes: PNG.length },
    ]);
    expect(played.waits).toEqual([500, 625, 781.25, 976.5625]);
    expect(played.cancels).toEqual([]);
  });

  test('with its own key, at its own host', async () => {
    const played = play({ ...scene, url: 'https://queue.fal.run/fal-ai/flux/edit', token: 'id:secret' });
    await expectPng(played.result);
    expect(played.requests).toEqual([
      `GET ${QUEUE}/status Key id:secret`,
      `GET ${QUEUE} Key id:secret`,
      'GET https://cdn.example/1.png -',
    ]);
  });

  test('an answer that names another host gets no token there', async () => {
    const evil = 'https://evil.example/fal-ai/flux/requests/r1';
    const played = play({
      ...scene,
      submitted: { ...submitted, response_url: evil, status_url: `${evil}/status`, cancel_url: `${evil}/cancel` },
    });
    await expectPng(played.result);
    expect(played.requests.filter((line) => line.includes('evil.example'))).toEqual([]);
  });

  test('addresses that the answer leaves out lie below that of the result', async () => {
    const abort = new AbortController();
    const played = play({
      ...scene,
      submitted: { status: 'IN_QUEUE', response_url: QUEUE },
      replies: [{ json: { status: 'IN_PROGRESS' } }],
      signal: abort.signal,
      onWait: (count) => count === 2 && abort.abort(REASON),
    });
    await expect(played.result).rejects.toBe(REASON);
    expect(played.requests).toEqual([`GET ${ROUTED}/status?_subdomain=queue Bearer hf_secret`]);
    expect(played.cancels).toEqual([`PUT ${ROUTED}/cancel?_subdomain=queue Bearer hf_secret`]);
  });

  test('a poll that fails once is made again', async () => {
    const played = play({ ...scene, replies: [{ status: 500, text: 'oops' }, completed, result, PNG] });
    await expectPng(played.result);
    expect(played.requests).toHaveLength(4);
  });

  test.each(['FAILED', 'ERROR', 'CANCELLED'])('%s ends it, and there is nothing to cancel', async (status) => {
    const played = play({ ...scene, replies: [{ json: { status, error: 'no faces, please' } }] });
    await expect(played.result).rejects.toMatchObject({
      ...failed('provider-error'),
      message: expect.stringMatching(`${status}.*no faces, please`),
    });
    expect(played.cancels).toEqual([]);
  });

  test('a status that is not JSON: the job is given up', async () => {
    const played = play({ ...scene, replies: [{ text: '<html>' }] });
    await expect(played.result).rejects.toMatchObject(failed('bad-answer'));
    expect(played.cancels).toHaveLength(1);
  });

  test('a result with an error status keeps it', async () => {
    const detail = [{ loc: ['body', 'image_url'], msg: 'too small', type: 'value_error' }];
    const played = play({ ...scene, replies: [completed, { status: 422, json: { detail } }] });
    await expect(played.result).rejects.toMatchObject({
      ...failed('validation', { status: 422 }),
      message: expect.stringContaining('too small'),
    });
  });

  test('one image in place of a list', async () => {
    await expectPng(
      play({ ...scene, replies: [completed, { json: { image: { url: 'https://cdn.example/1' } } }, PNG] }).result,
    );
  });

  test('a result as a data URL needs no download', async () => {
    const images = [{ url: `data:image/jpeg;base64,${PNG_BASE64}` }];
    await expectPng(play({ ...scene, replies: [completed, { json: { images } }] }).result);
  });

  test.each([
    ['no picture', { json: { images: [] } }, []],
    ['not https', { json: { images: [{ url: 'http://cdn.example/1.png' }] } }, []],
    ['a page', result, [{ text: '<!doctype html><title>Hello</title>' }]],
    ['nothing', result, [{ text: '' }]],
  ] as const)('a result that is %s', async (_, answer, downloads) => {
    const played = play({ ...scene, replies: [completed, answer, ...downloads] });
    await expect(played.result).rejects.toMatchObject(failed('bad-answer'));
    expect(played.requests).toHaveLength(2 + downloads.length);
  });

  test('a result that is gone', async () => {
    const played = play({ ...scene, replies: [completed, result, { status: 404, text: '<html>' }] });
    await expect(played.result).rejects.toMatchObject(failed('not-found', { step: 'download', status: 404 }));
  });

  test('an answer without addresses', async () => {
    const played = play({ ...scene, submitted: { status: 'IN_QUEUE' }, replies: [] });
    await expect(played.result).rejects.toMatchObject(failed('bad-answer'));
  });

  test('a job that never ends is cancelled at the deadline', async () => {
    const played = play({
      ...scene,
      replies: Array.from({ length: 200 }, () => ({ json: { status: 'IN_PROGRESS' } })),
    });
    await expect(played.result).rejects.toMatchObject({ code: 'deadline-exceeded', phase: 'hosted' });
    expect(played.cancels).toEqual([`PUT ${ROUTED}/cancel?_subdomain=queue Bearer hf_secret`]);
    expect(Math.max(...played.waits)).toBe(2000);
  });

  test('an abort while a poll runs does not wait for the cancelling', async () => {
    const abort = new AbortController();
    const played = play({ ...scene, replies: ['never'], signal: abort.signal, cancelNeverAnswers: true });
    await expect.poll(() => played.requests.length).toBe(1);
    abort.abort(REASON);
    await expect(played.result).rejects.toBe(REASON);
    await expect.poll(() => played.cancels).toEqual([`PUT ${ROUTED}/cancel?_subdomain=queue Bearer hf_secret`]);
  });
});

describe('replicate', () => {
  const API = 'https://api.replicate.com/v1/predictions/p1';
  const ROUTED = 'https://router.huggingface.co/replicate/v1/predictions/p1';
  const urls = { get: API, cancel: `${API}/cancel` };
  const scene: Scene = {
    answerer: 'replicate',
    url: 'https://router.huggingface.co/replicate/v1/models/a/b/predictions',
    submitted: { id: 'p1', status: 'starting', urls },
    replies: [],
  };

  test.each([
    ['a text', 'https://cdn.example/1'],
    ['a list', ['https://cdn.example/1', 'https://cdn.example/2']],
  ])('done at once: %s', async (_, output) => {
    const played = play({ ...scene, submitted: { status: 'succeeded', output, urls }, replies: [PNG] });
    await expectPng(played.result);
    expect(played.requests).toEqual(['GET https://cdn.example/1 -']);
  });

  test('done at once, without a status', async () => {
    await expectPng(play({ ...scene, submitted: { output: ['https://cdn.example/1'] }, replies: [PNG] }).result);
  });

  test('a data URL', async () => {
    await expectPng(
      play({ ...scene, submitted: { status: 'succeeded', output: `data:image/png;base64,${PNG_BASE64}` } }).result,
    );
  });

  test('goes on after its 60 seconds', async () => {
    const played = play({
      ...scene,
      replies: [
        { json: { status: 'processing' } },
        { json: { status: 'succeeded', output: 'https://cdn.example/1' } },
        PNG,
      ],
    });
    await expectPng(played.result);
    expect(played.requests.slice(0, 2)).toEqual([`GET ${ROUTED} Bearer hf_secret`, `GET ${ROUTED} Bearer hf_secret`]);
    expect(played.events.map(({ type }) => type)).toEqual(['queued', 'running', 'downloading']);
  });

  test('at its own host', async () => {
    const played = play({
      ...scene,
      url: 'https://api.replicate.com/v1/predictions',
      token: 'r8_key',
      replies: [{ json: { status: 'succeeded', output: 'https://cdn.example/1' } }, PNG],
    });
    await expectPng(played.result);
    expect(played.requests[0]).toBe(`GET ${API} Bearer r8_key`);
  });

  test.each(['failed', 'canceled', 'aborted'])('%s', async (status) => {
    const played = play({ ...scene, submitted: { status, error: 'NSFW content detected', urls } });
    await expect(played.result).rejects.toMatchObject({
      ...failed('provider-error'),
      message: expect.stringMatching(`${status}.*NSFW content detected`),
    });
    expect(played.cancels).toEqual([]);
  });

  test.each([
    ['still running, and no address to ask at', { status: 'processing' }],
    ['nothing known', { id: 'p1' }],
    ['done without a picture', { status: 'succeeded', output: null }],
  ])('%s', async (_, submitted) => {
    await expect(play({ ...scene, submitted }).result).rejects.toMatchObject(failed('bad-answer'));
  });

  test('an abort cancels', async () => {
    const abort = new AbortController();
    const played = play({ ...scene, signal: abort.signal, onWait: () => abort.abort(REASON) });
    await expect(played.result).rejects.toBe(REASON);
    expect(played.cancels).toEqual([`POST ${ROUTED}/cancel Bearer hf_secret`]);
  });
});

describe('wavespeed', () => {
  const GET = 'https://api.wavespeed.ai/api/v3/predictions/w1';
  const ROUTED = 'https://router.huggingface.co/wavespeed/api/v3/predictions/w1';
  const scene: Scene = {
    answerer: 'wavespeed',
    url: 'https://router.huggingface.co/wavespeed/api/v3/a/b',
    submitted: { code: 200, message: 'success', data: { id: 'w1', urls: { get: GET } } },
    replies: [],
  };
  const state = (status: string, more: object = {}) => ({ json: { code: 200, data: { id: 'w1', status, ...more } } });

  test('created, processing, something new, completed', async () => {
    const played = play({
      ...scene,
      replies: [
        state('created'),
        state('processing'),
        state('polishing'),
        state('completed', { outputs: ['https://cdn.example/1.png'] }),
        PNG,
      ],
    });
    await expectPng(played.result);
    expect(played.requests).toEqual([
      ...Array.from({ length: 4 }, () => `GET ${ROUTED} Bearer hf_secret`),
      'GET https://cdn.example/1.png -',
    ]);
    expect(played.events.map(({ type }) => type)).toEqual(['queued', 'running', 'downloading']);
  });

  test('failed', async () => {
    const played = play({ ...scene, replies: [state('failed', { error: 'out of capacity' })] });
    await expect(played.result).rejects.toMatchObject({
      ...failed('provider-error'),
      message: expect.stringContaining('out of capacity'),
    });
  });

  test.each([
    [401, 'auth'],
    [402, 'payment'],
    [429, 'rate-limited'],
    [500, 'provider-error'],
  ])('code %i inside of a 200', async (code, kind) => {
    const played = play({ ...scene, submitted: { code, message: 'not today' } });
    await expect(played.result).rejects.toMatchObject({
      ...failed(kind, { status: code }),
      message: expect.stringContaining('not today'),
    });
  });

  test.each([
    ['no outputs', state('completed', { outputs: [] })],
    ['no data', { json: { code: 200 } }],
    ['a page', { text: '<html>' }],
  ])('%s', async (_, reply) => {
    await expect(play({ ...scene, replies: [reply] }).result).rejects.toMatchObject(failed('bad-answer'));
  });

  test('knows no cancelling', async () => {
    const abort = new AbortController();
    const played = play({ ...scene, signal: abort.signal, onWait: () => abort.abort(REASON) });
    await expect(played.result).rejects.toBe(REASON);
    expect(played.cancels).toEqual([]);
  });
});

describe('together', () => {
  const scene = {
    answerer: 'together',
    url: 'https://router.huggingface.co/together/v1/images/generations',
    replies: [],
  } as const;

  test('base64 is what its bytes say', async () => {
    await expectPng(play({ ...scene, submitted: { data: [{ index: 0, b64_json: PNG_BASE64 }] } }).result);
  });

  test('an address', async () => {
    const played = play({ ...scene, submitted: { data: [{ url: 'https://cdn.example/1.png' }] }, replies: [PNG] });
    await expectPng(played.result);
    expect(played.requests).toEqual(['GET https://cdn.example/1.png -']);
  });

  test('neither', async () => {
    await expect(play({ ...scene, submitted: { data: [] } }).result).rejects.toMatchObject(
      failed('bad-answer', { step: 'submit' }),
    );
  });
});

describe.each(['hf-inference', 'endpoint'] as const)('%s', (answerer) => {
  const scene = { answerer, url: 'https://router.huggingface.co/hf-inference/models/a/b', replies: [] };

  test.each([
    ['bytes', PNG],
    ['a JSON string', JSON.stringify(PNG_BASE64)],
    ['an object', { image: PNG_BASE64 }],
  ])('%s', async (_, submitted) => {
    await expectPng(play({ ...scene, submitted }).result);
  });

  test.each([
    ['a page', '<html>'],
    ['an error', { error: 'no' }],
    ['nothing', ''],
  ])('%s is no picture', async (_, submitted) => {
    await expect(play({ ...scene, submitted }).result).rejects.toMatchObject(failed('bad-answer', { step: 'submit' }));
  });
});
