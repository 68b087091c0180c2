import {
  getProviderHelper,
  type InferenceProviderMappingEntry,
  makeRequestOptionsFromResolvedModel,
} from '@huggingface/inference';
import { describe, expect, test } from 'vitest';
import { hostsOf } from '../host-set.js';
import type { HostedOptions } from '../hosted-call.js';
import { buildSubmit } from './build-submit.js';
import { type Answerer, HOSTED_PARAMETERS } from './parameters.js';
import { PROVIDER_NAMES, type ProviderName } from './provider-name.js';

/** A request as it can be compared: header names in lower case, the body as JSON, or as the text of its bytes. */
interface PlainRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Record<string, unknown> | string;
}

interface Case {
  readonly answerer: Answerer;
  readonly token: string | undefined;
  readonly parameters: Record<string, unknown> | undefined;
  readonly providerId: string;
  readonly adapter?: boolean;
  readonly options: HostedOptions;
}

const PICTURE = new Blob([Uint8Array.from({ length: 100_003 }, (_, index) => (index * 31) % 256)], {
  type: 'image/webp',
});
const ENDPOINT = 'https://abc.eu.endpoints.example/run?x=1';
const ALL_PARAMETERS = {
  prompt: 'as a "watercolour" + more',
  negative_prompt: 'blurry, text',
  guidance_scale: 7.5,
  num_inference_steps: 20,
  target_size: { width: 640, height: 480 },
  strength: 0.6,
  seed: 7,
  image_guidance_scale: 1.5,
  something_new: undefined,
};

const answerers: readonly Answerer[] = [...PROVIDER_NAMES, 'endpoint'];
const cases: readonly Case[] = answerers.flatMap((answerer) =>
  ['hf_abc', 'key-of-the-provider', undefined].flatMap((token) =>
    [undefined, {}, ALL_PARAMETERS].flatMap((parameters) =>
      [
        'acme/model',
        ...(answerer === 'replicate' ? ['acme/model:0123'] : []),
        ...(answerer === 'together' ? ['acme/FLUX.1-Kontext-pro'] : []),
      ].flatMap((providerId) => [
        { answerer, token, parameters, providerId, options: {} },
        { answerer, token, parameters, providerId, options: { billTo: 'acme' }, adapter: true },
      ]),
    ),
  ),
);

/** What ours does otherwise, why, and how the official client's request becomes ours. */
const DIFFERENCES: readonly {
  readonly what: string;
  readonly applies: (of: Case) => boolean;
  readonly change: (official: PlainRequest, of: Case) => void;
}[] = [
  {
    what: 'no User-Agent: browsers drop it, or ask leave for it in the preflight and are refused',
    applies: () => true,
    change: ({ headers }) => delete headers['user-agent'],
  },
  {
    what: 'no token, no Authorization: the client sends `Bearer undefined`',
    applies: ({ answerer, token }) => token === undefined && (answerer === 'fal-ai' || answerer === 'replicate'),
    change: ({ headers }) => delete headers.authorization,
  },
  {
    what: 'whom to bill is told to Hugging Face only',
    applies: ({ answerer, token, options }) =>
      options.billTo !== undefined &&
      (answerer === 'endpoint' || (answerer !== 'hf-inference' && token !== undefined && !token.startsWith('hf_'))),
    change: ({ headers }) => delete headers['x-hf-bill-to'],
  },
  {
    what: 'Hugging Face is asked for a PNG: dedicated endpoints answer JSON without',
    applies: ({ answerer }) => answerer === 'hf-inference' || answerer === 'endpoint',
    change: ({ headers }) => {
      headers.accept = 'image/png';
    },
  },
  {
    what: 'raw bytes always say what they are: some endpoints refuse those that do not',
    applies: ({ answerer, parameters }) =>
      (answerer === 'hf-inference' || answerer === 'endpoint') && parameters === undefined,
    change: ({ headers }) => {
      headers['content-type'] = 'image/webp';
    },
  },
  {
    what: "fal's name for target_size is image_size",
    applies: ({ answerer, parameters }) => answerer === 'fal-ai' && parameters === ALL_PARAMETERS,
    change: ({ body }) => rename(body, { image_size: { width: 640, height: 480 } }),
  },
  {
    what: "together's names for target_size are width and height",
    applies: ({ answerer, parameters }) => answerer === 'together' && parameters === ALL_PARAMETERS,
    change: ({ body }) => rename(body, { width: 640, height: 480 }),
  },
  {
    what: "wavespeed's name for target_size is size, a text",
    applies: ({ answerer, parameters }) => answerer === 'wavespeed' && parameters === ALL_PARAMETERS,
    change: ({ body }) => rename(body, { size: '640*480' }),
  },
];

