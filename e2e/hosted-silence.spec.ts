// `local-only` says nothing to anybody, whatever goes wrong in the page.

import { countRequests, makePicture } from './harness.js';
import { callHosted, expect, type HostedApp, type HostedPageCall, MODEL, test } from './hosted-page.js';
import { fixture } from './pixels.js';
import { drawScene, EDITOR } from './prompted-scene.js';
import type { Fault } from './server.js';

const SIZE = { width: 64, height: 48 };

/** Runs in an engine in place of each result that it would hand over. */
const atEveryRun = (text: string): string => `{
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, transfer) {
    if (Array.isArray(transfer) && transfer.length > 0 && message?.value?.ok) { ${text} }
    return postMessage.call(this, message, transfer);
  };
}`;

const OUT_OF_MEMORY = `
  transfer = [];
  message.value = { ok: false, error: { code: 'out-of-memory', phase: 'run', message: 'injected' } };`;

/** All that could lead out of the page, were the mode another. */
const TEMPTATION = {
  consent: true,
  options: {
    billTo: 'acme',
    wait_for_model: true,
    hosted: { model: MODEL, provider: 'fal-ai', endpointUrl: 'https://x.endpoints.huggingface.cloud/' },
  },
} as const;

interface Case {
  readonly title: string;
  readonly fault?: Fault;
  readonly args?: HostedPageCall['args'];
  readonly kills?: HostedPageCall['kills'];
  readonly code: string;
}

