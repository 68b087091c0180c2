import { callInPage, countEngineRuns, expect, makePicture, type PageCall, test } from './harness.js';

const phases: readonly NonNullable<PageCall['abortAt']>[] = [
  'before',
  'start',
  'download',
  'verify',
  'compile',
  'decode',
  'tiles',
  'resize',
  'encode',
];

for (const abortAt of phases) {
  test(`abort (${abortAt}) rejects with the signal's own reason, and the next call works`, async ({ openApp }) => {
    const { page } = await openApp();
    const picture = await makePicture(page, { width: 300, height: 200 });
    // Another size than the model's, so that there is a phase of resizing.
    const parameters = { target_size: { width: 500, height: 333 } };
    const options = { tile: { maxSidePx: 64 } };
    const aborted = await callInPage(page, { picture, abortAt, parameters, options });
    expect(aborted.error).toEqual({ name: 'Error', message: 'The test aborted.', isReason: true });
    expect(aborted.reportedFirst).toBe(true);
    expect(aborted.reports).toHaveLength(1);
    expect(aborted.reports[0]?.outcome).toBe('aborted');
    const next = await callInPage(page, { picture });
    expect(next.blob).toMatchObject({ width: 600, height: 400 });
  });
}

test('an abort while tiles run stops the engines', async ({ openApp }) => {
  const app = await openApp();
  const runs = await countEngineRuns(app);
  const options = { tile: { maxSidePx: 48 } };
  const picture = await makePicture(app.page, { width: 480, height: 360 });
  const whole = await callInPage(app.page, { picture, options });
  const total = await runs();
  expect(total).toBe(whole.reports[0]?.tiles);

  const aborted = await callInPage(app.page, { picture, options, abortAt: 'tiles' });
  expect(aborted.error?.isReason).toBe(true);
  const atAbort = (await runs()) - total;
  // Long enough for all tiles to run, were they not stopped.
  await app.page.waitForTimeout(Math.max(1000, whole.reports[0]?.timingsMs.total ?? 0));
  const later = (await runs()) - total;
  // What was in the engines at that moment may still come to its end.
  expect(later - atAbort).toBeLessThanOrEqual(2 * (whole.reports[0]?.engines ?? 1));
  expect(later).toBeLessThan(total / 2);

  expect((await callInPage(app.page, { picture, options })).blob).toMatchObject({ width: 960, height: 720 });
});

test('an abort during a stalled download does not wait for it', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /\.onnx$/, effect: 'stall', times: 1 });
  const picture = await makePicture(page, { width: 64, height: 48 });
  const aborted = await callInPage(page, { picture, abortAt: 'download' });
  expect(aborted.error?.isReason).toBe(true);
  expect((await callInPage(page, { picture })).blob).toMatchObject({ width: 128, height: 96 });
});
