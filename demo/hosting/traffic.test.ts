import { expect, test } from 'vitest';
import { createTrafficCounter, type Sent } from './traffic.js';

test('every request counts, with the bytes of its body and where they went', async () => {
  const totals: Sent[] = [];
  const counter = createTrafficCounter(
    (total) => totals.push(total),
    async () => new Response(),
  );
  const first = counter.forCall();
  await first.fetch('https://hub.example/models');
  await first.fetch('https://router.example/run', { method: 'POST', body: new Blob(['12345']) });
  await first.fetch('https://router.example/run', { method: 'POST', body: 'é' });
  const second = counter.forCall();
  await second.fetch('https://own.example/', { method: 'POST', body: new Uint8Array(3) });
  expect(first.sent()).toEqual({ requests: 3, bytes: 7, hosts: ['router.example'] });
  expect(second.sent()).toEqual({ requests: 1, bytes: 3, hosts: ['own.example'] });
  expect(counter.total()).toEqual({ requests: 4, bytes: 10, hosts: ['router.example', 'own.example'] });
  expect(totals.map(({ requests }) => requests)).toEqual([1, 2, 3, 4]);
});

test('a request that fails has left the page all the same', async () => {
  const counter = createTrafficCounter(
    () => {},
    async () => {
      throw new TypeError('Failed to fetch');
    },
  );
  await expect(counter.forCall().fetch('https://a.example/', { method: 'POST', body: 'abc' })).rejects.toThrow();
  expect(counter.total()).toMatchObject({ requests: 1, bytes: 3 });
});
