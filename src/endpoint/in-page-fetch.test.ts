import { InferenceClient as OfficialClient, setLogger } from '@huggingface/inference';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InferenceClient } from '../client.js';
import { ERROR_CODES, type ErrorCode, type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import type { Availability } from '../options.js';
import type { InPageClient } from './in-page-endpoint.js';
import { createInPageFetch, type InPageFetchOptions } from './in-page-fetch.js';

const ROUTER = 'https://router.huggingface.co/hf-inference/models';
const LEGACY = 'https://api-inference.huggingface.co/models';
const PICTURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2);
const BASE64 = Buffer.from(PICTURE).toString('base64');

type CallArgs = Parameters<InPageClient['imageToImage']>[0];

interface Call extends Omit<CallArgs, 'inputs'> {
  readonly bytes: Uint8Array;
}

/** A client of two models: `sharpen` draws nothing, `edit` takes a seed. Each result differs from all before. */
class FakeClient implements InPageClient {
  readonly calls: Call[] = [];
  readonly loads: (() => void)[] = [];
  state: Availability = 'available';
  error: unknown;
  where = 'in-page';
  /** Calls wait for it. */
  gate: Promise<void> = Promise.resolve();

  readonly models: InPageClient['models'] = {
    get: async (id) => {
      if (id === 'sharpen') return { honours: [] };
      if (id === 'edit') return { honours: ['prompt', 'seed'] };
      throw unknownModel(id);
    },
  };

  async imageToImage(
    { inputs, ...args }: CallArgs,
    { signal, onReport }: Parameters<InPageClient['imageToImage']>[1],
  ): Promise<Blob> {
    await this.models.get(args.model);
    const bytes = new Uint8Array(await inputs.arrayBuffer());
    this.calls.push({ ...args, bytes });
    await this.gate;
    signal?.throwIfAborted();
    if (this.error !== undefined) throw this.error;
    onReport({ where: this.where });
    return new Blob([Uint8Array.of(this.calls.length, ...bytes)], { type: 'image/webp' });
  }

  async availability(): Promise<Availability> {
    return this.state;
  }

  load(): Promise<void> {
    return new Promise((resolve) => this.loads.push(resolve));
  }
}

function unknownModel(id: string): ImageToImageError {
  return errorOf({ code: 'model-unavailable', phase: 'validate', message: `No model "${id}". Use sharpen, edit.` });
}

function errorOf(record: Partial<ErrorRecord> & { readonly code: ErrorCode }): ImageToImageError {
  return new ImageToImageError({ phase: 'run', message: 'It failed.', ...record });
}

let client: FakeClient;
/** The page's own: what gets here has left. */
const network = vi.fn<typeof fetch>();

beforeEach(() => {
  client = new FakeClient();
  network.mockReset().mockImplementation(async () => new Response('from outside'));
  vi.stubGlobal('fetch', network);
});
afterEach(() => void vi.unstubAllGlobals());

function open(options: InPageFetchOptions = {}): typeof fetch {
  return createInPageFetch(client, { aliases: { 'owner/edit': 'edit' }, ...options });
}

function post(body: BodyInit | object = PICTURE, headers: Readonly<Record<string, string>> = {}): RequestInit {
  const isRaw = body instanceof Uint8Array || body instanceof Blob;
  return { method: 'POST', body: isRaw ? (body as BodyInit) : JSON.stringify(body), headers };
}

async function bytesOf(answer: Response): Promise<number[]> {
  expect(answer.status).toBe(200);
  return [...new Uint8Array(await answer.arrayBuffer())];
}

describe('a picture in, a picture out', () => {
  test.each([
    ['router', `${ROUTER}/sharpen`, 'sharpen'],
    ['legacy host', `${LEGACY}/sharpen`, 'sharpen'],
    ['an alias', `${ROUTER}/owner/edit`, 'edit'],
    ['an alias, encoded', `${LEGACY}/owner%2Fedit`, 'edit'],
  ])('%s', async (_, url, model) => {
    const answer = await open()(url, post({ inputs: BASE64, parameters: { prompt: 'x', seed: -1 } }));
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(await bytesOf(answer)).toEqual([1, ...PICTURE]);
    expect(client.calls).toEqual([{ model, parameters: { prompt: 'x' }, bytes: PICTURE }]);
    expect(network).not.toHaveBeenCalled();
  });

  test('a string, a URL and a Request ask the same', async () => {
    const inPage = open({ cacheBytes: 0 });
    const url = `${ROUTER}/sharpen`;
    await inPage(url, post());
    await inPage(new URL(url), post());
    await inPage(new Request(url, post()));
    await inPage(new Request(url, { method: 'GET' }), post());
    expect(client.calls.map(({ bytes }) => bytes)).toEqual([PICTURE, PICTURE, PICTURE, PICTURE]);
  });

  test('raw pictures are called without parameters', async () => {
    await open()(`${ROUTER}/sharpen`, post());
    expect(client.calls).toEqual([{ model: 'sharpen', bytes: PICTURE }]);
  });
});

