import { callInPage, expect, makePicture, test } from './harness.js';

// Headless Chromium without further flags has WebGPU, but no adapter.
test('auto runs on WASM and says why', async ({ openApp }) => {
  const { page } = await openApp();
  const { reports } = await callInPage(page, { picture: await makePicture(page, { width: 16, height: 16 }) });
  expect(reports[0]).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-no-adapter' });
});

test('a device that is asked for is obeyed or refused, never swapped', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await makePicture(page, { width: 16, height: 16 });
  const { error, reports } = await callInPage(page, { picture, options: { device: 'webgpu' } });
  expect(error).toMatchObject({ code: 'environment-unsupported' });
  expect(error?.message).toMatch(/no graphics adapter.*pass 'wasm'/);
  expect(reports[0]).toMatchObject({
    where: 'nowhere',
    outcome: 'failed',
    error: { details: { reason: 'webgpu-no-adapter' } },
  });
  expect(server.requests.filter(({ path }) => /\.(?:wasm|onnx)$/.test(path))).toEqual([]);
  const available = await page.evaluate(() =>
    new window.tintype.InferenceClient(undefined, { device: 'webgpu' }).availability(),
  );
  expect(available).toBe('unavailable');
});

test('a browser without WebGPU', async ({ openApp }) => {
  const { page } = await openApp();
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
  await page.reload();
  const picture = await makePicture(page, { width: 16, height: 16 });
  const auto = await callInPage(page, { picture });
  expect(auto.reports[0]).toMatchObject({ device: 'wasm', deviceReason: 'webgpu-missing' });
  const asked = await callInPage(page, { picture, options: { device: 'webgpu' } });
  expect(asked.error?.message).toMatch(/this browser has no WebGPU/);
});

test('a file for WASM only is not sent to WebGPU', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 16, height: 16 });
  const named = { picture, model: 'esrgan-slim-x2', options: { dtype: 'u8' } } as const;
  expect((await callInPage(page, named)).reports[0]).toMatchObject({ deviceReason: 'dtype-wasm-only' });
  const refused = await callInPage(page, { ...named, options: { ...named.options, device: 'webgpu' } });
  expect(refused.error).toMatchObject({ code: 'environment-unsupported' });
});
