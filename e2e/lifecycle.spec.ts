import { countRequests, expect, makePicture, test } from './harness.js';

const MODEL = /\.onnx$/;

test('availability, load, storage and estimate tell one story', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await makePicture(page, { width: 300, height: 200 });
  const story = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const model = 'tintype-photo-x2';
    const states = [await client.availability({ model })];
    const before = await client.estimate({ inputs: picture, model });
    const phases = new Set<string>();
    const loading = client.load({ model }, { onProgress: ({ phase }) => phases.add(phase) });
    states.push(await client.availability({ model }));
    await loading;
    states.push(await client.availability({ model }));
    const listed = (await client.models.list()).find(({ id }) => id === model);
    let report: { tiles?: number; engines?: number; bytes: { down: number } } | undefined;
    await client.imageToImage(
      { inputs: picture, model },
      {
        onReport: (made) => {
          report = made;
        },
      },
    );
    const after = await client.estimate({ inputs: picture, model });
    await client.storage.remove(model);
    states.push(await client.availability({ model }));
    return { states, before, after, phases: [...phases], stored: listed?.stored, sizeBytes: listed?.sizeBytes, report };
  }, picture);
  expect(story.states).toEqual(['downloadable', 'downloading', 'available', 'downloadable']);
  expect(story.phases).toEqual(['download', 'verify', 'compile']);
  expect(story.stored).toBe(true);
  expect(story.before).toMatchObject({
    downloadBytes: story.sizeBytes,
    basis: 'assumed',
    output: { width: 600, height: 400 },
  });
  expect(story.after).toMatchObject({ downloadBytes: 0, basis: 'measured' });
  expect(story.before.seconds).toBeGreaterThan(0);
  expect(story.before.peakBytes).toBeGreaterThan(300 * 200 * 4 * 5);
  expect(story.report).toMatchObject({ tiles: story.before.tiles, engines: story.before.engines, bytes: { down: 0 } });
  expect(countRequests(server, MODEL)).toBe(1);
});

test('a stored model is not fetched again by another page', async ({ openApp }) => {
  const { page, server } = await openApp();
  const load = (): Promise<void> => page.evaluate(() => new window.tintype.InferenceClient().load());
  await load();
  await page.reload();
  await load();
  expect(countRequests(server, MODEL)).toBe(1);
});

test('two pages that want the same model at once download it once', async ({ openApp, context }) => {
  const { page, server } = await openApp();
  const other = await context.newPage();
  await other.goto(page.url());
  const load = (of: typeof page): Promise<void> => of.evaluate(() => new window.tintype.InferenceClient().load());
  await Promise.all([load(page), load(other)]);
  expect(countRequests(server, MODEL)).toBe(1);
});

test('only the model asked for is fetched, and nothing before the first call', async ({ openApp }) => {
  const { page, server } = await openApp();
  await page.evaluate(() => {
    new window.tintype.InferenceClient();
  });
  expect(countRequests(server, /worker|\.wasm$|\.onnx$/)).toBe(0);
  await page.evaluate(() => new window.tintype.InferenceClient().load({ model: 'tintype-restore' }));
  expect(countRequests(server, MODEL)).toBe(1);
  expect(countRequests(server, /\.wasm$/)).toBe(1);
});

test('own hosting: workers and wasmPaths are used as given', async ({ openApp }) => {
  const { page, server } = await openApp();
  await page.evaluate(() => new window.tintype.InferenceClient().load());
  const path = (pattern: RegExp): string => server.requests.find((request) => pattern.test(request.path))?.path ?? '';
  // The query is not part of any path of ours: only the options can have asked for it.
  const urls = {
    loader: `${server.origin}${path(/loader\.worker/)}?own`,
    engine: `${server.origin}${path(/engine\.wasm\.worker/)}?own`,
    wasm: `${server.origin}${path(/\.wasm$/)}?own`,
  };
  const asked = new Set<string>();
  page.context().on('request', (request) => asked.add(request.url()));
  await page.evaluate(async (urls) => {
    const client = new window.tintype.InferenceClient(undefined, {
      workers: {
        loader: () => new Worker(urls.loader, { type: 'module' }),
        engine: () => new Worker(urls.engine, { type: 'module' }),
      },
      wasmPaths: { wasm: urls.wasm },
    });
    await client.load();
  }, urls);
  for (const url of Object.values(urls)) expect([...asked]).toContain(url);
  expect([...asked].filter((url) => url.endsWith('.wasm'))).toEqual([]);
});