describe('the cache', () => {
  const again = async (inPage: typeof fetch, model: string, body?: object, headers?: Record<string, string>) => {
    const answer = await inPage(`${ROUTER}/${model}`, post(body, headers));
    return [(await bytesOf(answer))[0], answer.headers.get('x-compute-type')];
  };

  test('a model without a seed: the same picture, raw or in JSON, is not worked on again', async () => {
    const inPage = open();
    expect(await again(inPage, 'sharpen')).toEqual([1, null]);
    expect(await again(inPage, 'sharpen')).toEqual([1, 'cache']);
    expect(await again(inPage, 'sharpen', { inputs: BASE64, parameters: {} })).toEqual([1, 'cache']);
    expect(await again(inPage, 'sharpen', { inputs: 'AAAA' })).toEqual([2, null]);
  });

  test('a model with a seed: only where the seed is named', async () => {
    const inPage = open();
    const seeded = { inputs: BASE64, parameters: { seed: 3 } };
    expect(await again(inPage, 'edit', { inputs: BASE64, parameters: { seed: -1 } })).toEqual([1, null]);
    expect(await again(inPage, 'edit', { inputs: BASE64, parameters: { seed: -1 } })).toEqual([2, null]);
    expect(await again(inPage, 'edit', seeded)).toEqual([3, null]);
    expect(await again(inPage, 'owner/edit', seeded)).toEqual([3, 'cache']);
  });

  test('what the hosted side made for a failing page is not kept', async () => {
    const inPage = open();
    client.where = 'hosted';
    expect(await again(inPage, 'sharpen')).toEqual([1, null]);
    client.where = 'in-page';
    expect(await again(inPage, 'sharpen')).toEqual([2, null]);
    expect(await again(inPage, 'sharpen')).toEqual([2, 'cache']);
  });

  test('x-use-cache: false computes anew, and that result is kept', async () => {
    const inPage = open();
    await again(inPage, 'sharpen');
    expect(await again(inPage, 'sharpen', PICTURE, { 'x-use-cache': 'false' })).toEqual([2, null]);
    expect(await again(inPage, 'sharpen', PICTURE, { 'x-use-cache': 'true' })).toEqual([2, 'cache']);
  });

  test('failures are not kept, nor anything with cacheBytes 0, nor for another endpoint', async () => {
    const inPage = open();
    client.error = errorOf({ code: 'device-lost' });
    expect((await inPage(`${ROUTER}/sharpen`, post())).status).toBe(500);
    client.error = undefined;
    expect(await again(inPage, 'sharpen')).toEqual([2, null]);
    const without = open({ cacheBytes: 0 });
    expect(await again(without, 'sharpen')).toEqual([3, null]);
    expect(await again(without, 'sharpen')).toEqual([4, null]);
  });
});

describe('a model that is not there yet', () => {
  beforeEach(() => {
    client.state = 'downloadable';
  });

  test('is waited for, unless the application or the request says otherwise', async () => {
    expect((await open()(`${ROUTER}/sharpen`, post())).status).toBe(200);
    const headers = { 'x-wait-for-model': 'true' };
    expect((await open({ waitForModel: false })(`${ROUTER}/sharpen`, post(PICTURE, headers))).status).toBe(200);
    expect(client.loads).toHaveLength(0);
  });

  test.each([
    ['the application', { waitForModel: false }, {}],
    ['the request', {}, { 'x-wait-for-model': 'false' }],
  ] as const)('503 with the estimate when %s does not wait; it loads meanwhile', async (_, options, headers) => {
    const inPage = open(options);
    const answer = await inPage(`${ROUTER}/owner/edit`, post(PICTURE, headers));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('20');
    expect(await answer.json()).toEqual({ error: 'Model owner/edit is currently loading', estimated_time: 20 });
    expect(client.calls).toHaveLength(0);
    const next = inPage(`${ROUTER}/owner/edit`, post(PICTURE, headers));
    client.loads[0]?.();
    expect((await next).status).toBe(200);
    expect(client.loads).toHaveLength(1);
  });

  test('an abort while it loads rejects, and the load goes on', async () => {
    const inPage = open({ waitForModel: false });
    await inPage(`${ROUTER}/sharpen`, post());
    const controller = new AbortController();
    const held = inPage(`${ROUTER}/sharpen`, { ...post(), signal: controller.signal });
    controller.abort();
    await expect(held).rejects.toBe(controller.signal.reason);
    client.loads[0]?.();
    expect((await inPage(`${ROUTER}/sharpen`, post())).status).toBe(200);
  });
});

