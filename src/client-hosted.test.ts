import { beforeEach, expect, test } from 'vitest';
import { InferenceClient } from './client.js';
import type { ClientOptions } from './options.js';

/** One transparent pixel. */
const PNG = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='),
  (character) => character.charCodeAt(0),
);
const inputs = new Blob([PNG], { type: 'image/png' });
const MODEL = 'timbrooks/instruct-pix2pix';
const PARTNER = 'https://partner.example/edit';

let sent: { readonly url: string; readonly authorization: string | null }[] = [];
beforeEach(() => {
  sent = [];
});

const record: typeof fetch = async (input, init) => {
  sent.push({ url: String(input), authorization: new Headers(init?.headers).get('authorization') });
  return new Response(PNG, { headers: { 'content-type': 'image/png' } });
};

function open(options: ClientOptions, token?: string): InferenceClient {
  return new InferenceClient(token, { mode: 'remote-only', consent: true, fetch: record, ...options });
}

test("a call's own hosted settings do not lose the client's endpoint", async () => {
  const client = open({ hosted: { endpointUrl: PARTNER } });
  await client.imageToImage({ inputs, model: MODEL }, { hosted: { timeoutMs: 60_000 } });
  expect(sent.map(({ url }) => url)).toEqual([PARTNER]);
});

test("the client's Hugging Face token is not for somebody else's endpoint; a token of the call is", async () => {
  const client = open({ hosted: { endpointUrl: PARTNER, warnsOfToken: false } }, 'hf_secret');
  await client.imageToImage({ inputs });
  await client.imageToImage({ inputs, endpointUrl: PARTNER, accessToken: 'hf_given' });
  await client.imageToImage({ inputs, endpointUrl: 'https://x.endpoints.huggingface.cloud/' });
  expect(sent.map(({ authorization }) => authorization)).toEqual([null, 'Bearer hf_given', 'Bearer hf_secret']);
});

test('only true is consent', async () => {
  for (const answer of ['cancel', { agreed: false }, 1, undefined]) {
    const client = open({ hosted: { endpointUrl: PARTNER }, consent: async () => answer as never });
    await expect(client.imageToImage({ inputs })).rejects.toMatchObject({ code: 'consent-required' });
  }
  expect(sent).toEqual([]);
});

test('without consent no token is asked for', async () => {
  let asked = 0;
  const token = (): string => {
    asked++;
    return 'hf_secret';
  };
  const client = new InferenceClient(token, { mode: 'remote-only', fetch: record, hosted: { endpointUrl: PARTNER } });
  await expect(client.imageToImage({ inputs })).rejects.toMatchObject({ code: 'consent-required' });
  expect([asked, sent.length]).toEqual([0, 0]);
});

test('a client that is disposed sends nothing any more, also when its owner agrees afterwards', async () => {
  let agree: (answer: boolean) => void = () => {};
  let ask = (): void => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const consent = (): Promise<boolean> => {
    ask();
    return new Promise((resolve) => {
      agree = resolve;
    });
  };
  const client = open({ hosted: { endpointUrl: PARTNER }, consent });
  const call = client.imageToImage({ inputs });
  const refused = expect(call).rejects.toMatchObject({ code: 'worker-crashed' });
  await asked;
  await client.dispose();
  await refused;
  agree(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toEqual([]);
});

test('a listener of the client hears of calls that have one of their own', async () => {
  const heard: string[] = [];
  const client = open({ hosted: { endpointUrl: PARTNER }, onReport: ({ outcome }) => heard.push(`client ${outcome}`) });
  await client.imageToImage({ inputs }, { onReport: ({ outcome }) => heard.push(`call ${outcome}`) });
  await client.imageToImage({ inputs });
  expect(heard).toEqual(['client done', 'call done', 'client done']);
});