function rename(body: PlainRequest['body'], size: Record<string, unknown>): void {
  const json = body as Record<string, unknown>;
  delete json.target_size;
  Object.assign(json, size);
}

describe('requests are those of @huggingface/inference, save for the listed differences', () => {
  test.each(cases.map((of) => [nameOf(of), of] as const))('%s', async (_, of) => {
    const expected = await officialRequest(of);
    for (const { applies, change } of DIFFERENCES) if (applies(of)) change(expected, of);
    expect(await ourRequest(of)).toEqual(expected);
  });

  test.each(DIFFERENCES.map((difference) => [difference.what, difference] as const))(
    'still a difference: %s',
    async (_, { applies, change }) => {
      const concerned = cases.filter(applies);
      expect(concerned.length).toBeGreaterThan(0);
      for (const of of concerned) {
        const official = await officialRequest(of);
        const changed = structuredClone(official);
        change(changed, of);
        expect(changed, nameOf(of)).not.toEqual(official);
      }
    },
  );

  test('pictures go to the hosts that consent was asked for', async () => {
    for (const of of cases) {
      const hosts = hostsOf({
        provider: of.answerer,
        endpointUrl: of.answerer === 'endpoint' ? ENDPOINT : undefined,
        token: of.token,
      });
      expect(hosts, nameOf(of)).toEqual([new URL((await officialRequest(of)).url).host]);
    }
  });
});

test('the picture itself is in the body, as often as the provider wants it', async () => {
  const base64 = Buffer.from(await PICTURE.arrayBuffer()).toString('base64');
  const counts: Record<string, number> = {};
  for (const answerer of answerers) {
    const { body } = await build({
      answerer,
      token: 'hf_abc',
      parameters: ALL_PARAMETERS,
      providerId: 'a/b',
      options: {},
    });
    counts[answerer] = (await body.text()).split(base64).length - 1;
  }
  expect(counts).toEqual({ 'hf-inference': 1, 'fal-ai': 2, replicate: 4, wavespeed: 2, together: 1, endpoint: 1 });
});

test('nothing is ever sent raw but to Hugging Face and own endpoints', async () => {
  const raw: Answerer[] = [];
  for (const answerer of answerers) {
    const { body } = await build({ answerer, token: undefined, parameters: undefined, providerId: 'a/b', options: {} });
    if (body === PICTURE) raw.push(answerer);
  }
  expect(raw).toEqual(['hf-inference', 'endpoint']);
});

describe('a mask', () => {
  const mask = new Blob(['mask'], { type: 'image/png' });
  const DATA_URL = 'data:image/png;base64,bWFzaw==';

  test.each([
    ['hf-inference', { parameters: { mask_image: 'bWFzaw==' } }],
    ['endpoint', { parameters: { mask_image: 'bWFzaw==' } }],
    ['fal-ai', { mask_url: DATA_URL }],
    ['replicate', { input: { mask: DATA_URL } }],
    ['wavespeed', { mask_image: 'bWFzaw==' }],
    ['together', { mask_image: DATA_URL }],
  ] as const)('%s', async (answerer, expected) => {
    const of: Case = { answerer, token: 'hf_abc', parameters: undefined, providerId: 'a/b', options: {} };
    const { body } = await build(of, mask);
    const json: unknown = JSON.parse(await body.text());
    expect(json).toMatchObject(expected);
    // The table of the docs says so, too.
    const path = HOSTED_PARAMETERS[answerer].mask_image.sentAs.split('.');
    expect(path.reduce((value, key) => (value as Record<string, unknown>)[key], json)).toMatch(/bWFzaw==$/);
  });
});

test('the table of parameters says where each stands in the body', async () => {
  for (const answerer of answerers) {
    const of: Case = { answerer, token: 'hf_abc', parameters: ALL_PARAMETERS, providerId: 'a/b', options: {} };
    const { body } = await ourRequest(of);
    for (const [name, { sentAs, support }] of Object.entries(HOSTED_PARAMETERS[answerer])) {
      if (name === 'mask_image') continue;
      const values = sentAs
        .split(', ')
        .map((path) => path.split('.').reduce((value: unknown, key) => (value as Record<string, unknown>)[key], body));
      expect(values, `${answerer} ${sentAs}`).not.toContain(undefined);
      // Only what is mapped may look otherwise.
      if (support !== 'mapped') expect(values).toEqual([ALL_PARAMETERS[name as keyof typeof ALL_PARAMETERS]]);
    }
  }
});

