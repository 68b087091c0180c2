import { expect, test } from 'vitest';
import { readPagePolicy } from './page-policy.js';

const ORIGIN = 'https://demo.example';

function allowed(policy: string | undefined, ...addresses: readonly string[]): readonly string[] {
  const mayConnect = readPagePolicy(policy, ORIGIN);
  return addresses.filter((address) => mayConnect(new URL(address)));
}

test('the strict page talks to its own server only', () => {
  const addresses = [
    `${ORIGIN}/api`,
    'https://other.example/',
    'http://demo.example/api',
    'https://demo.example:8443/',
  ];
  expect(allowed("default-src 'none'; connect-src 'self'; img-src 'self'", ...addresses)).toEqual([`${ORIGIN}/api`]);
});

test('named hosts and their subdomains are allowed as they are written', () => {
  const policy = "connect-src 'self' https://router.example https://*.files.example";
  const yes = ['https://router.example/x', 'https://a.files.example/y', 'https://a.b.files.example/y'];
  const no = [
    'http://router.example/x',
    'https://files.example/',
    'http://a.files.example/',
    'https://evilfiles.example/',
  ];
  expect(allowed(policy, ...yes, ...no)).toEqual(yes);
});

test('without a policy nothing is forbidden', () => {
  expect(allowed(undefined, 'https://other.example/')).toHaveLength(1);
});