test('hosted wishes are refused with their code before any request', async ({ openApp }) => {
  const { page, server, foreignRequests } = await openApp();
  const picture = await makePicture(page, { width: 16, height: 16 });
  const before = server.requests.length;
  const codes = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient('hf_secret');
    const wishes = [
      [{ provider: 'fal-ai' }, {}],
      [{ provider: 'auto' }, { consent: true }],
      [{ endpointUrl: 'https://example.invalid/x' }, {}],
      [{}, { mode: 'remote-only', consent: true }],
    ] as const;
    const codes: string[] = [];
    for (const [args, options] of wishes) {
      let where = '';
      const call = client.imageToImage(
        { inputs: picture, ...args },
        {
          ...options,
          onReport: (report) => {
            where = report.where;
          },
        },
      );
      codes.push(
        await call.then(
          () => 'answered',
          (caught: { code: string }) => `${caught.code} ${where}`,
        ),
      );
    }
    return codes;
  }, picture);
  expect(codes).toEqual(Array(4).fill('remote-refused nowhere'));
  // The last wish needs Tintype's own code for it.
  expect(server.requests.slice(before).filter(({ path }) => !path.endsWith('.js'))).toEqual([]);
  expect(foreignRequests).toEqual([]);
});

test('an unknown model names those that there are; misuse is a TypeError or RangeError', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 16, height: 16 });
  const messages = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const calls = [
      client.imageToImage({ inputs: picture, model: 'no-such-model' }),
      client.imageToImage({ inputs: 'https://example.com/a.png' }),
      client.imageToImage({ inputs: picture, parameters: { num_inference_steps: 0.5 } }),
      client.imageToImage({ inputs: picture }, { dtype: 'f32' }),
      client.imageToImage({ inputs: picture }, { device: 'webgpu' }),
    ];
    const settled = await Promise.allSettled(calls);
    return settled.map((result) =>
      result.status === 'rejected'
        ? `${result.reason.name} ${result.reason.code ?? ''}: ${result.reason.message}`
        : 'resolved',
    );
  }, picture);
  expect(messages[0]).toMatch(/^ImageToImageError model-unavailable: .*tintype-sr-x2/);
  expect(messages[1]).toMatch(/^TypeError : .*Fetch it yourself/);
  expect(messages[2]).toMatch(/^RangeError : .*num_inference_steps/);
  expect(messages[3]).toMatch(/^RangeError : .*w8/);
  expect(messages[4]).toMatch(/^ImageToImageError environment-unsupported/);
});

test('estimate refuses what the call would refuse', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 5000, height: 5000, type: 'image/jpeg' });
  const code = await page.evaluate(
    (picture) =>
      new window.tintype.InferenceClient().estimate({ inputs: picture, model: 'tintype-sr-x4' }).then(
        () => 'estimated',
        (caught: { code: string }) => caught.code,
      ),
    picture,
  );
  expect(code).toBe('image-too-large');
});

test('a page without cross-origin isolation spreads a large picture over engines of its own', async ({ openApp }) => {
  const { page } = await openApp({ isIsolated: false });
  const picture = await makePicture(page, { width: 1500, height: 1000, type: 'image/jpeg' });
  const told = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient(undefined, { idleMs: 2 ** 30 });
    let engines = 0;
    const output = { type: 'image/jpeg' } as const;
    await client.imageToImage(
      { inputs: picture },
      {
        output,
        onReport: (report) => {
          engines = report.engines ?? 0;
        },
      },
    );
    return { engines, cores: navigator.hardwareConcurrency, isolated: crossOriginIsolated };
  }, picture);
  expect(told).toMatchObject({ isolated: false, engines: Math.min(3, told.cores) });
  // Beside them one loader and one pipeline.
  await expect.poll(() => page.workers().length).toBe(told.engines + 2);
});
