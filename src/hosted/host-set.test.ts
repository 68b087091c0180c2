import { expect, test } from 'vitest';
import { hostsOf, isHuggingFace } from './host-set.js';

test.each([
  ['auto', undefined, 'router.huggingface.co'],
  ['auto', 'hf_abc', 'router.huggingface.co'],
  ['fal-ai', '', 'router.huggingface.co'],
  ['fal-ai', 'hf_abc', 'router.huggingface.co'],
  ['fal-ai', 'id:secret', 'queue.fal.run'],
  ['replicate', 'r8_abc', 'api.replicate.com'],
  ['wavespeed', 'abc', 'api.wavespeed.ai'],
  ['together', 'abc', 'api.together.xyz'],
  ['hf-inference', 'eyJhbGciOi', 'router.huggingface.co'],
])('%s with the token %s: %s', (provider, token, host) => {
  expect(hostsOf({ provider, token })).toEqual([host]);
});

test('an own endpoint is the only host, whatever else is said', () => {
  const endpointUrl = 'http://localhost:8080/api/hf';
  expect(hostsOf({ provider: 'auto', endpointUrl, token: 'key' })).toEqual(['localhost:8080']);
});

test('nobody knows whose key it is', () => {
  expect(() => hostsOf({ provider: 'auto', token: 'r8_abc' })).toThrow(TypeError);
});

test.each(['nscale', 'toString', '', 'in-page'])('"%s" is no provider', (provider) => {
  expect(() => hostsOf({ provider })).toThrow(RangeError);
});

test.each([
  ['https://router.huggingface.co/x', true],
  ['https://huggingface.co', true],
  ['https://x.us-east-1.aws.endpoints.huggingface.cloud/', true],
  ['https://huggingface.co.evil.example/', false],
  ['https://nothuggingface.co/', false],
  ['https://evil.example/huggingface.co', false],
])('%s is of Hugging Face: %s', (url, expected) => {
  expect(isHuggingFace(url)).toBe(expected);
});
