import type { Page } from '@playwright/test';
import { callInPage, expect, type PageCall, test } from './harness.js';
import { drawScene, EDITOR } from './prompted-scene.js';

/** Neither side is a multiple of 8, so that there is a phase of resizing. */
const SIZE = { width: 70, height: 50 };
/** Steps long enough that one is running when an engine dies. */
const LARGER = { width: 128, height: 96 };
const ABORTED = { name: 'Error', message: 'The test aborted.', isReason: true };

function countEngines(page: Page): Promise<number> {
  return page.evaluate(() => window.workers.filter(({ name }) => name === 'tintype-engine').length);
}

function lateEvents(page: Page): Promise<number> {
  return page.evaluate(() => window.lateEvents);
}

const coldMoments: readonly NonNullable<PageCall['abortAt']>[] = ['before', 'start', 'download', 'verify'];
for (const abortAt of coldMoments) {
  test(`abort (${String(abortAt)}) of a first call rejects with the signal's own reason`, async ({ openApp }) => {
    const { page } = await openApp();
    const call = { picture: await drawScene(page, SIZE), model: EDITOR, parameters: { prompt: 'add fog' } };
    const aborted = await callInPage(page, { ...call, abortAt });
    expect(aborted.error).toEqual(ABORTED);
    expect(aborted.reportedFirst).toBe(true);
    expect(aborted.reports).toMatchObject([{ outcome: 'aborted' }]);
    expect((await callInPage(page, call)).blob).toMatchObject(SIZE);
    expect(await lateEvents(page)).toBe(0);
  });
}

const warmMoments: readonly NonNullable<PageCall['abortAt']>[] = [
  'decode',
  'text-encoder',
  { phase: 'text-encoder', done: 1 },
  'vae-encoder',
  { phase: 'vae-encoder', done: 1 },
  'denoise',
  { phase: 'denoise', done: 1 },
  { phase: 'denoise', done: 3 },
  { phase: 'denoise', done: 4 },
  'vae-decoder',
  { phase: 'vae-decoder', done: 1 },
  'resize',
  'encode',
];
test('abort at every later stage rejects with the reason, tells no more, and the next call works', async ({
  openApp,
}) => {
  const { page } = await openApp();
  const call = { picture: await drawScene(page, SIZE), model: EDITOR, wantsPreviews: true };
  const known = { prompt: 'add film grain', seed: 1 };
  const calm = await callInPage(page, { ...call, parameters: known });
  for (const [at, abortAt] of warmMoments.entries()) {
    const title = JSON.stringify(abortAt);
    // A prompt of its own, so that the text encoder runs.
    const parameters = { prompt: `add fog ${at}` };
    const aborted = await callInPage(page, { ...call, parameters, abortAt });
    expect(aborted.error, title).toEqual(ABORTED);
    expect(aborted.reports, title).toMatchObject([{ outcome: 'aborted' }]);
    const next = await callInPage(page, { ...call, parameters: known });
    expect(next.blob?.sha256, title).toBe(calm.blob?.sha256);
  }
  expect(await lateEvents(page)).toBe(0);
});

test('an abort in the queue leaves the others alone', async ({ openApp }) => {
  const { page } = await openApp();
  const call = {
    picture: await drawScene(page, SIZE),
    model: EDITOR,
    parameters: { prompt: 'add film grain', seed: 1 },
  };
  const [first, queued, last] = await Promise.all([
    callInPage(page, call),
    callInPage(page, { ...call, abortAt: 'queued' }),
    callInPage(page, call),
  ]);
  expect(queued.error).toEqual(ABORTED);
  expect(queued.phases).toEqual(['queued']);
  expect(first.blob).toMatchObject(SIZE);
  expect(last.blob?.sha256).toBe(first.blob?.sha256);
});

test('an abort while a model loads: at a stalled download, and while a graph is compiled', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /\/unet[^/]*\.onnx$/, effect: 'stall', times: 1 });
  const call = { picture: await drawScene(page, SIZE), model: EDITOR, parameters: { prompt: 'add fog' } };
  const load = (phase: string): Promise<boolean> =>
    page.evaluate(
      ([model, phase]) => {
        const controller = new AbortController();
        const reason = new Error('The test aborted.');
        const onProgress = (event: { readonly phase: string; readonly done: number; readonly total: number }): void => {
          // Half of the bytes are in the file that stalls.
          if (event.phase === phase && event.done >= (phase === 'download' ? event.total * 0.4 : 0))
            controller.abort(reason);
        };
        const client = new window.tintype.InferenceClient();
        return client.load({ model }, { onProgress, signal: controller.signal }).then(
          () => false,
          (caught: unknown) => caught === reason,
        );
      },
      [EDITOR, phase] as const,
    );
  expect(await load('download')).toBe(true);
  expect(await load('compile')).toBe(true);
  expect((await callInPage(page, call)).blob).toMatchObject(SIZE);
});

