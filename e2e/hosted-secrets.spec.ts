// Token, prompt and picture are in the requests that need them, and nowhere else.

import type { Step } from 'tintype/testing';
import { makePicture } from './harness.js';
import { callHosted, expect, type HostedApp, type HostedOutcome, MODEL, TOKEN, test } from './hosted-page.js';
import { bytesOf } from './hosted-pictures.js';

const PROMPT = 'paint Grandmother Eulalia as a knight of the garter';
const CALL = {
  consent: true,
  args: { model: MODEL, parameters: { prompt: PROMPT, negative_prompt: ['crowds of Umbrellas'] } },
  options: { mode: 'remote-only', retry_on_error: false },
} as const;

/** Every text that a log or a report service could get hold of. */
function logged({ error, report, events }: HostedOutcome, { console }: HostedApp): string {
  return [error?.message, error?.everything, JSON.stringify(report), JSON.stringify(events), ...console].join('\n');
}

/** Whether any 64 letters of a long text stand in another. */
function sharesRun(text: string, secret: string): boolean {
  const found = new Set<string>();
  for (let at = 0; at + 64 <= secret.length; at++) found.add(secret.slice(at, at + 64));
  for (let at = 0; at + 64 <= text.length; at++) if (found.has(text.slice(at, at + 64))) return true;
  return false;
}

test('errors, reports and the console hold neither token nor prompt nor picture, whatever the service says back', async ({
  openHosted,
}) => {
  const app = await openHosted({
    cors: { allowOrigin: '*', allowHeaders: ['authorization', 'content-type'], exposeHeaders: ['x-request-id'] },
  });
  const inputs = await makePicture(app.page, { width: 64, height: 48 });
  const base64 = (await bytesOf(app.page, inputs)).toString('base64');
  const echoed = `${PROMPT} | Bearer ${TOKEN} | ${base64} | crowds of Umbrellas`;
  const steps: readonly Step[] = [
    { status: 400, body: { error: echoed } },
    { status: 401, body: echoed },
    { status: 422, body: { detail: [{ loc: ['body', 'inputs'], msg: base64, input: echoed }] } },
    { status: 422, body: { error: { message: `You asked for "${PROMPT.toUpperCase()}"` } } },
    { status: 500, body: { message: `token ${TOKEN} is wrong`, prompt: PROMPT } },
    { status: 403, body: `<title>${echoed}</title>`, headers: { 'x-request-id': TOKEN } },
    { status: 200, body: { error: echoed } },
    { status: 200, body: `<!doctype html><title>${echoed}</title>`, headers: { 'content-type': 'text/html' } },
    { status: 200, body: `data:image/png;base64,${base64}` },
  ];
  for (const step of steps) {
    app.fake.script('hf-inference', [step]);
    const outcome = await callHosted(app, { ...CALL, inputs });
    const text = logged(outcome, app);
    const title = JSON.stringify(step).slice(0, 60);
    expect(outcome.error, title).toMatchObject({ code: 'remote-failed' });
    expect(text, title).not.toContain(TOKEN);
    expect(text, title).not.toContain(TOKEN.slice(0, 16));
    expect(text.toLowerCase(), title).not.toContain(PROMPT.slice(0, 24).toLowerCase());
    expect(text, title).not.toContain('Umbrellas');
    expect(sharesRun(text, base64), title).toBe(false);
  }
  // The comparison is one that can fail, and the service did get all of it.
  expect(sharesRun(`. ${base64.slice(40, 110)} .`, base64)).toBe(true);
  const [submit] = app.sent().filter(({ stage }) => stage === 'submit');
  expect(submit?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(Buffer.from(submit?.body ?? []).toString('latin1')).toContain(PROMPT);
});

test('a token that no header can carry is not quoted, and nothing is sent', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, { width: 64, height: 48 });
  for (const token of [`${TOKEN}\u00e9`, `${TOKEN} ${TOKEN}`]) {
    const outcome = await callHosted(app, { ...CALL, inputs, token });
    expect(outcome.error).toMatchObject({ name: 'TypeError' });
    expect(logged(outcome, app)).not.toContain(TOKEN);
  }
  expect(app.fake.requests).toEqual([]);
});

test('a long-lived token in a page is warned about once, and then the warning can be silenced', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, { width: 64, height: 48 });
  const warnings = () => app.console.filter((text) => text.startsWith('Tintype:'));
  const silenced = { mode: 'remote-only', hosted: { warnsOfToken: false } } as const;
  await callHosted(app, { ...CALL, inputs, options: silenced });
  await callHosted(app, { ...CALL, inputs, token: 'hf_oauth_of_the_visitor' });
  await callHosted(app, {
    ...CALL,
    inputs,
    token: '',
    args: { endpointUrl: app.fake.url('x.endpoints.huggingface.cloud') },
  });
  // Nobody agreed: the token was not used.
  await callHosted(app, { ...CALL, inputs, options: { mode: 'remote-only' }, consent: 'refuses' });
  expect(warnings()).toEqual([]);
  for (let calls = 0; calls < 2; calls++) expect((await callHosted(app, { ...CALL, inputs })).blob).toBeDefined();
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).not.toContain(TOKEN);
});
