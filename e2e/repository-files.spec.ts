import type { JSHandle, Page } from '@playwright/test';
import { countRequests, expect, test } from './harness.js';
import { consumerApp } from './pack.js';
import { drawPng } from './pixels.js';
import { type Edited, editInPage, openClient, pictureInPage, readInPage, refusalInPage } from './repository-page.js';
import { type RepositoryFiles, serveRepositories, tinyPipeline } from './repository-server.js';
import { serveFolder } from './server.js';

const PARAMETERS = { prompt: 'a pencil sketch of a cat', num_inference_steps: 2, strength: 1, seed: 3 };

async function edit(page: Page, model: string): Promise<Edited> {
  const picture = await drawPng(page, { width: 16, height: 16 }, (x, y) => [x * 16, y * 16, 80, 255]);
  return await editInPage(page, { model, picture, parameters: PARAMETERS });
}

/** The repository as files that the user chose: of a folder, or by path. */
async function handIn(page: Page, files: RepositoryFiles, as: 'folder'): Promise<JSHandle<readonly File[]>>;
async function handIn(page: Page, files: RepositoryFiles, as: 'map'): Promise<JSHandle<ReadonlyMap<string, Blob>>>;
async function handIn(page: Page, files: RepositoryFiles, as: 'folder' | 'map'): Promise<JSHandle> {
  const texts = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')] as const);
  return await page.evaluateHandle(
    ([texts, as]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      if (as === 'map') return new Map(texts.map(([path, text]) => [path, new Blob([bytes(text)])]));
      return texts.map(([path, text]) => {
        const file = new File([bytes(text)], path.split('/').at(-1) ?? '');
        // What a directory picker sets; no constructor does.
        Object.defineProperty(file, 'webkitRelativePath', { value: `my-model/${path}` });
        return file;
      });
    },
    [texts, as] as const,
  );
}

test('vocab.json and merges.txt do for a tokenizer', async ({ openApp }) => {
  const whole = tinyPipeline('img2img');
  const words = tinyPipeline('img2img');
  words.delete('tokenizer/tokenizer.json');
  const bare = new Map([...words].filter(([path]) => !/tokenizer_config|special_tokens/.test(path)));
  const { page, server } = await openApp({ files: serveRepositories({ whole, words, bare }) });
  const manifests = [];
  for (const name of ['whole', 'words', 'bare']) manifests.push(await readInPage(page, `models/${name}`));
  await openClient(page, manifests);
  const expected = (await edit(page, 'whole')).picture?.rgba;
  expect(expected).toBeDefined();
  expect((await edit(page, 'words')).picture?.rgba).toEqual(expected);
  expect(countRequests(server, /words\/tokenizer\/merges\.txt/)).toBeGreaterThan(0);
  // Without the two small files CLIP's usual tokens are assumed, which are those of this vocabulary too.
  expect((await edit(page, 'bare')).picture?.rgba).toEqual(expected);
});

