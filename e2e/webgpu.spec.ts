import type { Page } from '@playwright/test';
import type { Report } from 'tintype';
import { GPU_ARGS, giveDevicesAway, hideThatItIsSoftware, makeWasmSeemSlow } from './gpu.js';
import { callInPage, countRequests, expect, makePicture, test } from './harness.js';
import { drawPng, largestDifference, pixelsOf } from './pixels.js';

// The software adapter is slow, so pictures are tiny.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: GPU_ARGS }) });

const MODELS = [
  'tintype-sr-x2',
  'tintype-sr-x3',
  'tintype-sr-x4',
  'tintype-photo-x2',
  'tintype-restore',
  'tintype-style-starry-night',
  'tintype-style-great-wave',
  'tintype-style-scream',
  'tintype-style-composition-vii',
  'esrgan-slim-x2',
  'esrgan-slim-x3',
  'esrgan-slim-x4',
  'esrgan-medium-x2',
  'esrgan-medium-x4',
] as const;

const SMALL = { width: 16, height: 12 };

function texture(x: number, y: number): readonly [number, number, number, number] {
  return [(x * 37 + y * 11) % 256, (x * 5 + ((y * 53) % 97)) % 256, ((x ^ y) * 16) % 256, 255];
}

/** Calls with tiny tiles; the device is destroyed at the first tile, and again at each that \`times\` allows. */
async function callAndLoseDevice(
  page: Page,
  device: 'auto' | 'webgpu',
  always: boolean,
): Promise<{ readonly code?: string; readonly report: Report; readonly tiles: number }> {
  const picture = await makePicture(page, { width: 70, height: 40 });
  return await page.evaluate(
    async ({ picture, device, always }) => {
      const client = new window.tintype.InferenceClient();
      const channel = new BroadcastChannel('test-device');
      let report: Report | undefined;
      let tiles = 0;
      const options = {
        device,
        tile: { maxSidePx: 48 },
        onTile: () => {
          if (tiles++ > 0) return;
          channel.postMessage('destroy');
          if (always) setInterval(() => channel.postMessage('destroy'), 20);
        },
        onReport: (made: Report) => {
          report = made;
        },
      };
      try {
        await client.imageToImage({ inputs: picture }, options);
        return { report: report as unknown as Report, tiles };
      } catch (caught) {
        return {
          code: (caught as { code?: string }).code ?? String(caught),
          report: report as unknown as Report,
          tiles,
        };
      } finally {
        await client.dispose();
      }
    },
    { picture, device, always },
  );
}

for (const model of MODELS) {
  test(`${model}: WebGPU gives what WASM gives, within 2 levels`, async ({ openApp }) => {
    const { page } = await openApp();
    const picture = await drawPng(page, SMALL, texture);
    // The same file on both; some models have another one for WASM.
    const wasm = await pixelsOf(page, { picture, model, options: { device: 'wasm', dtype: 'w8' } });
    const webgpu = await pixelsOf(page, { picture, model, options: { device: 'webgpu' } });
    expect(webgpu.report).toMatchObject({ device: 'webgpu', deviceReason: 'device-asked', dtype: 'w8', engines: 1 });
    expect(wasm.report).toMatchObject({ device: 'wasm', deviceReason: 'device-asked' });
    expect([webgpu.width, webgpu.height]).toEqual([wasm.width, wasm.height]);
    expect(largestDifference(webgpu.data, wasm.data)).toBeLessThanOrEqual(2);
    // Not a picture of nothing: neither all black nor all one colour.
    expect(new Set(webgpu.data).size).toBeGreaterThan(16);
  });
}

test("every graph of the catalogue is wholly placed on WebGPU, by the runtime's own log", async ({ openApp }) => {
  test.setTimeout(240_000);
  const { page } = await openApp();
  const log: string[] = [];
  page.on('console', (message) => log.push(message.text()));
  const failures: string[] = [];
  for (const model of MODELS) {
    log.length = 0;
    const answer = await page.evaluate(async (model) => {
      const manifest = await new window.tintype.InferenceClient().models.get(model);
      if (manifest.pipeline !== 'feed-forward') throw new Error(`${model} is no single graph.`);
      const worker = window.makePlacementWorker();
      const url = manifest.variants.find(({ dtype }) => dtype === 'w8')?.url;
      const answered = new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data)));
      worker.postMessage({ url, sidePx: 16 });
      const answer = await answered;
      worker.terminate();
      return answer;
    }, model);
    const text = log.join('\n');
    const placed = /All nodes placed on \[WebGpuExecutionProvider\]/.test(text);
    const elsewhere = /placed on \[?CPUExecutionProvider/.test(text);
    if (answer !== 'opened' || !placed || elsewhere)
      failures.push(`${model}: ${answer}, placed ${placed}, CPU ${elsewhere}`);
  }
  expect(failures).toEqual([]);
});

