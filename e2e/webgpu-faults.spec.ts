import type { Page } from '@playwright/test';
import type { InferenceClient, Report } from 'tintype';
import { GPU_ARGS, giveDevicesAway, hideThatItIsSoftware, makeWasmSeemSlow } from './gpu.js';
import { callInPage, countRequests, expect, makePicture, test } from './harness.js';

// What becomes of a call that `device: 'auto'` wants to measure, or sent to WebGPU, when something on the way there fails.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: GPU_ARGS }) });

/** The software adapter is slow, so tiles are tiny. */
const TINY = { tile: { maxSidePx: 32 } };

/** The client that `callInPage` keeps in the page. */
type WithClient = Window & { client?: InferenceClient };

/** A call of the page's client that must succeed, by its report. */
async function reportOf(page: Page, model?: string): Promise<Report> {
  const picture = await makePicture(page, { width: 16, height: 12 });
  const { error, reports } = await callInPage(page, { picture, options: TINY, ...(model ? { model } : {}) });
  expect(error).toBeUndefined();
  const [report] = reports;
  if (!report) throw new Error('No report.');
  return report;
}

/** `load()` of a new client that becomes the page's, by the code it rejected with or `loaded`. */
async function loadInPage(page: Page, device: 'auto' | 'webgpu'): Promise<string> {
  return await page.evaluate(
    async ([device, options]) => {
      const client = new window.tintype.InferenceClient(undefined, options);
      (window as WithClient).client = client;
      return await client.load({}, { device }).then(
        () => 'loaded',
        (caught: { readonly code?: string }) => caught.code ?? String(caught),
      );
    },
    [device, TINY] as const,
  );
}

function gpuEngines(page: Page): number {
  return page.workers().filter((worker) => /engine\.(?:jspi|asyncify)/.test(worker.url())).length;
}

test('without the measuring code a call runs on WASM, and the next one tries again', async ({ openApp }) => {
  const { page, server } = await openApp();
  await hideThatItIsSoftware(page);
  const measuringCode = /measured-devices[^/]*\.js$/;
  server.addFault({ path: measuringCode, effect: 503 });
  const report = await reportOf(page);
  expect(report).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-unmeasured', warnings: [] });
  expect(report.timingsMs).not.toHaveProperty('measure');
  expect(countRequests(server, measuringCode)).toBeGreaterThan(0);
  server.heal();
  expect(await reportOf(page)).toMatchObject({ deviceReason: 'measured' });
});

test("a missing file for WebGPU is not taken for WebGPU's failure", async ({ openApp }) => {
  const { page, server } = await openApp();
  await hideThatItIsSoftware(page);
  // This model has a file for each device.
  const model = 'esrgan-slim-x2';
  const fileForWebGpu = /w8[^/]*\.onnx$/;
  server.addFault({ path: fileForWebGpu, effect: 404 });
  const report = await reportOf(page, model);
  expect(report).toMatchObject({ device: 'wasm', dtype: 'u8', deviceReason: 'webgpu-unmeasured' });
  expect(countRequests(server, fileForWebGpu)).toBeGreaterThan(0);
  server.heal();
  expect(await reportOf(page, model)).toMatchObject({ deviceReason: 'measured' });
});

test('after a lost device the client stays on WASM; another one tries WebGPU again', async ({ openApp }) => {
  const app = await openApp();
  giveDevicesAway(app);
  makeWasmSeemSlow(app);
  await hideThatItIsSoftware(app.page);
  const picture = await makePicture(app.page, { width: 70, height: 40 });
  const reports = await app.page.evaluate(
    async ([inputs, options]) => {
      const channel = new BroadcastChannel('test-device');
      const call = async (client: InferenceClient, onTile?: () => void): Promise<Report | undefined> => {
        let report: Report | undefined;
        await client.imageToImage({ inputs }, { ...options, onTile, onReport: (made) => (report = made) });
        return report;
      };
      const client = new window.tintype.InferenceClient();
      let losing: ReturnType<typeof setInterval> | undefined;
      const lost = await call(client, () => {
        losing ??= setInterval(() => channel.postMessage('destroy'), 20);
      });
      clearInterval(losing);
      const next = await call(client);
      await client.dispose();
      const others = await call(new window.tintype.InferenceClient());
      return { lost, next, others };
    },
    [picture, TINY] as const,
  );
  expect(reports.lost).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-failed' });
  expect(reports.lost?.warnings.map(({ code }) => code)).toContain('device-changed');
  expect(reports.next).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-failed', warnings: [] });
  expect(reports.others).toMatchObject({ device: 'webgpu', deviceReason: 'remembered', warnings: [] });
});

test('an abort while WebGPU is timed ends that engine and nothing else', async ({ openApp }) => {
  const { page, server } = await openApp();
  // Nothing that is read back from the device ever arrives, and the page is told that something should.
  server.addFault({
    path: /engine\.jspi[^/]*\.js$/,
    effect: 'prepend',
    text: `{
      GPUBuffer.prototype.mapAsync = () => {
        new BroadcastChannel('test-frozen').postMessage('frozen');
        return new Promise(() => {});
      };
    }`,
  });
  await hideThatItIsSoftware(page);
  const picture = await makePicture(page, { width: 16, height: 12 });
  const aborted = await page.evaluate(
    async ([inputs, options]) => {
      const client = new window.tintype.InferenceClient();
      (window as WithClient).client = client;
      const controller = new AbortController();
      const reason = new Error('The test aborted.');
      new BroadcastChannel('test-frozen').addEventListener('message', () => controller.abort(reason));
      const outcomes: string[] = [];
      const caught = await client
        .imageToImage(
          { inputs },
          { ...options, signal: controller.signal, onReport: ({ outcome }) => outcomes.push(outcome) },
        )
        .catch((caught: unknown) => caught);
      return { isReason: caught === reason, outcomes };
    },
    [picture, TINY] as const,
  );
  expect(aborted).toEqual({ isReason: true, outcomes: ['aborted'] });
  await expect.poll(() => gpuEngines(page)).toBe(0);
  server.heal();
  expect(await reportOf(page)).toMatchObject({ deviceReason: 'measured', warnings: [] });
});

test('load() goes on with WASM when WebGPU fails, unless WebGPU was asked for', async ({ openApp }) => {
  const app = await openApp();
  const { page, server } = app;
  makeWasmSeemSlow(app);
  await hideThatItIsSoftware(page);
  expect(await loadInPage(page, 'auto')).toBe('loaded');
  expect(gpuEngines(page)).toBe(1);
  // The next visit finds no runtime for WebGPU.
  await page.reload();
  server.addFault({ path: /(?:jspi|asyncify)[^/]*\.wasm$/, effect: 404 });
  expect(await loadInPage(page, 'webgpu')).toBe('runtime-unavailable');
  expect(await loadInPage(page, 'auto')).toBe('loaded');
  expect(await reportOf(page)).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-failed', warnings: [] });
});
