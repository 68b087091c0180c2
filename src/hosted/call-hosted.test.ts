import { describe, expect, test } from 'vitest';
import { callHosted } from './call-hosted.js';
import type { HostedCall, HostedEvent } from './hosted-call.js';

const PNG = Uint8Array.from(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=', 'base64'),
);
const PICTURE = new Blob([Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256)], {
  type: 'image/jpeg',
});
const PICTURE_BASE64 = Buffer.from(await PICTURE.arrayBuffer()).toString('base64');
const REASON = new Error('enough');

/** Mappings are kept by model, so each test has its own. */
let models = 0;

interface Seen {
  readonly line: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Handler = (seen: Seen, init: RequestInit) => Response | Promise<Response>;

/** A network that knows the Hub, and hands all other requests to `handlers` in their order. */
function network(entries: readonly object[], ...handlers: Handler[]) {
  const seen: Seen[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const body = init.body instanceof Blob ? await init.body.text() : '';
    const request = { line: `${init.method} ${String(input)}`, headers: init.headers as Record<string, string>, body };
    seen.push(request);
    if (request.line.startsWith('GET https://huggingface.co/'))
      return Response.json({ inferenceProviderMapping: entries });
    const handler = handlers.shift();
    if (!handler) throw new Error(`nobody expected ${request.line}`);
    return handler(request, init);
  };
  return { fetch, seen };
}

const picture: Handler = () => new Response(PNG);
const entry = (provider: string, more: object = {}) => ({
  provider,
  providerId: `acme/${provider}-model`,
  status: 'live',
  task: 'image-to-image',
  ...more,
});

function call(network: { readonly fetch: typeof fetch }, more: Partial<HostedCall> = {}) {
  const events: HostedEvent[] = [];
  const model = `acme/called-${++models}`;
  const result = callHosted({
    picture: PICTURE,
    model,
    provider: 'hf-inference',
    accessToken: 'hf_secret',
    parameters: undefined,
    onEvent: (event) => events.push(event),
    ...more,
    options: { fetch: network.fetch, ...more.options },
  });
  return { result, events, model };
}

const hosts = (seen: readonly Seen[]) => [...new Set(seen.map(({ line }) => new URL(line.split(' ')[1] ?? '').host))];

describe('what is sent', () => {
  test('without parameters: the bytes', async () => {
    const net = network([entry('hf-inference')], picture);
    const { result, events, model } = call(net);
    const { blob, ...rest } = await result;
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(PNG);
    expect(blob.type).toBe('image/png');
    expect(net.seen.map(({ line }) => line)).toEqual([
      `GET https://huggingface.co/api/models/${model}?expand[]=inferenceProviderMapping`,
      'POST https://router.huggingface.co/hf-inference/models/acme/hf-inference-model',
    ]);
    expect(net.seen[1]).toMatchObject({
      headers: { authorization: 'Bearer hf_secret', 'content-type': 'image/jpeg', accept: 'image/png' },
      body: await PICTURE.text(),
    });
    expect(rest).toMatchObject({
      provider: 'hf-inference',
      model,
      host: 'router.huggingface.co',
      attempts: 1,
      bytes: { up: PICTURE.size },
      warnings: [],
    });
    expect(events).toEqual([{ type: 'uploading', sizeBytes: PICTURE.size, host: 'router.huggingface.co' }]);
  });

  test.each([
    ['{}', {}, {}],
    ['some', { prompt: 'x', negative_prompt: 'a, b', seed: undefined }, { prompt: 'x', negative_prompt: 'a, b' }],
  ])('with parameters (%s): JSON with bare base64', async (_, parameters, sent) => {
    const net = network([entry('hf-inference')], picture);
    const { bytes } = await call(net, { parameters }).result;
    expect(JSON.parse(net.seen[1]?.body ?? '')).toEqual({ inputs: PICTURE_BASE64, parameters: sent });
    expect(net.seen[1]?.headers['content-type']).toBe('application/json');
    expect(bytes.up).toBe(net.seen[1]?.body.length);
  });

  test('to an own endpoint: nothing is looked up, nothing goes elsewhere', async () => {
    const net = network([], picture);
    const endpointUrl = 'http://127.0.0.1:9/api/hf?key=1';
    const { result } = call(net, { endpointUrl, model: undefined, provider: 'auto', options: { billTo: 'acme' } });
    expect(await result).toMatchObject({ provider: 'endpoint', model: '', host: '127.0.0.1:9' });
    expect(net.seen.map(({ line }) => line)).toEqual([`POST ${endpointUrl}`]);
    expect(Object.keys(net.seen[0]?.headers ?? {}).sort()).toEqual(['accept', 'authorization', 'content-type']);
  });

  test('auto, through a queue', async () => {
    const net = network(
      [entry('nscale'), entry('fal-ai')],
      () =>
        Response.json({ request_id: 'r', status: 'IN_QUEUE', response_url: 'https://queue.fal.run/acme/requests/r' }),
      () => Response.json({ status: 'COMPLETED' }),
      () => Response.json({ images: [{ url: 'https://cdn.example/1.png' }] }),
      picture,
    );
    const { result, events } = call(net, { provider: 'auto', parameters: { image_guidance_scale: 2 } });
    expect(await result).toMatchObject({
      provider: 'fal-ai',
      host: 'router.huggingface.co',
      attempts: 1,
      warnings: [{ code: 'parameter-ignored', name: 'image_guidance_scale' }],
    });
    expect(net.seen.map(({ headers }) => headers.authorization)).toEqual([
      ...Array.from({ length: 4 }, () => 'Bearer hf_secret'),
      undefined,
    ]);
    expect(events.map(({ type }) => type)).toEqual(['uploading', 'queued', 'downloading']);
  });
});

describe('tokens', () => {
  test('none: no header anywhere', async () => {
    const net = network(
      [entry('replicate')],
      () => Response.json({ status: 'succeeded', output: 'https://cdn.example/1' }),
      picture,
    );
    await call(net, { provider: 'replicate', accessToken: undefined }).result;
    expect(net.seen.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
    expect(hosts(net.seen)).toEqual(['huggingface.co', 'router.huggingface.co', 'cdn.example']);
  });

  test("a provider's own goes to the provider alone", async () => {
    const net = network(
      [entry('fal-ai')],
      () => Response.json({ status: 'IN_QUEUE', response_url: 'https://queue.fal.run/acme/requests/r' }),
      () => Response.json({ status: 'FAILED' }),
    );
    const { result } = call(net, { provider: 'fal-ai', accessToken: 'id:secret', options: { billTo: 'acme' } });
    await expect(result).rejects.toThrow('FAILED');
    expect(net.seen.map(({ line, headers }) => `${line.split('?')[0]} ${headers.authorization}`).slice(1)).toEqual([
      'POST https://queue.fal.run/acme/fal-ai-model Key id:secret',
      'GET https://queue.fal.run/acme/requests/r/status Key id:secret',
    ]);
    expect(net.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(net.seen[1]?.headers).not.toHaveProperty('x-hf-bill-to');
  });

  test('a function is asked for each attempt; after a 503 the model is waited for', async () => {
    const net = network(
      [],
      () => Response.json({ error: 'Model x is currently loading', estimated_time: 0.01 }, { status: 503 }),
      picture,
    );
    let asked = 0;
    const { result, events } = call(net, {
      endpointUrl: 'https://own.example/',
      accessToken: async () => `hf_${++asked}`,
    });
    expect(await result).toMatchObject({ attempts: 2 });
    expect(net.seen.map(({ headers }) => [headers.authorization, headers['x-wait-for-model']])).toEqual([
      ['Bearer hf_1', undefined],
      ['Bearer hf_2', 'true'],
    ]);
    expect(events.map(({ type }) => type)).toEqual(['uploading', 'loading-model']);
  });
});

describe('warnings', () => {
  test('of options that only Hugging Face has, and of a provider in test', async () => {
    const net = network([entry('together', { status: 'staging' })], () =>
      Response.json({ data: [{ b64_json: Buffer.from(PNG).toString('base64') }] }),
    );
    const { result } = call(net, {
      provider: 'together',
      accessToken: 'key',
      mask: PICTURE,
      parameters: { strength: 0.5, num_inference_steps: 4 },
      options: { billTo: 'acme', use_cache: false, wait_for_model: true },
    });
    expect((await result).warnings.map(({ code, name }) => `${code} ${name}`)).toEqual([
      'parameter-ignored strength',
      'parameter-ignored mask_image',
      'provider-staging provider',
      'option-ignored billTo',
      'option-ignored use_cache',
      'option-ignored wait_for_model',
    ]);
  });

  test('none where everything was heeded', async () => {
    const net = network([entry('hf-inference')], picture);
    const { result } = call(net, {
      mask: PICTURE,
      parameters: { strength: 0.5, image_guidance_scale: 1, target_size: { width: 8, height: 8 } },
      options: { billTo: 'acme', use_cache: false, wait_for_model: true },
    });
    expect((await result).warnings).toEqual([]);
  });
});

describe('refused before any request', () => {
  test.each([
    ["auto with a provider's key", { provider: 'auto', accessToken: 'r8_key' }, TypeError],
    ['an unknown provider', { provider: 'nscale' }, RangeError],
    ['no model', { model: undefined }, TypeError],
    ['a URL as model', { model: 'https://own.example/' }, TypeError],
    ['plain http', { endpointUrl: 'http://own.example/' }, RangeError],
  ])('%s', async (_, more, kind) => {
    const net = network([entry('hf-inference')], picture);
    await expect(call(net, more).result).rejects.toThrow(kind);
    expect(net.seen).toEqual([]);
  });
});

test("the Hub's answer cannot send the picture to another host", async () => {
  const net = network([entry('hf-inference', { providerId: 'https://evil.example/steal' })], picture);
  await expect(call(net).result).rejects.toMatchObject({ code: 'remote-failed' });
  expect(hosts(net.seen)).toEqual(['huggingface.co']);
});

test('a picture larger than allowed', async () => {
  const net = network([], picture);
  const { result } = call(net, { endpointUrl: 'https://own.example/', options: { maxAnswerBytes: PNG.length - 1 } });
  await expect(result).rejects.toMatchObject({ code: 'remote-failed', details: { kind: 'bad-answer' } });
});

test('errors hold neither token, prompt nor picture, even if the server says them', async () => {
  const prompt = 'a portrait of my neighbour';
  const net = network([], ({ body, headers }) => {
    const { inputs, parameters } = JSON.parse(body);
    const error = `${parameters.prompt} / ${parameters.negative_prompt} / ${headers.authorization} / ${inputs}`;
    return Response.json({ error }, { status: 400 });
  });
  const { result } = call(net, {
    endpointUrl: 'https://own.example/',
    parameters: { prompt, negative_prompt: 'hats' },
  });
  const error: unknown = await result.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'remote-failed', details: { kind: 'validation', status: 400 } });
  const text = JSON.stringify(error) + String(error);
  for (const secret of ['hf_secret', prompt, 'hats', PICTURE_BASE64.slice(0, 64)]) expect(text).not.toContain(secret);
});

describe('an abort', () => {
  test('before the call', async () => {
    const net = network([], picture);
    await expect(call(net, { options: { signal: AbortSignal.abort(REASON) } }).result).rejects.toBe(REASON);
    expect(net.seen).toEqual([]);
  });

  test.each([
    ['the lookup', 1],
    ['the submit', 2],
  ])('during %s', async (_, requests) => {
    const abort = new AbortController();
    const net = network([entry('hf-inference')], picture);
    let count = 0;
    const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      if (++count < requests) return net.fetch(input, init);
      setTimeout(() => abort.abort(REASON));
      return new Promise(() => {});
    };
    const { result } = call({ fetch }, { options: { signal: abort.signal } });
    await expect(result).rejects.toBe(REASON);
    expect(count).toBe(requests);
  });

  test('while the body is made', async () => {
    const abort = new AbortController();
    const net = network([entry('hf-inference')], picture);
    const large = new Blob([new Uint8Array(4 << 20)], { type: 'image/jpeg' });
    const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      setTimeout(() => abort.abort(REASON), 5);
      return net.fetch(input, init);
    };
    const { result } = call({ fetch }, { picture: large, parameters: {}, options: { signal: abort.signal } });
    await expect(result).rejects.toBe(REASON);
    expect(hosts(net.seen)).toEqual(['huggingface.co']);
  });
});