describe('errors', () => {
  const statuses: Readonly<Record<ErrorCode, number>> = {
    'invalid-input': 400,
    'unsupported-type': 400,
    'image-too-large': 413,
    'unsupported-parameter': 422,
    'environment-unsupported': 500,
    'runtime-unavailable': 500,
    // Of a model that there is: its files could not be fetched.
    'model-unavailable': 502,
    'integrity-mismatch': 500,
    'out-of-memory': 500,
    'device-lost': 500,
    'inference-failed': 500,
    'worker-crashed': 500,
    'deadline-exceeded': 500,
    'remote-refused': 403,
    'consent-required': 403,
    'remote-failed': 502,
  };
  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s', async (code) => {
    client.error = errorOf({ code });
    const answer = await open()(`${ROUTER}/sharpen`, post());
    expect(answer.status).toBe(statuses[code]);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ error: 'It failed.', code });
  });

  test.each([
    [new RangeError('parameters.strength must be from 0 to 1; got 7.'), 400],
    [new TypeError('parameters.prompt must be a string.'), 400],
    [new Error('unforeseen'), 500],
  ])('%s', async (error, status) => {
    client.error = error;
    const answer = await open()(`${ROUTER}/sharpen`, post());
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: error.message });
  });

  test('a body that cannot be read is 400, a model that is not here 404 with those that are, GET 405', async () => {
    const inPage = open();
    expect((await inPage(`${ROUTER}/sharpen`, post({ parameters: {} }))).status).toBe(400);
    const unknown = await inPage(`${ROUTER}/owner/other`, post());
    expect(unknown.status).toBe(404);
    const { error } = (await unknown.json()) as { readonly error: string };
    expect(error).toContain('No model "owner/other". Use sharpen, edit.');
    expect(error).toContain('owner/edit is edit');
    const got = await inPage(`${ROUTER}/sharpen`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(client.calls).toHaveLength(0);
  });
});

