import { callInPage, countRequests, expect, makePicture, test } from './harness.js';
import { drawScene, EDITOR, EDITOR_FILES } from './prompted-scene.js';

const SIZE = { width: 64, height: 48 };
const PARAMETERS = { prompt: 'make it darker', num_inference_steps: 2, seed: 0 };
const FILES = 5;

test('availability, estimate, load, list and remove tell one story of all five files', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await drawScene(page, { width: 71, height: 53 });
  const before = await page.evaluate(
    async ({ picture, model, parameters }) => {
      const client = new window.tintype.InferenceClient();
      Object.assign(window, { client });
      const manifest = await client.models.get(model);
      if (manifest.pipeline !== 'diffusion') throw new Error('Not a prompted model.');
      const files = [...Object.values(manifest.variants[0]?.files ?? {}), ...Object.values(manifest.tokenizer.files)];
      return {
        sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
        state: await client.availability({ model }),
        listed: (await client.models.list()).find(({ id }) => id === model),
        recommended: await client.estimate({ inputs: picture, model, parameters: { prompt: 'add fog' } }),
        guided: await client.estimate({
          inputs: picture,
          model,
          parameters: { ...parameters, guidance_scale: 1.5, image_guidance_scale: 1.2 },
        }),
        larger: await client.estimate({
          inputs: picture,
          model,
          parameters: { ...parameters, target_size: { width: 640, height: 480 } },
        }),
        withoutPrompt: await client.estimate({ inputs: picture, model }),
      };
    },
    { picture, model: EDITOR, parameters: PARAMETERS },
  );
  expect(before.state).toBe('downloadable');
  expect(before.listed).toMatchObject({
    task: 'prompted-editing',
    scale: 1,
    stored: false,
    sizeBytes: before.sizeBytes,
    honours: ['prompt', 'negative_prompt', 'guidance_scale', 'image_guidance_scale', 'num_inference_steps', 'seed'],
    recommended: { num_inference_steps: 4, guidance_scale: 1, image_guidance_scale: 1 },
  });
  expect(before.recommended).toMatchObject({
    tiles: 1,
    engines: 1,
    steps: 4,
    workSize: { width: 64, height: 48 },
    output: { width: 71, height: 53 },
    downloadBytes: before.sizeBytes,
    basis: 'assumed',
  });
  // Half the steps; three rows, which engines share.
  const rounds = Math.ceil(3 / before.guided.engines);
  expect((before.guided.seconds ?? 0) / (before.recommended.seconds ?? 0)).toBeCloseTo(rounds / 2, 6);
  expect(before.larger.peakBytes).toBeGreaterThan(before.recommended.peakBytes);
  expect(before.larger).toMatchObject({ workSize: { width: 640, height: 480 }, output: { width: 640, height: 480 } });
  expect((before.larger.seconds ?? 0) / (before.recommended.seconds ?? 1)).toBeCloseTo(50, 6);
  // What is asked for costs no more or less.
  expect(before.withoutPrompt).toEqual(before.recommended);
  expect(countRequests(server, EDITOR_FILES)).toBe(0);

  const loaded = await page.evaluate(async (model) => {
    const { client } = window as typeof window & { client: InstanceType<typeof window.tintype.InferenceClient> };
    const phases = new Set<string>();
    const loading = client.load({ model }, { onProgress: ({ phase }) => phases.add(phase) });
    const during = await client.availability({ model });
    await loading;
    return { phases: [...phases], states: [during, await client.availability({ model })] };
  }, EDITOR);
  expect(loaded).toEqual({ phases: ['download', 'verify', 'compile'], states: ['downloading', 'available'] });
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);

  const call = await callInPage(page, { picture, model: EDITOR, parameters: PARAMETERS });
  expect(call.phases).not.toContain('download');
  expect(call.reports[0]?.bytes.down).toBe(0);
  const after = await page.evaluate(
    async ({ picture, model, parameters }) => {
      const { client } = window as typeof window & { client: InstanceType<typeof window.tintype.InferenceClient> };
      const estimate = await client.estimate({ inputs: picture, model, parameters });
      const stored = (await client.models.list()).find(({ id }) => id === model)?.stored;
      await client.storage.remove(model);
      const left: string[] = [];
      for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) left.push(url);
      }
      const removed = (await client.models.list()).find(({ id }) => id === model)?.stored;
      return { estimate, stored, removed, left, state: await client.availability({ model }) };
    },
    { picture, model: EDITOR, parameters: PARAMETERS },
  );
  expect(after).toMatchObject({ stored: true, removed: false, state: 'downloadable' });
  expect(after.estimate).toMatchObject({ downloadBytes: 0, basis: 'measured', steps: 2 });
  expect(after.left.filter((url) => url.includes('/models/'))).toEqual([]);
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);
});

