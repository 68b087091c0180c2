import { expect, test } from 'vitest';
import { readHostedAddress } from './hosted-address.js';

const ROUTER = 'https://router.huggingface.co/hf-inference/models';
const LEGACY = 'https://api-inference.huggingface.co/models';
const HUB = 'https://huggingface.co/api/models';

test.each([
  [`${ROUTER}/timbrooks/instruct-pix2pix`, 'infer', 'timbrooks/instruct-pix2pix'],
  [`${ROUTER}/timbrooks%2Finstruct-pix2pix`, 'infer', 'timbrooks/instruct-pix2pix'],
  [`${ROUTER}/tintype-sr-x2/`, 'infer', 'tintype-sr-x2'],
  [`${ROUTER}/tintype-sr-x2?wait=1`, 'infer', 'tintype-sr-x2'],
  [`${ROUTER}/a/b/pipeline/image-to-image`, 'infer', 'a/b'],
  // What the official client makes of a relative endpointUrl: an id that nobody has, rather than a request that leaves.
  [`${ROUTER}//api/hf`, 'infer', '/api/hf'],
  [`${ROUTER}/100%`, 'infer', '100%'],
  [`${LEGACY}/timbrooks/instruct-pix2pix`, 'infer', 'timbrooks/instruct-pix2pix'],
  [`${LEGACY}/gpt2`, 'infer', 'gpt2'],
  [`${HUB}/a/b?expand[]=inferenceProviderMapping`, 'lookup', 'a/b'],
  [`${HUB}/a/b?expand%5B%5D=inferenceProviderMapping&expand[]=tags`, 'lookup', 'a/b'],
  [`${HUB}/a%2Fb?expand=inferenceProviderMapping`, 'lookup', 'a/b'],
])('%s', (url, kind, model) => {
  expect(readHostedAddress(new URL(url))).toEqual({ kind, model });
});

test.each([
  'https://router.huggingface.co/fal-ai/models/a/b',
  'https://router.huggingface.co/v1/chat/completions',
  'http://router.huggingface.co/hf-inference/models/a/b',
  'https://router.huggingface.co:8443/hf-inference/models/a/b',
  'https://router.huggingface.co.example/hf-inference/models/a/b',
  `${ROUTER}/`,
  `${ROUTER}/a/b/pipeline/feature-extraction`,
  'https://api-inference.huggingface.co/status/a/b',
  `${HUB}/a/b`,
  `${HUB}/a/b?expand[]=tags`,
  'https://huggingface.co/api/tasks',
  'https://example.com/models/a',
  'data:image/png;base64,AAAA',
])('%s is not of this API', (url) => {
  expect(readHostedAddress(new URL(url))).toBeUndefined();
});
