// What a hosted call waits for is told, and each wait ends at once when the call is aborted or its time is over.
import type { JSHandle } from '@playwright/test';
import type { FakeHostedSettings, Stage, Steps } from 'tintype/testing';
import { makePicture } from './harness.js';
import { callHosted, expect, type HostedApp, type HostedPageCall, MODEL, stagesOf, test } from './hosted-page.js';

const SIZE = { width: 64, height: 48 };
const CALL = { consent: 'agrees', options: { mode: 'remote-only' } } as const;
/** Longer than two polls are apart at first. */
const A_WHILE_MS = 1200;

interface Case extends Pick<HostedPageCall, 'abortAt' | 'consent'> {
  readonly title: string;
  readonly provider?: string;
  readonly script?: Readonly<Partial<Record<Stage, Steps>>>;
  readonly lookup?: Steps;
  readonly queue?: FakeHostedSettings['queues']['fal-ai'];
  /** Stages that the fake has seen when all is over, preflights left out. */
  readonly seen: readonly string[];
}

/** Each of them would wait for ever, or for many seconds, were it not aborted. */
const cases: readonly Case[] = [
  { title: 'while the token is fetched', abortAt: 'token', seen: [] },
  { title: 'while the owner thinks', abortAt: 'consent', consent: 'never', seen: [] },
  { title: 'and the owner agrees too late', abortAt: 'consent', consent: 'late', seen: [] },
  { title: 'while the Hub is asked', abortAt: { stage: 'lookup' }, lookup: ['hang'], seen: ['lookup'] },
  { title: 'at the upload', abortAt: { stage: 'submit' }, script: { submit: ['hang'] }, seen: ['lookup', 'submit'] },
  {
    title: 'before a repetition',
    abortAt: 'retrying',
    script: { submit: [{ status: 429, body: { error: 'later' }, headers: { 'retry-after': '40' }, times: 9 }] },
    seen: ['lookup', 'submit'],
  },
  {
    title: 'while the model loads',
    abortAt: 'loading-model',
    script: { submit: [{ status: 503, body: { error: 'Model is loading', estimated_time: 40 }, times: 9 }] },
    seen: ['lookup', 'submit'],
  },
  {
    title: 'in the queue',
    provider: 'fal-ai',
    abortAt: 'queued',
    queue: [{ phase: 'queued', position: 3 }],
    seen: ['lookup', 'submit', 'cancel'],
  },
  {
    title: 'in the run',
    provider: 'fal-ai',
    abortAt: 'running',
    queue: ['queued', 'running'],
    seen: ['lookup', 'submit', 'poll', 'cancel'],
  },
  {
    title: 'in a poll',
    provider: 'fal-ai',
    abortAt: { stage: 'poll' },
    script: { poll: ['hang'] },
    seen: ['lookup', 'submit', 'poll', 'cancel'],
  },
  {
    title: 'while the result is fetched',
    provider: 'fal-ai',
    abortAt: 'download',
    queue: ['completed'],
    script: { download: ['stall'] },
    seen: ['lookup', 'submit', 'result', 'download'],
  },
];

function callUntilAborted(
  app: HostedApp,
  inputs: JSHandle,
  { title: _, seen: __, provider, script, lookup, queue, ...rest }: Case,
) {
  if (script) app.fake.script(provider === 'fal-ai' ? 'fal-ai' : 'hf-inference', script);
  if (lookup) app.fake.script('hub', lookup);
  if (queue) app.fake.configure({ queues: { 'fal-ai': queue } });
  const args = { model: MODEL, ...(provider === undefined ? {} : { provider }) };
  return callHosted(app, { ...CALL, args, inputs, ...rest });
}

for (const one of cases) {
  test(`an abort ${one.title} rejects with the signal's reason, and nothing more is asked for`, async ({
    openHosted,
  }) => {
    const app = await openHosted();
    const { error, report, events } = await callUntilAborted(app, await makePicture(app.page, SIZE), one);
    expect(error).toMatchObject({ name: 'Error', message: 'The test aborted.', isReason: true });
    expect(report).toMatchObject({ outcome: 'aborted', where: one.seen.length === 0 ? 'nowhere' : 'hosted' });
    const stages = () => stagesOf(app.sent()).map((line) => line.split(' ')[0]);
    await expect.poll(stages).toEqual(one.seen);
    await app.page.waitForTimeout(A_WHILE_MS);
    expect(stages()).toEqual(one.seen);
    // Nor is there a rejection that nobody caught.
    expect(app.console.join()).not.toContain('The test aborted.');
    // The picture is told of if it was sent, however the call ended.
    expect(report.bytes.up > 0).toBe(one.seen.includes('submit'));
    if (typeof one.abortAt === 'string' && one.abortAt !== 'token' && one.abortAt !== 'consent') {
      expect(events.at(-1)?.phase).toBe(one.abortAt);
    }
    expect(app.leaks()).toEqual([]);
  });
}

