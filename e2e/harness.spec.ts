// Controls: what the other specs rely on to be red when something is wrong.
import { expect, test } from './harness.js';
import { consumerApp } from './pack.js';
import { serveFolder } from './server.js';

test('a request of a worker to another origin is seen', async ({ openApp }) => {
  const app = await openApp();
  const other = await serveFolder({ folder: consumerApp() });
  try {
    await app.page.evaluate(async (url) => {
      const code = `fetch(${JSON.stringify(url)}, { mode: 'no-cors' }).finally(() => postMessage('done'))`;
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      await new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
    }, `${other.origin}/from-a-worker`);
    expect(app.foreignRequests).toEqual([`${other.origin}/from-a-worker`]);
    expect(other.requests).toHaveLength(1);
  } finally {
    await other.stop();
  }
});

test('a request with a body is logged with its size', async ({ openApp }) => {
  const { page, server } = await openApp();
  await page.evaluate(() => fetch('/upload', { method: 'POST', body: new Uint8Array(1234) }));
  expect(server.requests).toContainEqual({ method: 'POST', path: '/upload', bodyBytes: 1234 });
});

test('the strict policy is enforced', async ({ openApp }) => {
  const { page } = await openApp({ hasStrictCsp: true });
  const isBlocked = page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([''])));
        worker.addEventListener('error', () => resolve(true), { once: true });
      }),
  );
  expect(await isBlocked).toBe(true);
});

test('a body that is cut or stalled is half there', async ({ openApp }) => {
  const { page, server } = await openApp();
  const path = server.requests.find((request) => request.path.endsWith('.js'))?.path ?? '';
  const fetchText = (): Promise<string> => page.evaluate((path) => fetch(path).then((answer) => answer.text()), path);
  expect((await fetchText()).length).toBeGreaterThan(0);
  server.addFault({ path: /\.js$/, effect: 'cut', times: 1 });
  await expect(fetchText()).rejects.toThrow(/fetch|network/i);
  server.addFault({ path: /\.js$/, effect: 'stall', times: 1 });
  const arrived = page.evaluate(async (path) => {
    const answer = await fetch(path);
    const { value } = (await answer.body?.getReader().read()) ?? {};
    return { announced: Number(answer.headers.get('content-length')), first: value?.length ?? 0 };
  }, path);
  const { announced, first } = await arrived;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(announced);
  expect((await fetchText()).length).toBeGreaterThan(0);
});
