// The page and the hosted side are two origins, as they are in life: what CORS lets through, and what is said where it does not.
import { makePicture } from './harness.js';
import { callHosted, expect, MODEL, stagesOf, test } from './hosted-page.js';

const SIZE = { width: 64, height: 48 };
const CALL = { consent: true, args: { model: MODEL }, options: { mode: 'remote-only' } } as const;
/** The least that a service can grant to pages that bring a token. */
const LEAST = { allowOrigin: '*', allowHeaders: ['authorization', 'content-type'], exposeHeaders: [] } as const;

test('a default call needs no more than authorization and content-type, with every provider', async ({
  openHosted,
}) => {
  const app = await openHosted({ cors: LEAST, queues: { 'fal-ai': ['completed'], wavespeed: ['completed'] } });
  const inputs = await makePicture(app.page, SIZE);
  for (const provider of ['hf-inference', 'fal-ai', 'wavespeed', 'together']) {
    const args = { model: MODEL, provider, parameters: { prompt: 'darker' } };
    const { blob, error } = await callHosted(app, { ...CALL, inputs, args });
    expect(error, provider).toBeUndefined();
    expect(blob, provider).toMatchObject(SIZE);
  }
  const preflights = app.fake.requests.filter(({ stage }) => stage === 'preflight');
  expect(preflights.length).toBeGreaterThan(0);
  const wished = preflights.flatMap(({ headers }) => headers['access-control-request-headers']?.split(',') ?? []);
  expect([...new Set(wished)].sort()).toEqual(['authorization', 'content-type']);
});

test('a header that is not granted fails the call before the picture is sent, and the error names it', async ({
  openHosted,
}) => {
  const app = await openHosted({ cors: LEAST });
  const inputs = await makePicture(app.page, SIZE);
  const wishes = [
    [{ billTo: 'acme' }, 'x-hf-bill-to'],
    [{ use_cache: false }, 'x-use-cache'],
    [{ wait_for_model: true }, 'x-wait-for-model'],
  ] as const;
  for (const [wish, header] of wishes) {
    app.fake.reset();
    const { error } = await callHosted(app, { ...CALL, inputs, options: { mode: 'remote-only', ...wish } });
    expect(error, header).toMatchObject({
      code: 'remote-failed',
      details: { kind: 'network-or-cors', step: 'submit' },
    });
    expect(error?.message).toContain(header);
    expect(error?.message).toContain('CORS');
    expect(stagesOf(app.sent())).not.toContain('submit hf-inference');
    // Granted, it goes through.
    app.fake.configure({ cors: { ...LEAST, allowHeaders: [...LEAST.allowHeaders, header] } });
    expect((await callHosted(app, { ...CALL, inputs, options: { mode: 'remote-only', ...wish } })).blob).toMatchObject(
      SIZE,
    );
    expect(app.sent().at(-1)?.headers).toHaveProperty(header);
  }
});

test('a retry-after that the page may not read is replaced by a wait of our own', async ({ openHosted }) => {
  const app = await openHosted({ cors: LEAST });
  const inputs = await makePicture(app.page, SIZE);
  const busy = { status: 429, body: { error: 'later' }, headers: { 'retry-after': '50' } } as const;
  app.fake.script('hf-inference', [busy]);
  const hidden = await callHosted(app, { ...CALL, inputs });
  expect(hidden.blob).toMatchObject(SIZE);
  // Drawn below a second; 50 s are what the header asks for.
  expect(hidden.events.find(({ phase }) => phase === 'retrying')?.remainingMs).toBeLessThan(1000);
  app.fake.configure({ cors: { ...LEAST, exposeHeaders: ['retry-after'] } });
  app.fake.script('hf-inference', [busy]);
  const exposed = await callHosted(app, { ...CALL, inputs, abortAt: 'retrying' });
  expect(exposed.events.find(({ phase }) => phase === 'retrying')).toMatchObject({ remainingMs: 50_000 });
});

test('after a 503 the wish to wait is only sent where it is granted; else the error says what is missing', async ({
  openHosted,
}) => {
  const loading = { status: 503, body: { error: 'Model is currently loading', estimated_time: 0.05 } } as const;
  const app = await openHosted({ cors: { ...LEAST, allowHeaders: [...LEAST.allowHeaders, 'x-wait-for-model'] } });
  const inputs = await makePicture(app.page, SIZE);
  app.fake.script('hf-inference', [loading]);
  expect((await callHosted(app, { ...CALL, inputs })).blob).toMatchObject(SIZE);
  const submits = app.sent().filter(({ stage }) => stage === 'submit');
  expect(submits.map(({ headers }) => headers['x-wait-for-model'])).toEqual([undefined, 'true']);
  app.fake.configure({ cors: LEAST });
  app.fake.script('hf-inference', [loading]);
  // Another model: its address has no preflight in the browser's memory.
  const { error, report } = await callHosted(app, { ...CALL, inputs, args: { model: 'acme/sculptor' } });
  expect(error).toMatchObject({ details: { kind: 'network-or-cors', step: 'submit' } });
  expect(error?.message).toContain('x-wait-for-model');
  expect(report.hosted).toMatchObject({ attempts: 2 });
});

test('a service without CORS, or with a star where cookies are wished, is network-or-cors', async ({ openHosted }) => {
  const app = await openHosted({ cors: 'none' });
  const inputs = await makePicture(app.page, SIZE);
  const none = await callHosted(app, { ...CALL, inputs });
  expect(none.error).toMatchObject({ code: 'remote-failed', details: { kind: 'network-or-cors', step: 'lookup' } });
  expect(none.error?.message).toContain('CORS');
  // Of ours; a GET without an answer is asked again.
  expect(stagesOf(app.sent())).not.toContain('submit hf-inference');

  app.fake.configure({ cors: LEAST });
  const options = { mode: 'remote-only', includeCredentials: 'include' } as const;
  const star = await callHosted(app, { ...CALL, inputs, options });
  expect(star.error).toMatchObject({ details: { kind: 'network-or-cors' } });
  app.fake.configure({ cors: { ...LEAST, allowOrigin: app.server.origin, allowCredentials: true } });
  expect((await callHosted(app, { ...CALL, inputs, options })).blob).toMatchObject(SIZE);
});

test('no request carries cookies or a referrer unless that is wished', async ({ openHosted, context }) => {
  const app = await openHosted({ queues: { 'fal-ai': ['completed'] } });
  await context.addCookies([{ name: 'session', value: 'of-the-owner', url: app.fake.origin }]);
  const inputs = await makePicture(app.page, SIZE);
  expect((await callHosted(app, { ...CALL, inputs, args: { model: MODEL, provider: 'fal-ai' } })).blob).toBeDefined();
  expect(app.sent().length).toBeGreaterThan(3);
  for (const { headers, stage } of app.sent()) {
    expect(headers, stage).not.toHaveProperty('cookie');
    expect(headers, stage).not.toHaveProperty('referer');
    // A download is the file host's, whom no token concerns.
    expect('authorization' in headers, stage).toBe(stage !== 'download');
  }
});