describe('headers of Hugging Face alone', () => {
  const first = { number: 1, previousStatus: undefined };

  test.each(answerers)('%s', async (answerer) => {
    const of: Case = { answerer, token: 'hf_abc', parameters: undefined, providerId: 'a/b', options: {} };
    const isOwn = answerer === 'hf-inference' || answerer === 'endpoint';
    const plain = await build(of);
    expect(namesOf(plain.headers(first))).not.toContain('x-wait-for-model');
    expect(namesOf(plain.headers({ number: 2, previousStatus: 429 }))).not.toContain('x-wait-for-model');
    expect(plain.headers({ number: 2, previousStatus: 503 })['x-wait-for-model']).toBe(isOwn ? 'true' : undefined);
    expect(namesOf(plain.headers(first))).not.toContain('x-use-cache');

    const asked = await build({ ...of, options: { use_cache: false, wait_for_model: true } });
    expect(asked.headers(first)['x-use-cache']).toBe(isOwn ? 'false' : undefined);
    expect(asked.headers(first)['x-wait-for-model']).toBe(isOwn ? 'true' : undefined);

    const unasked = await build({ ...of, options: { use_cache: true, wait_for_model: false } });
    expect(unasked.headers(first)).toEqual(plain.headers(first));
  });
});

function build({ answerer, token, parameters, providerId, adapter, options }: Case, mask?: Blob) {
  const isEndpoint = answerer === 'endpoint';
  return buildSubmit({
    call: { picture: PICTURE, mask, parameters, endpointUrl: isEndpoint ? ENDPOINT : undefined, options },
    answerer,
    mapped: isEndpoint
      ? undefined
      : { provider: answerer, providerId, isStaging: false, entry: entryOf(answerer, providerId, adapter) },
    token,
  });
}

async function ourRequest(of: Case): Promise<PlainRequest> {
  const { url, scheme, headers, body } = await build(of);
  const sent = lowerCase(headers({ number: 1, previousStatus: undefined }));
  // As the transport does.
  if (of.token) sent.authorization = `${scheme} ${of.token}`;
  return { url, method: 'POST', headers: sent, body: plain(await body.text()) };
}

async function officialRequest({
  answerer,
  token,
  parameters,
  providerId,
  adapter,
  options,
}: Case): Promise<PlainRequest> {
  const isEndpoint = answerer === 'endpoint';
  const helper = getProviderHelper(isEndpoint ? 'hf-inference' : answerer, 'image-to-image');
  const payload = await helper.preparePayloadAsync({
    inputs: PICTURE,
    ...(token ? { accessToken: token } : {}),
    ...(isEndpoint ? { endpointUrl: ENDPOINT } : { model: 'acme/model' }),
    ...(parameters ? { parameters } : {}),
  });
  const { url, info } = makeRequestOptionsFromResolvedModel(
    isEndpoint ? ENDPOINT : providerId,
    helper,
    payload,
    isEndpoint ? undefined : entryOf(answerer, providerId, adapter),
    { task: 'image-to-image', ...(options.billTo ? { billTo: options.billTo } : {}) },
  );
  const body = info.body as string | Blob;
  return {
    url,
    method: info.method ?? '',
    headers: lowerCase(info.headers as Record<string, string>),
    body: plain(typeof body === 'string' ? body : await body.text()),
  };
}

function entryOf(provider: ProviderName, providerId: string, adapter = false): InferenceProviderMappingEntry {
  const lora = adapter ? { adapter: 'lora', adapterWeightsPath: 'weights.safetensors' } : {};
  return { provider, providerId, hfModelId: 'acme/model', status: 'live', task: 'image-to-image', ...lora };
}

function plain(text: string): PlainRequest['body'] {
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function namesOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.keys(lowerCase(headers));
}

function nameOf({ answerer, token, parameters, providerId, options }: Case): string {
  const kind = token === undefined ? 'no token' : token.startsWith('hf_') ? 'hf_ token' : "provider's key";
  const sent =
    parameters === undefined ? 'no parameters' : parameters === ALL_PARAMETERS ? 'all parameters' : 'empty parameters';
  return `${answerer} (${providerId}), ${kind}, ${sent}${options.billTo ? ', billed and with an adapter' : ''}`;
}
