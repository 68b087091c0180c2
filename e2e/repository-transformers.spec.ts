import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JSHandle, Page } from '@playwright/test';
import type { FeedForwardManifest } from 'tintype';
import { build } from 'vite';
import { bakePixels } from '../tools/models/bake.js';
import { writeOnnx } from '../tools/models/onnx-file.js';
import { psnrDb } from '../tools/models/psnr.js';
import { repositoryRoot } from '../tools/repository.js';
import { countRequests, expect, test } from './harness.js';
import { consumerApp } from './pack.js';
import { drawPng, largestDifference } from './pixels.js';
import { editInPage, openClient, pictureInPage, readInPage, refusalInPage } from './repository-page.js';
import { serveRepositories, sharpNetwork, swin2srRepository, WINDOW_PX } from './repository-server.js';

/** Both the wrapped network and the same float32 weights as our own models have them. */
function served(): ReadonlyMap<string, Uint8Array> {
  return serveRepositories({
    sharp: swin2srRepository(),
    native: new Map([['f32.onnx', writeOnnx(bakePixels(sharpNetwork()))]]),
  });
}

/** The manifest of `tintype-sr-x2`, but with float32 weights and of pictures that are padded to the windows' multiple. */
async function nativeManifest(page: Page, files: ReadonlyMap<string, Uint8Array>): Promise<FeedForwardManifest> {
  const sizeBytes = files.get('models/native/f32.onnx')?.length ?? 0;
  const [own, url] = await page.evaluate(
    async () =>
      [
        await new window.tintype.InferenceClient().models.get('tintype-sr-x2'),
        new URL('models/native/f32.onnx', document.baseURI).href,
      ] as const,
  );
  if (own.pipeline !== 'feed-forward') throw new Error('tintype-sr-x2 is no single graph.');
  return {
    ...own,
    id: 'native',
    tile: { ...own.tile, multiple: WINDOW_PX },
    variants: [{ dtype: 'f32', url, sizeBytes }],
    defaultDtype: { wasm: 'f32', webgpu: 'f32' },
  };
}

/** Colourful, half transparent in a corner; no side is a multiple of the window. */
function ragged(page: Page, size = { width: 203, height: 101 }): Promise<JSHandle<Blob>> {
  return drawPng(page, size, (x, y) => [
    (x * 7 + y * 3) % 256,
    ((x * x + y * y) >> 6) & 255,
    ((x >> 3) ^ (y >> 3)) % 2 ? 220 : 30,
    x + y < 60 ? (x + y) * 4 : 255,
  ]);
}

test('a swin2sr repository gives what the native path gives: tiles, crop and alpha', async ({ openApp }) => {
  const files = served();
  const { page, server, foreignRequests } = await openApp({ files });
  expect(countRequests(server, /transformers/)).toBe(0);
  const manifest = await readInPage(page, 'models/sharp');
  expect(countRequests(server, /transformers/)).toBeGreaterThan(0);
  expect(manifest).toMatchObject({ pipeline: 'feed-forward', scale: 2, tile: { multiple: WINDOW_PX } });
  await openClient(page, [manifest, await nativeManifest(page, files)]);
  const picture = await ragged(page);
  const options = { tile: { maxSidePx: 112 } };
  const wrapped = await pictureInPage(page, { model: 'sharp', picture, options });
  const native = await pictureInPage(page, { model: 'native', picture, options });
  const shipped = await pictureInPage(page, { model: 'tintype-sr-x2', picture, options });
  expect([wrapped.picture.width, wrapped.picture.height]).toEqual([406, 202]);
  expect(wrapped.report).toMatchObject({ dtype: 'f32', outcome: 'done', warnings: [] });
  expect(wrapped.report.tiles).toBeGreaterThan(2);
  expect(wrapped.phases).toEqual(expect.arrayContaining(['download', 'tiles', 'encode']));
  expect(largestDifference(wrapped.picture.rgba, native.picture.rgba)).toBeLessThanOrEqual(1);
  // The model as shipped has int8 weights and does not pad.
  expect(psnrDb(wrapped.picture, shipped.picture)).toBeGreaterThan(40);
  expect(new Set(wrapped.picture.rgba.filter((_, at) => at % 4 === 3)).size).toBeGreaterThan(16);
  expect(foreignRequests).toEqual([]);
});

test('such a model can be aborted between tiles, and goes on', async ({ openApp }) => {
  const { page } = await openApp({ files: served() });
  await openClient(page, [await readInPage(page, 'models/sharp')]);
  const picture = await ragged(page);
  const edit = { model: 'sharp', picture, options: { tile: { maxSidePx: 80 } } };
  const aborted = await editInPage(page, { ...edit, abortAt: 'tiles' });
  expect(aborted.error?.isReason).toBe(true);
  expect(aborted.report).toMatchObject({ outcome: 'aborted' });
  expect((await editInPage(page, edit)).error).toBeUndefined();
});

test('without the peer, reading says what to install, and all else works', async ({ openApp }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-no-peer-'));
  try {
    const files = served();
    const { page, foreignRequests } = await openApp({ folder: await buildWithoutPeer(folder), files });
    const error = await refusalInPage(page, 'models/sharp');
    expect(error).toMatchObject({ code: 'environment-unsupported', phase: 'validate' });
    expect(error.message).toContain('npm install @huggingface/transformers');
    await openClient(page, [await nativeManifest(page, files)]);
    expect((await editInPage(page, { model: 'native', picture: await ragged(page) })).error).toBeUndefined();
    expect(foreignRequests).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The same application outside the repository, where only the package's own dependencies are installed. */
async function buildWithoutPeer(folder: string): Promise<string> {
  const source = dirname(consumerApp());
  cpSync(source, folder, { recursive: true, filter: (path) => path !== consumerApp() });
  for (const name of ['comlink', 'onnxruntime-web', '@huggingface/inference', '@huggingface/tokenizers']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repositoryRoot, 'node_modules', name), link);
  }
  await build({ root: folder, configFile: false, logLevel: 'error' });
  return join(folder, 'dist');
}
