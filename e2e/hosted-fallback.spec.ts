// Where calls of the other modes go, and what the owner is asked before.
import { failures } from 'tintype/testing';
import { makePicture } from './harness.js';
import { callHosted, expect, type HostedApp, type HostedPageCall, MODEL, test } from './hosted-page.js';

const SIZE = { width: 64, height: 48 };
const NO_MODEL = { path: /\.onnx$/, effect: 404 } as const;
const ALIASES = { [MODEL]: 'tintype-sr-x2' };
const SUBMIT = `POST https://router.huggingface.co/hf-inference/models/${MODEL}`;
const LOOKUP = `GET https://huggingface.co/api/models/${MODEL}?expand[]=inferenceProviderMapping`;

/** A call that fails in the page and has a hosted model to go on with. */
async function failingCall({ page, server }: HostedApp): Promise<HostedPageCall> {
  server.addFault(NO_MODEL);
  return {
    inputs: await makePicture(page, SIZE),
    args: { model: MODEL },
    aliases: ALIASES,
    options: { mode: 'local-first' },
  };
}

test('local-first: after a failure in the page and with consent, the picture is sent once', async ({ openHosted }) => {
  const app = await openHosted();
  const call = await failingCall(app);
  for (const consent of [true, 'agrees'] as const) {
    app.fake.reset();
    const { blob, report, reportCount, fetched } = await callHosted(app, { ...call, consent });
    // The fake sends back what it got.
    expect(blob).toMatchObject({ type: 'image/png', ...SIZE });
    expect(report).toMatchObject({
      where: 'hosted',
      reason: 'in-page-first',
      fallback: { code: 'model-unavailable' },
      hosted: { host: 'router.huggingface.co', provider: 'hf-inference', model: MODEL, attempts: 1 },
      input: { ...SIZE, type: 'image/png' },
      outcome: 'done',
    });
    expect(report.error).toBeUndefined();
    expect(reportCount).toBe(1);
    const submit = app.sent().filter(({ stage }) => stage === 'submit');
    expect(submit).toHaveLength(1);
    expect(submit[0]).toMatchObject({ host: 'router.huggingface.co', headers: { 'content-type': 'image/png' } });
    expect(report.bytes.up).toBe(submit[0]?.body.length);
    expect(report.bytes.down).toBeGreaterThanOrEqual(submit[0]?.body.length ?? Number.NaN);
    expect(fetched.filter((line) => line !== LOOKUP)).toEqual([SUBMIT]);
  }
  expect(app.leaks()).toEqual([]);
});

test('local-first: a hosted id that the page has never heard of goes to the hosted side', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const { report, fetched } = await callHosted(app, {
    inputs,
    consent: true,
    args: { model: MODEL },
    options: { mode: 'local-first' },
  });
  expect(report).toMatchObject({ where: 'hosted', fallback: { code: 'model-unavailable' } });
  expect(fetched).toEqual([LOOKUP, SUBMIT]);
});

test('without consent nothing is sent, nor looked up, and the error says why it would have been', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const call = await failingCall(app);
  const answers = [{}, { consent: 'refuses' }] as const;
  for (const answer of answers) {
    const { error, report, asked } = await callHosted(app, { ...call, ...answer });
    expect(error).toMatchObject({
      code: 'consent-required',
      phase: 'hosted',
      details: { reason: 'model-unavailable', host: 'router.huggingface.co', asked: 'consent' in answer },
    });
    expect(error?.cause).toContain('ImageToImageError');
    expect(report).toMatchObject({ outcome: 'failed', bytes: { up: 0 }, fallback: { code: 'model-unavailable' } });
    expect(report.where).not.toBe('hosted');
    expect(asked).toHaveLength('consent' in answer ? 1 : 0);
  }
  const remote = { ...call, options: { mode: 'remote-only' } } as const;
  expect((await callHosted(app, remote)).error).toMatchObject({ details: { reason: 'hosted-only' } });
  expect(app.fake.requests).toEqual([]);
  expect(app.leaks()).toEqual([]);
});

test('the owner is told what would be sent where, and is shown no pixels', async ({ openHosted }) => {
  const app = await openHosted();
  const call = await failingCall(app);
  const sizeBytes = await app.page.evaluate((blob) => (blob as Blob).size, call.inputs);
  const { asked, report } = await callHosted(app, { ...call, consent: 'agrees' });
  expect(asked).toEqual([
    {
      reason: 'model-unavailable',
      host: 'router.huggingface.co',
      hosts: ['router.huggingface.co'],
      provider: 'auto',
      model: MODEL,
      sizeBytes: report.bytes.up,
      ...SIZE,
    },
  ]);
  expect(report.bytes.up).toBeLessThanOrEqual(sizeBytes);
  const named = await callHosted(app, {
    ...call,
    consent: 'refuses',
    token: 'a-key-of-their-own',
    args: { ...call.args, provider: 'fal-ai' },
  });
  expect(named.asked).toMatchObject([{ reason: 'hosted-asked', hosts: ['queue.fal.run'], provider: 'fal-ai' }]);
  const own = await callHosted(app, { ...call, consent: 'refuses', args: { endpointUrl: '/api/hf', inputs: 1 } });
  expect(own.asked).toMatchObject([{ host: new URL(app.server.origin).host, provider: 'endpoint', model: '' }]);
});

