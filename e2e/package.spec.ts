import { callInPage, expect, makePicture, test } from './harness.js';

test.describe('the packed package in a Vite application', () => {
  for (const isIsolated of [false, true]) {
    test(`enlarges a picture in a page that is ${isIsolated ? '' : 'not '}cross-origin isolated`, async ({
      openApp,
    }) => {
      const app = await openApp({ isIsolated });
      expect(await app.page.evaluate(() => window.crossOriginIsolated)).toBe(isIsolated);
      const picture = await makePicture(app.page, { width: 64, height: 48 });
      const result = await callInPage(app.page, { picture });
      expect(result.error).toBeUndefined();
      expect(result.blob).toMatchObject({ type: 'image/png', width: 128, height: 96 });
      expect(result.reportedFirst).toBe(true);
      expect(result.reports).toHaveLength(1);
      expect(result.reports[0]).toMatchObject({
        where: 'in-page',
        model: 'tintype-sr-x2',
        outcome: 'done',
        bytes: { up: 0 },
      });
      expect(app.foreignRequests).toEqual([]);
    });
  }

  test('gives the same bytes with and without isolation, and call after call', async ({ openApp }) => {
    const digests: (string | undefined)[] = [];
    for (const isIsolated of [false, true]) {
      const { page } = await openApp({ isIsolated });
      const picture = await makePicture(page, { width: 64, height: 48 });
      for (let call = 0; call < 2; call += 1) digests.push((await callInPage(page, { picture })).blob?.sha256);
    }
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(digests).size).toBe(1);
  });

  test('gives exactly the target size, in the wished type', async ({ openApp }) => {
    const { page } = await openApp();
    const picture = await makePicture(page, { width: 64, height: 48 });
    const result = await callInPage(page, {
      picture,
      parameters: { target_size: { width: 101, height: 33 } },
      options: { output: { type: 'image/webp' } },
    });
    expect(result.blob).toMatchObject({ type: 'image/webp', width: 101, height: 33 });
  });

  test('fetches the model once and keeps it over a reload', async ({ openApp }) => {
    const { page, server } = await openApp();
    const first = await callInPage(page, { picture: await makePicture(page, { width: 20, height: 20 }) });
    const fetched = server.requests.filter(({ path }) => path.endsWith('.onnx')).length;
    expect(first.reports[0]?.bytes.down).toBeGreaterThan(0);
    expect(fetched).toBe(1);
    await page.reload();
    const second = await callInPage(page, { picture: await makePicture(page, { width: 20, height: 20 }) });
    expect(second.reports[0]?.bytes.down).toBe(0);
    expect(server.requests.filter(({ path }) => path.endsWith('.onnx'))).toHaveLength(fetched);
    expect(second.blob?.sha256).toBe(first.blob?.sha256);
  });

  test('reports what the model cannot honour', async ({ openApp }) => {
    const { page } = await openApp();
    const picture = await makePicture(page, { width: 20, height: 20 });
    const result = await callInPage(page, { picture, parameters: { prompt: 'brighter', unheard_of: 1 } });
    const warnings = result.reports[0]?.warnings.map(({ code, name }) => `${code} ${name}`);
    expect(warnings).toEqual(expect.arrayContaining(['parameter-ignored prompt', 'parameter-unknown unheard_of']));
  });
});
