import type { ConsentRequest } from 'tintype';
import { expect, test } from 'vitest';
import type { HostingWish } from './hosting-choices.js';
import { badgeInWords, consentInWords, policyInWords, promiseInWords, trafficInWords } from './hosting-words.js';
import { NOTHING_SENT } from './traffic.js';

const wish: HostingWish = { mode: 'local-first', recipient: 'Hugging Face', token: undefined, hosted: {} };
const request: ConsentRequest = {
  reason: 'out-of-memory',
  host: 'router.huggingface.co',
  hosts: ['router.huggingface.co'],
  provider: 'auto',
  model: 'acme/painter',
  sizeBytes: 231_000,
  width: 902,
  height: 600,
};

test('only where nothing can leave is it said that nothing is uploaded', () => {
  expect(promiseInWords(undefined)).toContain('Nothing is uploaded');
  for (const mode of ['local-first', 'remote-first', 'remote-only'] as const) {
    const words = promiseInWords({ ...wish, mode });
    expect(words).not.toContain('Nothing is uploaded');
    expect(words).toContain('Hugging Face');
  }
  expect(policyInWords(undefined, true)).toMatch(/to its own server only, and sends it no picture\.$/);
  expect(policyInWords(wish, true)).toMatch(/no picture before you agreed\.$/);
  expect(policyInWords(undefined, false)).toMatch(/its providers, and sends them no picture\.$/);
});

test('the counter and the badge name where something went', () => {
  expect(trafficInWords(NOTHING_SENT)).toBe('0 requests to services, 0 bytes left this page.');
  const sent = { requests: 1, bytes: 34_000, hosts: ['a.example'] };
  expect(trafficInWords(sent)).toBe('1 request to services, 34 kB left this page, to a.example.');
  expect(badgeInWords(NOTHING_SENT, true)).toBeUndefined();
  expect(badgeInWords({ ...sent, hosts: [] }, false)).toBeUndefined();
  expect(badgeInWords(sent, false)).toBe('Sent to a.example');
  expect(badgeInWords(sent, true)).toBe('Sent to a.example, made here');
});

test('consent is asked with all that would go', () => {
  const parameters = { prompt: 'add snow', seed: 4, target_size: { width: 8, height: 6 } };
  const rows = consentInWords(request, { inputs: new Blob(), parameters, accessToken: 'hf_secret' });
  expect(Object.fromEntries(rows)).toEqual({
    Why: 'This page could not do it: not enough memory.',
    To: 'router.huggingface.co',
    'Who does it': 'the provider that Hugging Face names first for the model',
    Model: 'acme/painter',
    Picture: '902 × 600 px, 231 kB',
    'With it': '“add snow”, seed 4, size 8 × 6',
    Token: 'yours, to that host',
  });
  const own = consentInWords({ ...request, reason: 'hosted-only', provider: 'endpoint', model: '' }, { inputs: '' });
  expect(Object.fromEntries(own)).toMatchObject({
    Why: 'You chose that a service does it.',
    Model: 'the one at that address',
    Token: 'none',
  });
});