test('an owner who throws ends the call with just that, in every mode', async ({ openHosted }) => {
  const app = await openHosted();
  const call = await failingCall(app);
  for (const mode of ['local-first', 'remote-first', 'remote-only'] as const) {
    const { error } = await callHosted(app, { ...call, consent: 'throws', options: { mode } });
    expect(error).toMatchObject({ name: 'RangeError', message: 'The owner is out.' });
  }
  expect(app.fake.requests).toEqual([]);
});

test('offline the error of the page stays', async ({ openHosted, context }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const call = { inputs, args: { model: MODEL }, options: { mode: 'local-first' }, consent: 'agrees' } as const;
  // What is needed for the error itself is there afterwards.
  await callHosted(app, { ...call, consent: 'refuses' });
  await context.setOffline(true);
  const { error, asked, fetched, report } = await callHosted(app, call);
  expect(error).toMatchObject({ code: 'model-unavailable' });
  expect(report.fallback).toBeUndefined();
  expect({ asked, fetched }).toEqual({ asked: [], fetched: [] });
  await context.setOffline(false);
  expect((await callHosted(app, call)).report).toMatchObject({ where: 'hosted' });
});

test('bad pictures, misuse and aborts never go elsewhere', async ({ openHosted }) => {
  const app = await openHosted();
  const call = { ...(await failingCall(app)), consent: 'agrees' } as const;
  for (const mode of ['local-first', 'remote-first', 'remote-only'] as const) {
    for (const text of ['', 'this is no picture', '<!doctype html><title>404</title>']) {
      const inputs = await app.page.evaluateHandle((text) => new Blob([text], { type: 'image/png' }), text);
      const args = { model: mode === 'local-first' ? 'tintype-restore' : MODEL };
      app.server.heal();
      const { error } = await callHosted(app, { ...call, inputs, args, options: { mode } });
      expect(error?.code, `${mode}: ${text}`).toMatch(/^(invalid-input|unsupported-type)$/);
    }
    const seven = await app.page.evaluateHandle(() => 7);
    expect((await callHosted(app, { ...call, inputs: seven, options: { mode } })).error?.name).toBe('TypeError');
    const misused = { ...call, args: { ...call.args, parameters: { seed: -1 } }, options: { mode } };
    expect((await callHosted(app, misused)).error?.name).toBe('RangeError');
  }
  app.server.addFault({ path: /\.onnx$/, effect: 'stall' });
  const aborted = await callHosted(app, { ...call, abortAt: 'download' });
  expect(aborted.error).toMatchObject({ isReason: true });
  expect(aborted.report).toMatchObject({ outcome: 'aborted' });
  expect(app.fake.requests).toEqual([]);
  expect(app.leaks()).toEqual([]);
});

test('a model of the page that no hosted one stands for never leaves it', async ({ openHosted }) => {
  const app = await openHosted();
  const { inputs } = await failingCall(app);
  const call = { inputs, consent: 'agrees' } as const;
  for (const args of [{}, { model: 'tintype-sr-x3' }]) {
    const { error, asked } = await callHosted(app, { ...call, args, options: { mode: 'local-first' } });
    expect(error).toMatchObject({ code: 'model-unavailable' });
    expect(asked).toEqual([]);
  }
  const inPage = { ...call, args: { model: MODEL, provider: 'in-page' }, options: { mode: 'local-first' } } as const;
  expect((await callHosted(app, inPage)).error).toMatchObject({ code: 'model-unavailable' });
  const remote = { ...call, args: { model: 'tintype-sr-x2' }, options: { mode: 'remote-only' } } as const;
  expect((await callHosted(app, remote)).error).toMatchObject({ code: 'remote-refused' });
  expect(app.fake.requests).toEqual([]);
  // An alias stands for it, and so does a setting.
  const aliased = {
    ...call,
    args: { model: 'tintype-sr-x2' },
    aliases: ALIASES,
    options: { mode: 'local-first' },
  } as const;
  expect((await callHosted(app, aliased)).report.hosted).toMatchObject({ model: MODEL });
  const set = { ...call, options: { mode: 'local-first', hosted: { model: MODEL } } } as const;
  expect((await callHosted(app, set)).report.hosted).toMatchObject({ model: MODEL });
});