test('the deadline ends each wait, the job is cancelled, and remote-first goes on in the page', async ({
  openHosted,
}) => {
  const app = await openHosted({ queues: { 'fal-ai': [{ phase: 'queued', position: 1 }] } });
  const inputs = await makePicture(app.page, SIZE);
  const args = { model: MODEL, provider: 'fal-ai' };
  const late = await callHosted(app, {
    ...CALL,
    inputs,
    args,
    options: { mode: 'local-first', hosted: { timeoutMs: 700 } },
  });
  expect(late.error).toMatchObject({
    code: 'deadline-exceeded',
    phase: 'hosted',
    details: { step: 'poll', provider: 'fal-ai', timeoutMs: 700 },
  });
  expect(late.report).toMatchObject({
    where: 'hosted',
    outcome: 'failed',
    hosted: { provider: 'fal-ai', attempts: 1 },
  });
  await expect.poll(() => stagesOf(app.sent())).toContain('cancel fal-ai');
  app.fake.script('hf-inference', { submit: ['hang'] });
  const options = { mode: 'remote-first', hosted: { timeoutMs: 700 } } as const;
  const other = await callHosted(app, {
    ...CALL,
    inputs,
    options,
    args: { model: MODEL },
    aliases: { [MODEL]: 'tintype-sr-x2' },
  });
  expect(other.blob).toMatchObject({ width: 128, height: 96 });
  expect(other.report).toMatchObject({ where: 'in-page', fallback: { code: 'deadline-exceeded', phase: 'hosted' } });
});

test('two calls at once have each their own job and their own picture', async ({ openHosted }) => {
  const app = await openHosted();
  const wide = await makePicture(app.page, SIZE);
  const high = await makePicture(app.page, { width: 30, height: 50 });
  const call = (inputs: HostedPageCall['inputs'], provider: string, token: string) =>
    callHosted(app, { ...CALL, inputs, token, args: { model: MODEL, provider, parameters: { prompt: provider } } });
  const [first, second, aborted] = await Promise.all([
    call(wide, 'fal-ai', 'hf_first'),
    call(high, 'wavespeed', 'hf_second'),
    callHosted(app, {
      ...CALL,
      inputs: wide,
      abortAt: 'queued',
      token: 'hf_third',
      args: { model: MODEL, provider: 'fal-ai' },
    }),
  ]);
  expect(first.blob).toMatchObject(SIZE);
  expect(second.blob).toMatchObject({ width: 30, height: 50 });
  expect(aborted.error).toMatchObject({ isReason: true });
  expect([first.report.hosted?.provider, second.report.hosted?.provider]).toEqual(['fal-ai', 'wavespeed']);
  const tokensOf = (provider: string, stage: Stage) =>
    app
      .sent()
      .filter((one) => one.provider === provider && one.stage === stage)
      .map(({ headers }) => headers.authorization);
  expect(new Set(tokensOf('wavespeed', 'poll'))).toEqual(new Set(['Bearer hf_second']));
  expect(tokensOf('fal-ai', 'result')).toEqual(['Bearer hf_first']);
  // Of the aborted call only.
  expect(tokensOf('fal-ai', 'cancel')).toEqual(['Bearer hf_third']);
});

test('waits are told in order: upload, the place in the queue, the run, the bytes of the result', async ({
  openHosted,
}) => {
  const queue = [{ phase: 'queued', position: 2 }, { phase: 'queued', position: 0 }, 'running', 'completed'] as const;
  const app = await openHosted({ queues: { 'fal-ai': queue } });
  app.fake.script('fal-ai', { download: ['slow'] });
  const inputs = await makePicture(app.page, { width: 300, height: 200 });
  const { blob, events, report, asked } = await callHosted(app, {
    ...CALL,
    inputs,
    args: { model: MODEL, provider: 'fal-ai' },
  });
  expect(blob).toMatchObject({ width: 300, height: 200 });
  const told = events.filter(({ phase }) => phase !== 'download');
  expect(told).toEqual([
    { phase: 'upload', done: 0, total: report.bytes.up, unit: 'bytes' },
    { phase: 'queued', done: 0, total: 1, unit: 'steps', position: 2 },
    { phase: 'queued', done: 0, total: 1, unit: 'steps', position: 0 },
    { phase: 'running', done: 0, total: 1, unit: 'steps' },
  ]);
  const download = events.slice(told.length);
  expect(download.length).toBeGreaterThan(1);
  expect(download.every(({ phase, unit }) => phase === 'download' && unit === 'bytes')).toBe(true);
  const done = download.map((event) => event.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  // The fake sends back what it got.
  expect(done.at(-1)).toBe(asked[0]?.sizeBytes);
  expect(report.bytes.down).toBeGreaterThanOrEqual(done.at(-1) ?? Number.NaN);
});

test('a busy server is asked again, and why is told; with retry_on_error: false it is not', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  app.fake.script('hf-inference', ['rate-limited-without-hint']);
  const call = { ...CALL, inputs, args: { model: MODEL }, isTokenFunction: true } as const;
  const { blob, events, report, tokenCount } = await callHosted(app, call);
  expect(blob).toMatchObject(SIZE);
  expect(events.slice(0, 2)).toMatchObject([
    { phase: 'upload' },
    { phase: 'retrying', attempt: 2, reason: 'rate-limited (429)' },
  ]);
  expect(report.hosted).toMatchObject({ attempts: 2 });
  const sent = app.sent();
  expect(stagesOf(sent)).toEqual(['lookup hub', 'submit hf-inference', 'submit hf-inference']);
  expect(report.bytes.up).toBe(2 * (sent[1]?.body.length ?? Number.NaN));
  // Once per request that carries it.
  expect(tokenCount).toBe(3);
  app.fake.script('hf-inference', ['rate-limited']);
  const once = await callHosted(app, { ...call, options: { mode: 'remote-only', retry_on_error: false } });
  expect(once.error).toMatchObject({ details: { kind: 'rate-limited', status: 429 } });
  expect(once.report.hosted).toMatchObject({ attempts: 1 });
});
