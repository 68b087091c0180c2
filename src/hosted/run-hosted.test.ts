import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeHosted, startFakeHosted } from '../../testing/index.js';
import { isImageToImageError } from '../contract/errors.js';
import type { ImageToImageArgs } from '../contract/parameters.js';
import type { ProgressEvent } from '../contract/progress.js';
import type { ConsentRequest, ImageToImageOptions } from '../options.js';
import { createReportDraft } from '../report-draft.js';
import type { AccessToken } from './hosted-call.js';
import { type HostedRun, runHosted } from './run-hosted.js';

const PNG = new Blob([
  Uint8Array.from(
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
      'base64',
    ),
  ),
]);
const MODEL = 'acme/painter';

let fake: FakeHosted;

beforeAll(async () => {
  fake = await startFakeHosted();
});
afterEach(() => fake.reset());
afterAll(() => fake.close());

interface RunOptions extends Partial<Pick<HostedRun, 'model' | 'cause'>> {
  readonly args?: Partial<ImageToImageArgs>;
  readonly options?: ImageToImageOptions;
  readonly accessToken?: AccessToken;
}

/** Agreed to, unless the options say otherwise. */
function run({ args, options, accessToken = 'hf_secret', ...more }: RunOptions = {}) {
  const draft = createReportDraft(MODEL);
  const events: ProgressEvent[] = [];
  const asked: ConsentRequest[] = [];
  const result = runHosted({
    args: { inputs: PNG, ...args },
    options: {
      fetch: fake.fetch,
      consent: (request) => asked.push(request) > 0,
      ...options,
    },
    accessToken,
    model: MODEL,
    reason: 'hosted-only',
    cause: undefined,
    draft,
    tell: (event) => events.push(event),
    ...more,
  });
  return { result, draft, events, asked };
}

const stages = () => fake.requests.map(({ stage }) => stage);

describe('the token', () => {
  test('is asked for once per request that carries it, the first time before the owner is', async () => {
    const order: string[] = [];
    const accessToken = () => {
      order.push('token');
      return ' hf_secret\n';
    };
    const consent = ({ hosts }: ConsentRequest) => {
      order.push(...hosts);
      return true;
    };
    await run({ accessToken, options: { consent } }).result;
    const carrying = fake.requests.filter(({ headers }) => headers.authorization === 'Bearer hf_secret');
    expect(order).toEqual(['token', 'router.huggingface.co', ...carrying.slice(1).map(() => 'token')]);
    expect(stages()).toContain('submit');
    expect(carrying).toHaveLength(fake.requests.length);
  });

  test('of a function that fails is a remote-failed without its words, and nobody is asked', async () => {
    const accessToken = () => Promise.reject(new Error('no session for hf_secretsecret'));
    const { result, asked } = run({ accessToken });
    await expect(result).rejects.toMatchObject({ code: 'remote-failed', details: { kind: 'auth' } });
    await expect(result).rejects.not.toMatchObject({ cause: expect.stringContaining('hf_secret') });
    expect({ asked, requests: stages() }).toEqual({ asked: [], requests: [] });
  });

  test('that turns into one for other hosts stops the call', async () => {
    let calls = 0;
    const accessToken = () => (calls++ === 0 ? 'hf_secret' : 'a-key-of-fal');
    const { result } = run({ accessToken, args: { provider: 'fal-ai' }, model: 'acme/turning' });
    await expect(result).rejects.toMatchObject({ code: 'consent-required' });
    expect(stages()).toEqual(['lookup']);
  });

  test('that is nonsense is misuse before anything else', async () => {
    const { result, asked } = run({ accessToken: 'hf_sécret' });
    await expect(result).rejects.toThrow(TypeError);
    await expect(result).rejects.not.toThrow(/cret/);
    expect(asked).toEqual([]);
  });
});

describe('consent', () => {
  test.each([undefined, () => false, () => Promise.resolve(false), () => 0 as unknown as boolean])(
    'without it no request is made (%#)',
    async (consent) => {
      const { result } = run({ options: { consent }, cause: new Error('no model') });
      await expect(result).rejects.toMatchObject({ code: 'consent-required', cause: 'Error: no model' });
      expect(stages()).toEqual([]);
    },
  );

  test('is not asked for what cannot be sent', async () => {
    for (const args of [{ inputs: new Blob(['no picture']) }, { parameters: { mask_image: new Blob(['none']) } }]) {
      const { result, asked } = run({ args });
      await expect(result).rejects.toMatchObject({ code: 'unsupported-type' });
      expect(asked).toEqual([]);
    }
    const nowhere = run({ model: undefined });
    await expect(nowhere.result).rejects.toMatchObject({ code: 'remote-refused' });
    expect(nowhere.asked).toEqual([]);
  });

  test('that comes after the abort is none', async () => {
    const controller = new AbortController();
    const consent = () => {
      controller.abort('too late');
      return true;
    };
    const { result } = run({ options: { consent, signal: controller.signal } });
    await expect(result).rejects.toBe('too late');
    expect(stages()).toEqual([]);
  });

  test('of a client with an endpoint is for the provider that the call names, and the other way round', async () => {
    const hosted = { endpointUrl: 'https://x.endpoints.huggingface.cloud/', provider: 'replicate' };
    const asks = async (args: Partial<ImageToImageArgs>) => {
      const caught = await run({ args, options: { hosted, consent: () => false } }).result.catch((error) => error);
      return isImageToImageError(caught) ? caught.details.host : caught;
    };
    expect(await asks({})).toBe('x.endpoints.huggingface.cloud');
    expect(await asks({ provider: 'auto' })).toBe('router.huggingface.co');
    expect(await asks({ endpointUrl: 'https://own.example/api' })).toBe('own.example');
  });
});

describe('what is told', () => {
  test('the report of a call that failed says what was sent where', async () => {
    fake.script('hf-inference', [{ status: 500, body: { error: 'out of paint' } }]);
    const { result, draft } = run();
    const caught = await result.catch((error: unknown) => error);
    const report = draft.finish('failed', caught);
    expect(report).toMatchObject({
      where: 'hosted',
      hosted: { host: 'router.huggingface.co', provider: 'hf-inference', model: MODEL, attempts: 1 },
      error: { code: 'remote-failed', details: { status: 500 } },
    });
    expect(report.bytes.up).toBe(fake.requests.at(-1)?.body.length);
  });

  test('one that ended before the picture was sent names no host', async () => {
    fake.script('hub', ['not-found']);
    const { result, draft } = run({ model: 'acme/missing' });
    const caught = await result.catch((error: unknown) => error);
    const report = draft.finish('failed', caught);
    expect(report.bytes.up).toBe(0);
    expect(report.hosted).toBeUndefined();
  });

  test('a list of negative prompts is sent as one, and none at all as raw bytes', async () => {
    const parameters = { prompt: 'x', negative_prompt: ['a', 'b'] };
    await run({ args: { parameters } }).result;
    expect(fake.requests.at(-1)?.json).toMatchObject({ parameters: { prompt: 'x', negative_prompt: 'a, b' } });
    await run().result;
    expect(fake.requests.at(-1)?.headers['content-type']).toBe('image/png');
  });

  test('an estimate of a loading model becomes the rest of its phase', async () => {
    fake.script('hf-inference', ['loading']);
    const { result, events } = run();
    await result;
    expect(events).toMatchObject([
      { phase: 'upload', unit: 'bytes' },
      { phase: 'loading-model', remainingMs: 200 },
    ]);
  });
});