test('files handed in are read from the page; no request is made for them', async ({ openApp }) => {
  const files = tinyPipeline('img2img');
  const { page, server, foreignRequests } = await openApp({ files: serveRepositories({ served: files }) });
  const manifests = [
    await readInPage(page, 'models/served'),
    await readInPage(page, await handIn(page, files, 'folder')),
    await readInPage(page, await handIn(page, files, 'map'), { id: 'by-path' }),
  ];
  expect(manifests.map(({ id }) => id)).toEqual(['served', 'my-model', 'by-path']);
  await openClient(page, manifests);
  const known = await page.evaluate(
    (ids) => Promise.all(ids.map((model) => window.repositoryClient?.availability({ model }))),
    manifests.map(({ id }) => id),
  );
  expect(known).toEqual(['downloadable', 'available', 'available']);
  const before = server.requests.length;
  const local = await edit(page, 'my-model');
  expect(local.error).toBeUndefined();
  const byPath = await edit(page, 'by-path');
  const during = server.requests.slice(before).map(({ path }) => path);
  expect(during.filter((path) => /\.onnx|\.json|\.txt|^\/models\//.test(path))).toEqual([]);
  // Neither downloaded nor stored a second time.
  expect(local.report.bytes).toEqual({ down: 0, up: 0 });
  const expected = (await edit(page, 'served')).picture?.rgba;
  expect(expected).toBeDefined();
  expect(local.picture?.rgba).toEqual(expected);
  expect(byPath.picture?.rgba).toEqual(expected);
  expect(foreignRequests).toEqual([]);
});

test("where the page's policy forbids to read files handed in, the error says which rule", async ({ openApp }) => {
  const { page } = await openApp({ hasStrictCsp: true });
  await openClient(page, [await readInPage(page, await handIn(page, tinyPipeline('img2img'), 'map'))]);
  const { error } = await edit(page, 'local-model');
  expect(error).toMatchObject({ code: 'model-unavailable', phase: 'download' });
  expect(error?.message).toContain('blob: in connect-src');
});

test('what is missing when a repository is read is named', async ({ openApp }) => {
  const variants = ['unet/model.onnx', 'vae_encoder/model.onnx', 'unet/config.json', 'model_index.json'];
  const repositories = Object.fromEntries(
    variants.map((missing, at) => {
      const files = tinyPipeline('img2img');
      files.delete(missing);
      return [`without${at}`, files];
    }),
  );
  const { page } = await openApp({ files: serveRepositories(repositories) });
  for (const [at, missing] of variants.entries()) {
    const error = await refusalInPage(page, `models/without${at}`);
    expect(error).toMatchObject({ name: 'ImageToImageError', code: 'model-unavailable', phase: 'validate' });
    expect(error.message).toContain(missing);
  }
});

test('a file that vanishes after reading ends the call, not the client', async ({ openApp }) => {
  const files = serveRepositories({ tiny: tinyPipeline('img2img') });
  const { page } = await openApp({ files });
  await openClient(page, [await readInPage(page, 'models/tiny')]);
  const unet = files.get('models/tiny/unet/model.onnx') ?? new Uint8Array();
  files.delete('models/tiny/unet/model.onnx');
  expect((await edit(page, 'tiny')).error).toMatchObject({
    code: 'model-unavailable',
    phase: 'download',
    details: { url: expect.stringContaining('/unet/model.onnx') },
  });
  files.set('models/tiny/unet/model.onnx', unet);
  expect((await edit(page, 'tiny')).error).toBeUndefined();
});

test('another origin has to be allowed by the page, and to allow it', async ({ openApp }) => {
  const files = serveRepositories({ tiny: tinyPipeline('img2img') });
  const { page, foreignRequests } = await openApp();
  const open = await serveFolder({ folder: consumerApp(), files, allowsOrigins: true });
  const closed = await serveFolder({ folder: consumerApp(), files });
  try {
    const refused = await refusalInPage(page, `${open.origin}/models/tiny`);
    expect(refused.name).toBe('RangeError');
    expect(refused.message).toContain(`origins: ['${open.origin}']`);
    expect([...foreignRequests, ...open.requests]).toEqual([]);

    const unread = await refusalInPage(page, `${closed.origin}/models/tiny`, { origins: [closed.origin] });
    expect(unread).toMatchObject({ code: 'model-unavailable', phase: 'download' });
    expect(unread.message).toContain('CORS');

    await openClient(page, [await readInPage(page, `${open.origin}/models/tiny`, { origins: [open.origin] })]);
    expect((await edit(page, 'tiny')).error).toBeUndefined();
    expect(countRequests(open, /unet\/model\.onnx/)).toBeGreaterThan(1);
  } finally {
    await open.stop();
    await closed.stop();
  }
});

test("a server that answers any path with the application's page is seen through", async ({ openApp }) => {
  const { page } = await openApp({
    isSinglePage: true,
    files: serveRepositories({ tiny: tinyPipeline('img2img') }),
  });
  const manifest = await readInPage(page, 'models/tiny');
  // Only what is there: no `model_fp16.onnx` and the like, which were answered with 200 too.
  expect(manifest.variants.map(({ dtype }) => dtype)).toEqual(['f32']);
  await openClient(page, [manifest]);
  const picture = await drawPng(page, { width: 16, height: 16 }, (x, y) => [x * 16, y * 16, 80, 255]);
  await pictureInPage(page, { model: 'tiny', picture, parameters: PARAMETERS });
  const nowhere = await refusalInPage(page, 'models/nowhere');
  expect(nowhere).toMatchObject({ code: 'model-unavailable', details: { missing: 'model_index.json' } });
});