describe('aborts reject with the reason of the signal', () => {
  test.each(['of init', 'of a Request'])('%s', async (where) => {
    client.gate = new Promise(() => {});
    const controller = new AbortController();
    const init = { ...post(), signal: controller.signal };
    const url = `${ROUTER}/sharpen`;
    const inPage = open();
    const call = where === 'of init' ? inPage(url, init) : inPage(new Request(url, init));
    await vi.waitFor(() => expect(client.calls).toHaveLength(1));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test('before the call: nothing is done', async () => {
    const call = open()(`${ROUTER}/sharpen`, { ...post(), signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(client.calls).toHaveLength(0);
  });
});

describe('other requests', () => {
  const secret = 'https://example.com/data?token=secret#part';

  test('are refused, with the address and what to do, but no secret', async () => {
    const call = open()(secret, { method: 'put' });
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('refused PUT https://example.com/data; no request was made');
    await expect(call).rejects.toThrow("otherwise: 'pass'");
    await expect(call).rejects.not.toThrow('secret');
    expect(network).not.toHaveBeenCalled();
  });

  test.each([
    'https://router.huggingface.co/fal-ai/fal-ai/flux?_subdomain=queue',
    'https://router.huggingface.co/v1/chat/completions',
    'https://huggingface.co/api/tasks',
    'http://[',
  ])('%s is one of them', async (url) => {
    await expect(open()(url, post())).rejects.toThrow('no request was made');
  });

  test("pass: the page's fetch of then, unchanged; the same for a fetch that was given", async () => {
    const passing = open({ otherwise: 'pass' });
    vi.stubGlobal('fetch', passing);
    const request = new Request(secret, post());
    const init = { cache: 'no-store' } as const;
    expect(await (await fetch(request, init)).text()).toBe('from outside');
    expect(network.mock.calls).toEqual([[request, init]]);
    expect(request.bodyUsed).toBe(false);
    const own = vi.fn<typeof fetch>(async () => new Response('own'));
    expect(await (await open({ otherwise: own })(secret)).text()).toBe('own');
    expect(network).toHaveBeenCalledTimes(1);
  });

  test('pass never takes a picture out for a model that is not here', async () => {
    const inPage = open({ otherwise: 'pass' });
    expect((await inPage(`${ROUTER}/owner/other`, post())).status).toBe(404);
    expect(network).not.toHaveBeenCalled();
  });
});

describe('the hub is asked who serves a model', () => {
  const lookup = (model: string): string =>
    `https://huggingface.co/api/models/${model}?expand[]=inferenceProviderMapping`;

  test.each(['sharpen', 'owner/edit', 'owner%2Fedit'])('%s: this endpoint', async (model) => {
    const answer = await open()(lookup(model));
    const id = decodeURIComponent(model);
    const entry = { hfModelId: id, providerId: id, status: 'live', task: 'image-to-image' };
    expect(await answer.json()).toEqual({ id, inferenceProviderMapping: { 'hf-inference': entry } });
  });

  test('a model that is not here: 404, also where other requests pass, for the hub would name a provider', async () => {
    const answer = await open()(lookup('owner/other'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('owner/edit is edit') });
    expect(network).not.toHaveBeenCalled();
    expect((await open({ otherwise: 'pass' })(lookup('owner/other'))).status).toBe(404);
    expect(await (await open({ otherwise: 'pass' })(lookup('sharpen'))).json()).toMatchObject({ id: 'sharpen' });
  });
});

describe('the official client, unchanged', () => {
  beforeEach(() => setLogger({ ...console, log: () => {} }));
  afterEach(() => setLogger(console));
  const official = (options?: InPageFetchOptions): OfficialClient =>
    new OfficialClient('hf_token', { fetch: open(options) });

  test.each([
    ['automatic provider', { model: 'owner/edit' }],
    ['hf-inference', { model: 'owner/edit', provider: 'hf-inference' }],
    ['endpointUrl, router', { endpointUrl: `${ROUTER}/owner/edit` }],
    ['endpointUrl, legacy host', { endpointUrl: `${LEGACY}/owner/edit` }],
  ] as const)('%s: parameters in JSON, or the bare picture with an odd type', async (_, where) => {
    const inputs = new Blob([PICTURE], { type: 'image / png' });
    const parameters = { prompt: "elmo's lecture", num_inference_steps: 25, seed: -1 };
    const edited = await official().imageToImage({ ...where, inputs, parameters });
    expect([edited.type, edited.size]).toEqual(['image/webp', PICTURE.length + 1]);
    await official().imageToImage({ ...where, inputs });
    await official().imageToImage({ ...where, inputs: new Blob([PICTURE]) });
    const bare = { model: 'edit', bytes: PICTURE };
    const { seed: _seed, ...meant } = parameters;
    expect(client.calls).toEqual([{ ...bare, parameters: meant }, bare, bare]);
    expect(network).not.toHaveBeenCalled();
  });

  test('a 503 makes it ask again until the model is there', async () => {
    client.state = 'downloadable';
    const answered: number[] = [];
    const inPage = open({ waitForModel: false });
    const loadedAfterFirst: typeof fetch = async (...request) => {
      const answer = await inPage(...request);
      answered.push(answer.status);
      client.loads[0]?.();
      return answer;
    };
    const hub = new OfficialClient('hf_token', { fetch: loadedAfterFirst });
    const result = await hub.imageToImage({ endpointUrl: `${ROUTER}/sharpen`, inputs: new Blob([PICTURE]) });
    expect(result.type).toBe('image/webp');
    expect(answered).toEqual([503, 200]);
  });

  test('its errors carry our message and status; another provider, or an unknown model, leads nowhere', async () => {
    const inputs = new Blob([PICTURE]);
    client.error = errorOf({ code: 'image-too-large', message: 'Too many pixels.' });
    await expect(official().imageToImage({ model: 'sharpen', inputs })).rejects.toMatchObject({
      name: 'ProviderApiError',
      message: 'Failed to perform inference: Too many pixels.',
      httpResponse: { status: 413 },
    });
    await expect(official().imageToImage({ model: 'owner/other', inputs })).rejects.toThrow('Use sharpen, edit.');
    const elsewhere = { model: 'owner/edit', provider: 'fal-ai', inputs } as const;
    await expect(official().imageToImage(elsewhere)).rejects.toMatchObject({ name: 'InputError' });
    const misrouted = { endpointUrl: '/api/hf', inputs };
    await expect(official().imageToImage(misrouted)).rejects.toMatchObject({ httpResponse: { status: 404 } });
    expect(network).not.toHaveBeenCalled();
  });

  test('its signal', async () => {
    client.gate = new Promise(() => {});
    const controller = new AbortController();
    const call = official().imageToImage(
      { model: 'sharpen', inputs: new Blob([PICTURE]) },
      { signal: controller.signal },
    );
    await vi.waitFor(() => expect(client.calls).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toBe(controller.signal.reason);
  });
});

test("Tintype's own client is one that can be used; making it costs nothing", () => {
  expect(createInPageFetch(new InferenceClient())).toBeTypeOf('function');
});

test.each([
  [{ aliases: { a: 1 } }, 'aliases'],
  [{ otherwise: 'drop' }, 'otherwise'],
  [{ waitForModel: 'yes' }, 'waitForModel'],
  [{ cacheBytes: -1 }, 'cacheBytes'],
])('%j is misuse', (options, name) => {
  expect(() => open(options as InPageFetchOptions)).toThrow(name);
});