test('tiles of a larger picture join on WebGPU as on WASM', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawPng(page, { width: 70, height: 45 }, texture);
  const options = { tile: { maxSidePx: 48 } } as const;
  const wasm = await pixelsOf(page, { picture, options: { ...options, device: 'wasm' } });
  const webgpu = await pixelsOf(page, { picture, options: { ...options, device: 'webgpu' } });
  expect(webgpu.report.tiles).toBeGreaterThan(1);
  expect(largestDifference(webgpu.data, wasm.data)).toBeLessThanOrEqual(2);
});

test('only the wasm file that is used is fetched', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await makePicture(page, SMALL);
  const onWasm = await callInPage(page, { picture });
  expect(onWasm.reports[0]).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-software' });
  expect(
    server.requests.filter(({ path }) => path.endsWith('.wasm')).map(({ path }) => /jspi|asyncify/.test(path)),
  ).toEqual([false]);
  await page.reload();
  const before = countRequests(server, /\.wasm$/);
  const onGpu = await callInPage(page, { picture: await makePicture(page, SMALL), options: { device: 'webgpu' } });
  expect(onGpu.error).toBeUndefined();
  const later = server.requests.filter(({ path }) => path.endsWith('.wasm')).slice(before);
  expect(later.map(({ path }) => /jspi/.test(path))).toEqual([true]);
});

test('a browser without JSPI gets the asyncify build', async ({ openApp }) => {
  const { page, server } = await openApp();
  await page.addInitScript(() => {
    Reflect.deleteProperty(WebAssembly, 'Suspending');
  });
  await page.reload();
  const picture = await makePicture(page, SMALL);
  const result = await callInPage(page, { picture, options: { device: 'webgpu' } });
  expect(result.error).toBeUndefined();
  expect(result.reports[0]).toMatchObject({ device: 'webgpu' });
  expect(countRequests(server, /asyncify[^/]*\.wasm$/)).toBe(1);
});

test('auto times both devices once, takes the faster, and remembers', async ({ openApp }) => {
  const { page, server } = await openApp();
  await hideThatItIsSoftware(page);
  const call = async (): Promise<Report | undefined> => {
    const picture = await makePicture(page, SMALL);
    const { error, reports } = await callInPage(page, { picture, options: { tile: { maxSidePx: 32 } } });
    expect(error).toBeUndefined();
    return reports[0];
  };
  const first = await call();
  expect(first).toMatchObject({ device: 'wasm', deviceReason: 'measured', warnings: [] });
  const { wasm, webgpu } = first?.deviceMsPerMegapixel ?? { wasm: 0, webgpu: 0 };
  expect(webgpu).toBeGreaterThan(wasm);
  expect(await call()).toMatchObject({ device: 'wasm', deviceReason: 'remembered' });
  // Also for the next visit, which then fetches one runtime only.
  await page.reload();
  const before = countRequests(server, /jspi[^/]*\.wasm$/);
  expect(before).toBe(1);
  expect(await call()).toMatchObject({ deviceReason: 'remembered', deviceMsPerMegapixel: { wasm, webgpu } });
  expect(countRequests(server, /jspi[^/]*\.wasm$/)).toBe(before);
  // Forgotten with the models.
  await page.evaluate(() => new window.tintype.InferenceClient().storage.clear());
  await page.reload();
  expect(await call()).toMatchObject({ deviceReason: 'measured' });
});

test('where WebGPU is measured to be faster, it is taken', async ({ openApp }) => {
  const app = await openApp();
  makeWasmSeemSlow(app);
  await hideThatItIsSoftware(app.page);
  const picture = await makePicture(app.page, SMALL);
  const { reports, error, phases } = await callInPage(app.page, { picture, options: { tile: { maxSidePx: 32 } } });
  expect(error).toBeUndefined();
  expect(reports[0]).toMatchObject({ device: 'webgpu', deviceReason: 'measured', engines: 1 });
  expect(phases).toContain('measure');
  expect(reports[0]?.timingsMs.measure).toBeGreaterThan(0);
});

test('WebGPU that paints wrong pixels is not trusted', async ({ openApp }) => {
  const app = await openApp();
  // Every buffer that is read back from the device is damaged.
  app.server.addFault({
    path: /engine\.jspi[^/]*\.js$/,
    effect: 'prepend',
    text: `{
      const { getMappedRange } = GPUBuffer.prototype;
      GPUBuffer.prototype.getMappedRange = function (...args) {
        const range = getMappedRange.apply(this, args);
        if (this.usage & GPUBufferUsage.MAP_READ) new Uint8Array(range).fill(7);
        return range;
      };
    }`,
  });
  await hideThatItIsSoftware(app.page);
  const picture = await makePicture(app.page, SMALL);
  const { reports, error } = await callInPage(app.page, { picture, options: { tile: { maxSidePx: 32 } } });
  expect(error).toBeUndefined();
  expect(reports[0]).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-failed' });
});