test('a second visit needs no file of the model from the network', async ({ openApp }) => {
  const { page, server } = await openApp();
  const call = { model: EDITOR, parameters: PARAMETERS };
  const first = await callInPage(page, { ...call, picture: await drawScene(page, SIZE) });
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);
  server.addFault({ path: EDITOR_FILES, effect: 404 });
  await page.reload();
  const second = await callInPage(page, { ...call, picture: await drawScene(page, SIZE) });
  expect(second.blob?.sha256).toBe(first.blob?.sha256);
  expect(second.reports[0]?.bytes.down).toBe(0);
  expect(second.phases).not.toContain('download');
  // Nor for a graph that was given up for the next, nor for a new engine.
  const sequential = await callInPage(page, {
    ...call,
    picture: await drawScene(page, SIZE),
    options: { residency: 'sequential' },
    killAt: { phase: 'denoise', worker: 'engine' },
  });
  expect(sequential.blob?.sha256).toBe(first.blob?.sha256);
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);
});

test('wrong and missing files are refused by their code, and all is well once they are mended', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await drawScene(page, SIZE);
  const call = { picture, model: EDITOR, parameters: PARAMETERS };
  const cases = [
    { path: /\/unet[^/]*\.onnx$/, effect: 'flip', code: 'integrity-mismatch' },
    { path: /\/text_encoder[^/]*\.onnx$/, effect: 'html', code: 'integrity-mismatch' },
    { path: /\/tokenizer[^/]*\.json$/, effect: 404, code: 'model-unavailable' },
    { path: /\/vae_decoder[^/]*\.onnx$/, effect: 'cut', code: 'model-unavailable' },
  ] as const;
  for (const { code, ...fault } of cases) {
    server.addFault(fault);
    const bad = await callInPage(page, call);
    expect(bad.error, String(fault.path)).toMatchObject({ name: 'ImageToImageError', code });
    expect(bad.reports).toMatchObject([{ outcome: 'failed', error: { code } }]);
    expect(bad.phases).not.toContain('denoise');
    server.heal();
    expect((await callInPage(page, call)).blob).toMatchObject(SIZE);
    await page.evaluate((model) => new window.tintype.InferenceClient().storage.remove(model), EDITOR);
    await page.reload();
    call.picture = await drawScene(page, SIZE);
  }
});

test('one damaged file is fetched again, and the report counts it twice', async ({ openApp }) => {
  const { page, server } = await openApp();
  const [unet, sizeBytes] = await page.evaluate(async (model) => {
    const client = new window.tintype.InferenceClient();
    const manifest = await client.models.get(model);
    if (manifest.pipeline !== 'diffusion') throw new Error('Not a prompted model.');
    const info = (await client.models.list()).find(({ id }) => id === model);
    return [manifest.variants[0]?.files.unet.sizeBytes ?? 0, info?.sizeBytes ?? 0];
  }, EDITOR);
  server.addFault({ path: /\/unet[^/]*\.onnx$/, effect: 'flip', times: 1 });
  const result = await callInPage(page, {
    picture: await drawScene(page, SIZE),
    model: EDITOR,
    parameters: PARAMETERS,
  });
  expect(result.blob).toMatchObject(SIZE);
  expect(result.reports[0]?.bytes.down).toBe(sizeBytes + unet);
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES + 1);
});

test('prompted and other calls of one client take turns, whatever their order', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SIZE);
  const prompted = { picture, model: EDITOR, parameters: PARAMETERS };
  const enlarging = { picture, model: 'tintype-sr-x2' };
  const [large, edited] = [await callInPage(page, enlarging), await callInPage(page, prompted)];
  expect(large.blob).toMatchObject({ width: 128, height: 96 });
  expect(edited.blob).toMatchObject(SIZE);
  expect((await callInPage(page, enlarging)).blob?.sha256).toBe(large.blob?.sha256);
  expect((await callInPage(page, prompted)).blob?.sha256).toBe(edited.blob?.sha256);
  const sequential = await callInPage(page, { ...prompted, options: { residency: 'sequential' } });
  expect(sequential.blob?.sha256).toBe(edited.blob?.sha256);

  const calls = [prompted, enlarging, { ...prompted, abortAt: 'start' as const }, prompted, enlarging];
  const results = await Promise.all(calls.map((call) => callInPage(page, call)));
  expect(results.map(({ blob, error }) => blob?.sha256 ?? error?.message)).toEqual([
    edited.blob?.sha256,
    large.blob?.sha256,
    'The test aborted.',
    edited.blob?.sha256,
    large.blob?.sha256,
  ]);
  expect(results.filter(({ phases }) => phases.includes('queued')).length).toBeGreaterThanOrEqual(3);
});
