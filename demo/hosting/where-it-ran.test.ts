import type { Report } from 'tintype';
import { expect, test } from 'vitest';
import { NOTHING_SENT } from './traffic.js';
import { whereItRan } from './where-it-ran.js';

const report: Report = {
  where: 'in-page',
  reason: 'in-page-default',
  model: 'm',
  device: 'wasm',
  warnings: [],
  timingsMs: { total: 1500 },
  bytes: { down: 0, up: 0 },
  outcome: 'done',
};
const sent = { requests: 2, bytes: 34_000, hosts: ['a.example'] };

test('a result of the page says that nothing was uploaded only if nothing was', () => {
  const own = 'Ran in this page on the processor (WASM), 1.5 s';
  expect(whereItRan(report, NOTHING_SENT)).toBe(`${own}. 0 bytes of your picture were uploaded.`);
  const fallback = { code: 'remote-failed', phase: 'hosted', message: 'x' } as const;
  expect(whereItRan({ ...report, fallback }, sent)).toBe(
    `${own}, for the service failed. 34 kB of your picture were uploaded.`,
  );
  const kept = { ...report, fallback: { ...fallback, code: 'consent-required' } } as const;
  expect(whereItRan(kept, NOTHING_SENT)).toBe(
    `${own}, for you kept the picture here. 0 bytes of your picture were uploaded.`,
  );
});

test('a result of a service says whose it is, and why', () => {
  const hosted = { host: 'a.example', provider: 'fal-ai', model: 'm', attempts: 2 };
  const fallback = { code: 'model-unavailable', phase: 'download', message: 'x' } as const;
  expect(whereItRan({ ...report, where: 'hosted', hosted, fallback, bytes: { down: 2_000, up: 1 } }, sent)).toBe(
    'Made by fal, sent to a.example, in 2 attempts, 1.5 s. 34 kB left this page, 2 kB came back. The page could not do it: the model could not be fetched.',
  );
});