/** Before the model is stored: afterwards these files are not asked for any more. */
const cases: readonly Case[] = [
  { title: 'no model', fault: { path: /\.onnx$/, effect: 404 }, code: 'model-unavailable' },
  { title: 'half a model', fault: { path: /\.onnx$/, effect: 'cut' }, code: 'model-unavailable' },
  { title: 'a tampered model', fault: { path: /\.onnx$/, effect: 'flip' }, code: 'integrity-mismatch' },
  { title: 'no runtime', fault: { path: /\.wasm$/, effect: 404 }, code: 'runtime-unavailable' },
  { title: 'no loader', fault: { path: /loader\.worker[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
  { title: 'no pipeline', fault: { path: /pipeline\.worker[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
  { title: 'no engine', fault: { path: /engine\.[^/]*\.js$/, effect: 404 }, code: 'worker-crashed' },
  {
    title: 'no memory',
    fault: {
      path: /engine\.[^/]*\.js$/,
      effect: 'prepend',
      text: "WebAssembly.Memory = class { constructor() { throw new RangeError('WebAssembly.Memory(): could not allocate memory'); } };",
    },
    code: 'runtime-unavailable',
  },
  {
    title: 'no tokenizer',
    fault: { path: /\/tokenizer[^/]*\.json$/, effect: 404 },
    args: { model: EDITOR, parameters: { prompt: 'make it darker', num_inference_steps: 1 } },
    code: 'model-unavailable',
  },
  {
    title: 'every run needs more memory than there is',
    fault: { path: /engine\.[^/]*\.js$/, effect: 'prepend', text: atEveryRun(OUT_OF_MEMORY) },
    code: 'out-of-memory',
  },
  {
    title: 'every engine dies in its first run',
    fault: { path: /engine\.[^/]*\.js$/, effect: 'prepend', text: atEveryRun('self.close(); return;') },
    code: 'worker-crashed',
  },
  { title: 'the pipeline dies, always', kills: 'pipeline', code: 'worker-crashed' },
  { title: 'an unknown model', args: { model: MODEL }, code: 'model-unavailable' },
  {
    title: 'a parameter that the model cannot do without',
    args: { model: EDITOR },
    code: 'unsupported-parameter',
  },
];

/** Not even the code that could speak to anybody was fetched. */
function expectSilence({ fake, server, leaks }: HostedApp): void {
  expect(fake.requests).toEqual([]);
  expect(leaks()).toEqual([]);
  expect(countRequests(server, /run-hosted/)).toBe(0);
  expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
}

test('the canary does hear what would go out', async ({ openHosted, canary }) => {
  const app = await openHosted();
  const heard = canary.greetings.length;
  const inputs = await makePicture(app.page, SIZE);
  const { error } = await callHosted(app, {
    inputs,
    consent: true,
    hasOwnFetch: true,
    args: { model: MODEL },
    options: { mode: 'remote-only', retry_on_error: false },
  });
  expect(error).toMatchObject({ code: 'remote-failed', details: { kind: 'network-or-cors', step: 'lookup' } });
  await expect.poll(() => canary.greetings.length).toBeGreaterThan(heard);
  expect(app.leaks().join()).toContain('huggingface.co');
  expect(countRequests(app.server, /run-hosted/)).toBe(1);
});

test('local-only is silent in every local failure', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await drawScene(app.page, SIZE);
  for (const [at, { title, fault, args, kills, code }] of cases.entries()) {
    if (fault) app.server.addFault(fault);
    // By turns the own fetch, with which all that was sent would go to the canary.
    const hasOwnFetch = at % 2 === 0;
    const outcome = await callHosted(app, {
      ...TEMPTATION,
      inputs,
      hasOwnFetch,
      ...(args === undefined ? {} : { args }),
      ...(kills === undefined ? {} : { kills }),
    });
    expect(outcome.error, title).toMatchObject({ code });
    expect(outcome.report, title).toMatchObject({ outcome: 'failed', bytes: { up: 0 }, reason: 'in-page-default' });
    expect(outcome.report.where, title).not.toBe('hosted');
    expect(outcome).toMatchObject({ asked: [], fetched: [], tokenCount: 0 });
    app.server.heal();
  }
  expectSilence(app);
});

test('local-only is silent about bad pictures and good ones', async ({ openHosted }) => {
  const app = await openHosted();
  const picture = await makePicture(app.page, { width: 160, height: 96 });
  for (const text of ['', 'this is no picture', '<svg xmlns="http://www.w3.org/2000/svg"/>']) {
    const inputs = await app.page.evaluateHandle((text) => new Blob([text], { type: 'image/png' }), text);
    const { error } = await callHosted(app, { ...TEMPTATION, inputs, args: { model: 'tintype-sr-x2' } });
    expect(error?.code).toMatch(/^(invalid-input|unsupported-type)$/);
  }
  const bomb = await callHosted(app, { ...TEMPTATION, inputs: await fixture(app.page, 'bomb-16384.png') });
  expect(bomb.error).toMatchObject({ code: 'image-too-large' });
  const good = await callHosted(app, { ...TEMPTATION, inputs: picture });
  expect(good.blob).toMatchObject({ width: 320, height: 192 });
  expect(good.report.warnings).toEqual([
    expect.objectContaining({ code: 'option-ignored', name: 'fetch' }),
    expect.objectContaining({ code: 'option-ignored', name: 'billTo' }),
    expect.objectContaining({ code: 'option-ignored', name: 'wait_for_model' }),
  ]);
  expectSilence(app);
});

test('local-only refuses every call that names the hosted side, before anything is asked or fetched', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, SIZE);
  const wishes = [
    { provider: 'auto' },
    { provider: 'fal-ai', model: MODEL },
    { endpointUrl: '/api/hf' },
    { endpointUrl: 'https://x.endpoints.huggingface.cloud/', provider: 'in-page' },
  ];
  for (const args of wishes) {
    for (const options of [TEMPTATION.options, { ...TEMPTATION.options, mode: 'local-only' as const }]) {
      const { error, report, asked } = await callHosted(app, { ...TEMPTATION, options, inputs, args });
      expect(error, JSON.stringify(args)).toMatchObject({ code: 'remote-refused' });
      expect(report).toMatchObject({ where: 'nowhere', reason: 'mode-forbids-hosted', bytes: { up: 0, down: 0 } });
      expect(asked).toEqual([]);
    }
  }
  expectSilence(app);
  expect(await app.page.evaluate(() => window.workers.length)).toBe(0);
});