test('a device lost once costs a worker, not the call', async ({ openApp }) => {
  const app = await openApp();
  giveDevicesAway(app);
  const { code, report } = await callAndLoseDevice(app.page, 'webgpu', false);
  expect(code).toBeUndefined();
  expect(report).toMatchObject({ device: 'webgpu', outcome: 'done' });
  expect(report.warnings.map(({ code }) => code)).toEqual(['engine-restarted']);
});

test('a device that is lost again and again ends a call that asked for it, with a typed reason', async ({
  openApp,
}) => {
  const app = await openApp();
  giveDevicesAway(app);
  const { code, report } = await callAndLoseDevice(app.page, 'webgpu', true);
  expect(code).toBe('device-lost');
  expect(report).toMatchObject({ device: 'webgpu', outcome: 'failed', error: { code: 'device-lost' } });
});

test('where the device was our choice, the call goes on with WASM and says so', async ({ openApp }) => {
  const app = await openApp();
  giveDevicesAway(app);
  makeWasmSeemSlow(app);
  await hideThatItIsSoftware(app.page);
  const { code, report, tiles } = await callAndLoseDevice(app.page, 'auto', true);
  expect(code).toBeUndefined();
  expect(report).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-failed', outcome: 'done' });
  expect(report.warnings.map(({ code }) => code)).toContain('device-changed');
  expect(tiles).toBe(report.tiles);
});

test('the graphics process may crash', async ({ openApp, browser }) => {
  const { page } = await openApp();
  const first = await callInPage(page, { picture: await makePicture(page, SMALL), options: { device: 'webgpu' } });
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess').catch(() => {});
  const second = await callInPage(page, { picture: await makePicture(page, SMALL), options: { device: 'webgpu' } });
  expect(second.error).toBeUndefined();
  expect(second.blob?.sha256).toBe(first.blob?.sha256);
});

test('overlapping calls queue; both get their pictures', async ({ openApp }) => {
  const { page } = await openApp();
  const pictures = [await makePicture(page, SMALL), await makePicture(page, { width: 20, height: 20 })] as const;
  const sizes = await page.evaluate(async ([a, b]) => {
    const client = new window.tintype.InferenceClient(undefined, { device: 'webgpu' });
    const blobs = await Promise.all([a, b].map((inputs) => client.imageToImage({ inputs })));
    const bitmaps = await Promise.all(blobs.map((blob) => createImageBitmap(blob)));
    return bitmaps.map(({ width, height }) => `${width}x${height}`);
  }, pictures);
  expect(sizes).toEqual(['32x24', '40x40']);
});

test('a worker of another build is refused, not run', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SMALL);
  const answer = await page.evaluate(async (inputs) => {
    const made = new window.tintype.InferenceClient();
    await made.load();
    const scripts = performance.getEntriesByType('resource').map(({ name }) => name);
    await made.dispose();
    const script = scripts.find((name) => /engine\.wasm/.test(name)) ?? '';
    const engine = (): Worker => new Worker(script, { type: 'module' });
    const client = new window.tintype.InferenceClient(undefined, { workers: { engine } });
    try {
      await client.imageToImage({ inputs }, { device: 'webgpu' });
      return 'ran';
    } catch (caught) {
      const { code, message } = caught as { code?: string; message: string };
      return `${code}: ${message}`;
    }
  }, picture);
  expect(answer).toMatch(/^environment-unsupported: workers\.engine was asked for the build 'jspi' and gave 'wasm'/);
});

test('float16 needs shader-f16, which this adapter lacks', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SMALL);
  const answers = await page.evaluate(async (inputs) => {
    const { models } = new window.tintype.InferenceClient();
    const own = await models.get('tintype-sr-x2');
    const [w8] = own.variants;
    if (own.pipeline !== 'feed-forward' || !w8 || !('url' in w8)) throw new Error('No variant.');
    // Its bytes do not matter: it is never fetched.
    const half = { ...w8, dtype: 'f16' as const, sha256: 'f'.repeat(64) };
    const manifest = { ...own, id: 'own', variants: [half, w8], defaultDtype: { wasm: 'w8', webgpu: 'f16' } as const };
    const client = new window.tintype.InferenceClient(undefined, { models: [manifest], device: 'webgpu' });
    let dtype: string | undefined;
    await client.imageToImage({ inputs, model: 'own' }, { onReport: (report) => (dtype = report.dtype) });
    const named = await client.imageToImage({ inputs, model: 'own' }, { dtype: 'f16' }).then(
      () => 'ran',
      (caught: { code?: string }) => caught.code,
    );
    return { dtype, named };
  }, picture);
  expect(answers).toEqual({ dtype: 'w8', named: 'environment-unsupported' });
});