test('after an abort between short steps the engine stays; one in a long step is ended', async ({ openApp }) => {
  const { page } = await openApp();
  const call = { picture: await drawScene(page, SIZE), model: EDITOR, parameters: { prompt: 'add fog', seed: 0 } };
  const calm = await callInPage(page, call);
  const engines = await countEngines(page);
  expect((await callInPage(page, { ...call, abortAt: { phase: 'denoise', done: 2 } })).error).toEqual(ABORTED);
  expect((await callInPage(page, call)).blob?.sha256).toBe(calm.blob?.sha256);
  expect(await countEngines(page)).toBe(engines);

  // Steps of seconds.
  const target_size = { width: 1024, height: 1024 };
  const long = { ...call, parameters: { ...call.parameters, target_size } };
  expect((await callInPage(page, { ...long, abortAt: 'denoise' })).error).toEqual(ABORTED);
  expect((await callInPage(page, call)).blob?.sha256).toBe(calm.blob?.sha256);
  expect(await countEngines(page)).toBe(engines + 1);
});

for (const [residency, done] of [
  ['resident', 2],
  ['sequential', 0],
] as const) {
  test(`${residency}: an engine that dies in the middle of the steps changes nothing in the result`, async ({
    openApp,
  }) => {
    const { page } = await openApp();
    const picture = await drawScene(page, LARGER);
    const call = { picture, model: EDITOR, parameters: { prompt: 'add film grain', seed: 1 }, options: { residency } };
    const calm = await callInPage(page, call);
    expect(calm.reports[0]?.warnings).toEqual([]);
    const before = await countEngines(page);
    const struck = await callInPage(page, { ...call, killAt: { phase: 'denoise', done, worker: 'engine' } });
    expect(struck.blob?.sha256).toBe(calm.blob?.sha256);
    expect(struck.reports[0]?.warnings.map(({ code }) => code)).toEqual(['engine-restarted']);
    // Finished steps stay finished.
    const steps = struck.events.filter(({ phase }) => phase === 'denoise').map((event) => event.done);
    expect(steps).toEqual([0, 1, 2, 3, 4]);
    expect(await countEngines(page)).toBe(before + 1);
    expect((await callInPage(page, call)).blob?.sha256).toBe(calm.blob?.sha256);
  });
}

test('an engine that dies with previews wanted is replaced too', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, LARGER);
  const call = { picture, model: EDITOR, parameters: { prompt: 'add film grain', seed: 1 }, wantsPreviews: true };
  const calm = await callInPage(page, call);
  const struck = await callInPage(page, { ...call, killAt: { phase: 'denoise', done: 2, worker: 'engine' } });
  expect(struck.error).toBeUndefined();
  expect(struck.blob?.sha256).toBe(calm.blob?.sha256);
  expect(struck.previews).toEqual(calm.previews);
});

test('one of several engines that share guided rows dies, and the result is the same', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, LARGER);
  // The same model, said to be so costly that each row is worth an engine.
  await page.evaluate(async (model) => {
    const { InferenceClient } = window.tintype;
    const manifest = await new InferenceClient().models.get(model);
    const costly = { ...manifest, id: 'costly-editor', unetMacsPerPixel: 2e6 };
    Object.assign(window, { client: new InferenceClient(undefined, { models: [costly] }) });
  }, EDITOR);
  const parameters = { prompt: 'add film grain', guidance_scale: 1.5, image_guidance_scale: 1.2, seed: 1 };
  const call = { picture, model: 'costly-editor', parameters };
  const calm = await callInPage(page, call);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  expect(calm.reports[0]?.engines).toBe(Math.min(3, cores));
  const struck = await callInPage(page, { ...call, killAt: { phase: 'denoise', done: 1, worker: 'engine' } });
  // No word of a warning: it may have been between two rows.
  expect(struck.blob?.sha256).toBe(calm.blob?.sha256);
  expect((await callInPage(page, call)).blob?.sha256).toBe(calm.blob?.sha256);
});

test('the pipeline dying rejects the call, the loader dying does not, and the next call works', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, LARGER);
  const call = { picture, model: EDITOR, parameters: { prompt: 'add film grain', seed: 1 } };
  // The decoder is still to be delivered: by another loader.
  const first = await callInPage(page, { ...call, killAt: { phase: 'denoise', worker: 'loader' } });
  expect(first.error).toBeUndefined();
  const struck = await callInPage(page, { ...call, killAt: { phase: 'denoise', done: 1, worker: 'pipeline' } });
  expect(struck.error).toMatchObject({ code: 'worker-crashed' });
  expect(struck.reports).toMatchObject([{ outcome: 'failed', error: { code: 'worker-crashed' } }]);
  expect((await callInPage(page, call)).blob?.sha256).toBe(first.blob?.sha256);
});

test('a loader that dies in the middle of the download rejects the call, and the next one works', async ({
  openApp,
}) => {
  const { page, server } = await openApp();
  // Half of it comes: nearly 700 000 bytes of the model in all.
  server.addFault({ path: /\/unet[^/]*\.onnx$/, effect: 'stall', times: 1 });
  const call = { picture: await drawScene(page, SIZE), model: EDITOR, parameters: { prompt: 'add fog' } };
  const struck = await callInPage(page, { ...call, killAt: { phase: 'download', done: 500_000, worker: 'loader' } });
  expect(struck.error).toMatchObject({ code: 'worker-crashed' });
  expect((await callInPage(page, call)).blob).toMatchObject(SIZE);
});
