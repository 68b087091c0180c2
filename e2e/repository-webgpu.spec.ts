import { GPU_ARGS } from './gpu.js';
import { expect, test } from './harness.js';
import { drawPng, largestDifference } from './pixels.js';
import { openClient, pictureInPage, readInPage } from './repository-page.js';
import { serveRepositories, tinyPipeline } from './repository-server.js';

test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: GPU_ARGS }) });

test('a repository runs on WebGPU as it does on WASM', async ({ openApp }) => {
  const { page, foreignRequests } = await openApp({ files: serveRepositories({ ip2p: tinyPipeline('ip2p') }) });
  const manifest = await readInPage(page, 'models/ip2p');
  const picture = await drawPng(page, { width: 24, height: 16 }, (x, y) => [x * 10, y * 15, (x * y) % 256, 255]);
  const parameters = {
    prompt: 'make it a watercolor painting',
    negative_prompt: 'blurry',
    num_inference_steps: 2,
    seed: 42,
  };
  const edit = { model: 'ip2p', picture, parameters };
  await openClient(page, [manifest]);
  const wasm = await pictureInPage(page, { ...edit, options: { device: 'wasm' } });
  // A client of its own: the first one remembers what its text encoder gave.
  await openClient(page, [manifest]);
  const webgpu = await pictureInPage(page, { ...edit, options: { device: 'webgpu' } });
  expect(wasm.report).toMatchObject({ device: 'wasm', warnings: [] });
  expect(webgpu.report).toMatchObject({ device: 'webgpu', deviceReason: 'device-asked', warnings: [] });
  expect(webgpu.phases).toContain('text-encoder');
  expect(largestDifference(webgpu.picture.rgba, wasm.picture.rgba)).toBeLessThanOrEqual(2);
  expect(new Set(webgpu.picture.rgba).size).toBeGreaterThan(16);
  expect(foreignRequests).toEqual([]);
});
