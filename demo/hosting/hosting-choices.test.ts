import { describe, expect, it } from 'vitest';
import { type HostingChoices, type HostingState, readHosting } from './hosting-choices.js';
import { readPagePolicy } from './page-policy.js';

const address = 'https://demo.example/app/';
const origin = 'https://demo.example';
const open = { address, mayConnect: readPagePolicy("connect-src 'self' https://router.huggingface.co", origin) };
const strict = { address, mayConnect: readPagePolicy("connect-src 'self'", origin) };

const choices: HostingChoices = {
  mode: 'local-first',
  target: 'provider',
  provider: 'auto',
  model: 'acme/painter',
  endpoint: '',
  token: 'hf_abc',
};
const endpoint: HostingChoices = { ...choices, target: 'endpoint', token: '' };

function fieldOf(state: HostingState): string | undefined {
  return state.kind === 'unfinished' ? state.missing.field : undefined;
}

describe('the settings of the hosted side', () => {
  it('never leave the page in its own mode, whatever else they say', () => {
    expect(readHosting({ ...choices, mode: 'local-only' }, open)).toEqual({ kind: 'page' });
  });

  it('name a provider with model and token', () => {
    const hosted = { provider: 'auto', model: 'acme/painter', warnsOfToken: false };
    const wish = { mode: 'local-first', recipient: 'Hugging Face', token: 'hf_abc', hosted };
    expect(readHosting({ ...choices, token: ' hf_abc\n' }, open)).toEqual({ kind: 'ready', wish });
    const own = readHosting({ ...choices, provider: 'fal-ai', token: 'key' }, open);
    expect(own).toMatchObject({ wish: { recipient: 'fal' } });
  });

  it('miss a model, a token, or whose key it is', () => {
    expect(fieldOf(readHosting({ ...choices, model: ' ' }, open))).toBe('model');
    expect(fieldOf(readHosting({ ...choices, model: 'https://a.example/b' }, open))).toBe('model');
    expect(fieldOf(readHosting({ ...choices, token: '' }, open))).toBe('token');
    expect(fieldOf(readHosting({ ...choices, token: 'hf_a b' }, open))).toBe('token');
    expect(fieldOf(readHosting({ ...choices, token: 'key' }, open))).toBe('provider');
    expect(fieldOf(readHosting({ ...choices, provider: 'hf-inference', token: 'key' }, open))).toBe('token');
  });

  it('take addresses of the own server, relative to the page, without a token', () => {
    const state = readHosting({ ...endpoint, endpoint: '/api/paint' }, strict);
    const hosted = { endpointUrl: 'https://demo.example/api/paint', warnsOfToken: false };
    const wish = { mode: 'local-first', recipient: 'demo.example', token: undefined, hosted };
    expect(state).toEqual({ kind: 'ready', wish });
  });

  it('refuse addresses that the library or the policy would refuse', () => {
    for (const address of ['', 'http://[', 'http://a.example/', 'ftp://a.example/', 'https://u:p@a.example/']) {
      expect(fieldOf(readHosting({ ...endpoint, endpoint: address }, open))).toBe('endpoint');
    }
    const elsewhere = { ...endpoint, endpoint: 'https://a.example/' };
    expect(readHosting(elsewhere, open)).toMatchObject({ missing: { needsOtherPage: false } });
    expect(readHosting(elsewhere, strict)).toMatchObject({ missing: { needsOtherPage: true } });
    expect(readHosting(choices, strict)).toMatchObject({ missing: { field: 'provider', needsOtherPage: true } });
  });
});
