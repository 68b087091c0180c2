import { callInPage, countRequests, expect, makePicture, test } from './harness.js';
import type { Fault } from './server.js';

const SIZE = { width: 64, height: 48 };
const MODEL = /\.onnx$/;

interface Case {
  readonly title: string;
  readonly fault: Fault;
  readonly code: string;
}

const cases: readonly Case[] = [
  { title: 'a flipped bit in the model', fault: { path: MODEL, effect: 'flip' }, code: 'integrity-mismatch' },
  { title: 'a web page instead of the model', fault: { path: MODEL, effect: 'html' }, code: 'integrity-mismatch' },
  { title: 'a model that is not there', fault: { path: MODEL, effect: 404 }, code: 'model-unavailable' },
  { title: 'a model whose connection is cut', fault: { path: MODEL, effect: 'cut' }, code: 'model-unavailable' },
  { title: 'a runtime that is not there', fault: { path: /\.wasm$/, effect: 404 }, code: 'runtime-unavailable' },
  {
    title: 'a web page instead of the runtime',
    fault: { path: /\.wasm$/, effect: 'html' },
    code: 'runtime-unavailable',
  },
  { title: 'no loader script', fault: { path: /loader\.worker[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
  { title: 'no pipeline script', fault: { path: /pipeline\.worker[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
  { title: 'no engine script', fault: { path: /engine\.[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
];

for (const { title, fault, code } of cases) {
  test(`${title}: ${code}, and all is well once it is mended`, async ({ openApp }) => {
    const { page, server } = await openApp();
    const picture = await makePicture(page, SIZE);
    server.addFault(fault);
    const bad = await callInPage(page, { picture });
    expect(bad.error).toMatchObject({ name: 'ImageToImageError', code });
    expect(bad.reports).toHaveLength(1);
    expect(bad.reports[0]).toMatchObject({ outcome: 'failed', error: { code } });
    expect(countRequests(server, fault.path)).toBeGreaterThan(0);
    server.heal();
    const good = await callInPage(page, { picture });
    expect(good.error).toBeUndefined();
    expect(good.blob).toMatchObject({ width: 128, height: 96 });
  });
}

test('one damaged download is fetched again without a word', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: MODEL, effect: 'flip', times: 1 });
  const result = await callInPage(page, { picture: await makePicture(page, SIZE) });
  expect(result.blob).toMatchObject({ width: 128, height: 96 });
  expect(countRequests(server, MODEL)).toBe(2);
});

test('a damaged stored model is never run', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SIZE);
  const first = await callInPage(page, { picture });
  const spoiled = await page.evaluate(async () => {
    let count = 0;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const bytes = new Uint8Array(await (await cache.match(request))!.arrayBuffer());
        bytes[bytes.length >> 1]! ^= 1;
        await cache.put(request, new Response(bytes));
        count += 1;
      }
    }
    return count;
  });
  expect(spoiled).toBeGreaterThan(0);
  await page.reload();
  const second = await callInPage(page, { picture: await makePicture(page, SIZE) });
  expect(second.blob?.sha256).toBe(first.blob?.sha256);
});

test('bad pictures are refused with their code, and the client still works', async ({ openApp }) => {
  const { page } = await openApp();
  const bad = [
    ['', 'invalid-input'],
    ['this is no picture', 'unsupported-type'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'unsupported-type'],
    ['<!doctype html><title>404</title>', 'unsupported-type'],
  ] as const;
  for (const [text, code] of bad) {
    const picture = await page.evaluateHandle((text) => new Blob([text], { type: 'image/png' }), text);
    expect((await callInPage(page, { picture })).error).toMatchObject({ code });
  }
  const cut = await (await makePicture(page, SIZE)).evaluateHandle((blob) => blob.slice(0, blob.size >> 1));
  expect((await callInPage(page, { picture: cut })).error).toMatchObject({ code: 'invalid-input' });
  expect((await callInPage(page, { picture: await makePicture(page, SIZE) })).blob).toMatchObject({ width: 128 });
});
