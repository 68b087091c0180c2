import { callInPage, countRequests, expect, test } from './harness.js';
import { drawScene, EDITOR, EDITOR_FILES } from './prompted-scene.js';

/** Neither side is a multiple of 8, so there is a phase of resizing. */
const SIZE = { width: 70, height: 50 };
const WORK_SIZE = { width: 64, height: 48 };
const FILES = 5;

test('a call tells of every phase and step, foresees its end, and reports what it did', async ({ openApp }) => {
  const { page, server, foreignRequests } = await openApp();
  const picture = await drawScene(page, SIZE);
  const listed = await page.evaluate(
    async (model) => (await new window.tintype.InferenceClient().models.list()).find(({ id }) => id === model),
    EDITOR,
  );
  const parameters = { prompt: 'add fog', seed: 3 };
  const first = await callInPage(page, { picture, model: EDITOR, parameters, wantsPreviews: true });
  expect(first.error).toBeUndefined();
  expect(first.phases).toEqual([
    'download',
    'verify',
    // Each network is opened, and compiled, as a part of its own phase.
    'text-encoder',
    'vae-encoder',
    'denoise',
    'vae-decoder',
    'resize',
    'encode',
  ]);
  const downloads = first.events.filter(({ phase }) => phase === 'download');
  expect(downloads.at(-1)).toEqual({
    phase: 'download',
    done: listed?.sizeBytes,
    total: listed?.sizeBytes,
    unit: 'bytes',
  });
  expect(new Set(downloads.map(({ total }) => total)).size).toBe(1);

  const steps = first.events.filter(({ phase }) => phase === 'denoise');
  expect(steps.map(({ done, total, unit }) => `${done} of ${total} ${unit}`)).toEqual(
    [0, 1, 2, 3, 4].map((done) => `${done} of 4 steps`),
  );
  const [before, ...later] = steps.map(({ remainingMs }) => remainingMs);
  expect(before).toBeUndefined();
  expect(later.slice(0, -1).every((ms) => ms !== undefined && ms > 0)).toBe(true);
  expect(later.at(-1)).toBe(0);

  expect(first.previews).toEqual(
    [1, 2, 3].map((step) => ({ step, total: 4, ...WORK_SIZE, sizeBytes: WORK_SIZE.width * WORK_SIZE.height * 4 })),
  );

  expect(first.reports).toHaveLength(1);
  const [report] = first.reports;
  expect(report).toMatchObject({
    where: 'in-page',
    model: EDITOR,
    device: 'wasm',
    dtype: 'w8',
    engines: 1,
    steps: 4,
    workSize: WORK_SIZE,
    input: { ...SIZE, type: 'image/png' },
    output: { ...SIZE, type: 'image/png' },
    warnings: [],
    bytes: { down: listed?.sizeBytes, up: 0 },
    outcome: 'done',
  });
  expect(report?.tiles).toBeUndefined();
  // Those that the model honours, and no other.
  expect(report?.parameters).toEqual({ num_inference_steps: 4, guidance_scale: 1, image_guidance_scale: 1, seed: 3 });
  expect(Object.keys(report?.timingsMs ?? {}).sort()).toEqual([
    'decode',
    'denoise',
    'encode',
    'load',
    'resize',
    'text-encoder',
    'total',
    'vae-decoder',
    'vae-encoder',
  ]);
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);
  expect(foreignRequests).toEqual([]);
});

test('a second call fetches, opens and encodes nothing anew; another prompt is encoded', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await drawScene(page, SIZE);
  const call = { picture, model: EDITOR };
  const first = await callInPage(page, { ...call, parameters: { prompt: 'add fog', seed: 3 } });
  const second = await callInPage(page, { ...call, parameters: { prompt: 'add fog', seed: 3 } });
  expect(second.phases).toEqual(['decode', 'vae-encoder', 'denoise', 'vae-decoder', 'resize', 'encode']);
  expect(second.blob?.sha256).toBe(first.blob?.sha256);
  expect(second.reports[0]?.bytes).toEqual({ down: 0, up: 0 });
  expect(second.reports[0]?.timingsMs['text-encoder']).toBeUndefined();
  const other = await callInPage(page, { ...call, parameters: { prompt: 'make it red' } });
  expect(other.phases).toEqual(['decode', 'text-encoder', 'vae-encoder', 'denoise', 'vae-decoder', 'resize', 'encode']);
  // Guidance asks for the empty prompt too.
  const guided = await callInPage(page, { ...call, parameters: { prompt: 'make it red', guidance_scale: 1.5 } });
  expect(guided.phases).toContain('text-encoder');
  const again = await callInPage(page, { ...call, parameters: { prompt: 'add fog', guidance_scale: 1.5 } });
  expect(again.phases).not.toContain('text-encoder');
  expect(countRequests(server, EDITOR_FILES)).toBe(FILES);
});

test('previews are left out where networks take turns, and of a single step', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const call = { picture, model: EDITOR, wantsPreviews: true };
  const parameters = { prompt: 'add film grain', seed: 2, num_inference_steps: 3 };
  const watched = await callInPage(page, { ...call, parameters });
  expect(watched.previews.map(({ step, total }) => `${step} of ${total}`)).toEqual(['1 of 3', '2 of 3']);
  const unwatched = await callInPage(page, { ...call, parameters, wantsPreviews: false });
  expect(unwatched.blob?.sha256).toBe(watched.blob?.sha256);
  const sequential = await callInPage(page, { ...call, parameters, options: { residency: 'sequential' } });
  expect(sequential.previews).toEqual([]);
  expect(sequential.blob?.sha256).toBe(watched.blob?.sha256);
  const one = await callInPage(page, { ...call, parameters: { ...parameters, num_inference_steps: 1 } });
  expect(one.previews).toEqual([]);
  expect(one.reports[0]?.steps).toBe(1);
});

test('a preview foresees the picture: the last one is near the result', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, WORK_SIZE);
  const differences = await page.evaluate(
    async ({ picture, model }) => {
      const previews: Uint8ClampedArray[] = [];
      const blob = await window.tintype.imageToImage(
        { inputs: picture, model, parameters: { prompt: 'invert the image', num_inference_steps: 3 } },
        { onPreview: ({ data }) => previews.push(data) },
      );
      const bitmap = await createImageBitmap(blob);
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const result = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
      return previews.map(
        (data) => data.reduce((sum, value, at) => sum + Math.abs(value - (result[at] ?? 0)), 0) / data.length,
      );
    },
    { picture, model: EDITOR },
  );
  expect(differences).toHaveLength(2);
  for (const difference of differences) expect(difference).toBeLessThan(4);
});