test('remote-first: hosted with consent; in the page without, or after the hosted side failed', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const call = { inputs, args: { model: MODEL }, aliases: ALIASES, options: { mode: 'remote-first' } } as const;
  const hosted = await callHosted(app, { ...call, consent: true });
  expect(hosted.report).toMatchObject({ where: 'hosted', reason: 'hosted-first' });
  expect(hosted.report.fallback).toBeUndefined();
  expect(await app.page.evaluate(() => window.workers.length)).toBe(0);

  const before = app.fake.requests.length;
  for (const answer of [{}, { consent: 'refuses' }] as const) {
    const refused = await callHosted(app, { ...call, ...answer });
    expect(refused.blob).toMatchObject({ width: 128, height: 96 });
    expect(refused.report).toMatchObject({
      where: 'in-page',
      reason: 'hosted-first',
      fallback: { code: 'consent-required' },
      bytes: { up: 0 },
    });
  }
  expect(app.fake.requests.length).toBe(before);

  app.fake.script('hf-inference', [{ status: 500, body: { error: 'out of cheese' } }]);
  const failed = await callHosted(app, { ...call, consent: true });
  expect(failed.blob).toMatchObject({ width: 128, height: 96 });
  expect(failed.report).toMatchObject({
    where: 'in-page',
    fallback: { code: 'remote-failed', details: { kind: 'provider-error', status: 500 } },
  });
  // The picture did leave the page, and the report does not hide it.
  expect(failed.report.bytes.up).toBe(app.sent().at(-1)?.body.length);
  expect(failed.report.hosted).toMatchObject({ host: 'router.huggingface.co' });
});

test('remote-only: what the hosted side answers becomes errors, and the page does nothing', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const call = { inputs, consent: true, args: { model: MODEL }, options: { mode: 'remote-only' } } as const;
  const kinds = [
    ['unauthorized', 'auth', 401],
    ['payment-required', 'payment', 402],
    ['forbidden', 'forbidden', 403],
    ['not-found', 'not-found', 404],
    ['payload-too-large', 'too-large', 413],
    ['unprocessable', 'validation', 422],
    ['server-error', 'provider-error', 500],
    ['html', 'bad-answer', undefined],
    ['empty', 'bad-answer', undefined],
    ['reset', 'network-or-cors', undefined],
    ['cut', 'network-or-cors', undefined],
    ['redirect', 'network-or-cors', undefined],
  ] as const;
  for (const [step, kind, status] of kinds) {
    app.fake.reset();
    // Chromium itself sends a request once more if a connection that it has used before is reset.
    app.fake.script('hf-inference', [{ ...failures[step], times: step === 'reset' ? 2 : 1 }]);
    const { error, report, fetched } = await callHosted(app, call);
    expect(error, step).toMatchObject({ name: 'ImageToImageError', code: 'remote-failed', phase: 'hosted' });
    expect(error?.details, step).toMatchObject({ kind, step: 'submit', ...(status === undefined ? {} : { status }) });
    expect(report, step).toMatchObject({ where: 'hosted', outcome: 'failed', error: { code: 'remote-failed' } });
    // One picture, sent once: none of these may be tried again.
    const posts = fetched.filter((line) => line.startsWith('POST'));
    expect(posts, step).toEqual([SUBMIT]);
    expect(report.bytes.up, step).toBe(app.sent().at(-1)?.body.length);
  }
  expect(await app.page.evaluate(() => window.workers.length)).toBe(0);
  const unknown = await callHosted(app, { ...call, args: { ...call.args, provider: 'acme-cloud' } });
  expect(unknown.error).toMatchObject({ name: 'RangeError' });
});

test('a named provider is the one that is asked, with its own key at its own host', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const args = { model: MODEL, provider: 'together', parameters: { prompt: 'darker' } };
  const call = { inputs, consent: true, args, options: { mode: 'local-first' } } as const;
  const routed = await callHosted(app, call);
  expect(routed.report).toMatchObject({ reason: 'hosted-asked', hosted: { provider: 'together' } });
  expect(app.sent().at(-1)).toMatchObject({ host: 'router.huggingface.co', provider: 'together' });
  const direct = await callHosted(app, { ...call, token: 'a-key-of-together' });
  expect(direct.report.hosted).toMatchObject({ host: 'api.together.xyz' });
  const submit = app.sent().at(-1);
  expect(submit).toMatchObject({ host: 'api.together.xyz', headers: { authorization: 'Bearer a-key-of-together' } });
  // Hugging Face is asked about the model, without the key of another.
  for (const { host, headers } of app.sent()) {
    if (host === 'huggingface.co') expect(headers.authorization ?? 'none').not.toContain('a-key-of-together');
  }
});

test('a relative endpointUrl is the own origin of the page, and nobody else hears of the call', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const args = { endpointUrl: '/api/hf/models/one', parameters: { prompt: 'darker' } };
  const call = { inputs, consent: true, args, options: { mode: 'remote-only' }, hasOwnFetch: true, token: '' } as const;
  const { error, report } = await callHosted(app, call);
  // The application's server has no such path; what counts is that it was asked, and only it.
  expect(error).toMatchObject({ code: 'remote-failed', details: { kind: 'not-found', status: 404 } });
  expect(report).toMatchObject({ where: 'hosted' });
  const byClient = { mode: 'remote-only', hosted: { endpointUrl: 'api/hf' } } as const;
  await callHosted(app, { ...call, args: { model: MODEL }, options: byClient });
  const asked = app.server.requests.filter(({ method }) => method === 'POST');
  expect(asked.map(({ path }) => path)).toEqual(['/api/hf/models/one', '/api/hf']);
  expect(asked[0]?.bodyBytes).toBe(report.bytes.up);
  expect(app.fake.requests).toEqual([]);
  expect(app.leaks()).toEqual([]);
});
