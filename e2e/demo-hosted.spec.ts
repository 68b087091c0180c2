import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { type FakeHosted, type RecordedRequest, startFakeHosted } from 'tintype/testing';
import { build } from 'vite';
import { repositoryRoot } from '../tools/repository.js';
import { test as base, expect, type OpenedApp } from './harness.js';
import { encodePng } from './png.js';

// Not the folders that the other specs of the demo build: they may run side by side.
const folder = join(repositoryRoot, 'build', 'demo-hosted');
const ROUTER = 'router.huggingface.co';
const MODEL = 'acme/painter';
const TOKEN = 'hf_tOkEnOfThisTestOnly0123456789';
const PAGE_FAILS = { path: /\.onnx$/, effect: 500 } as const;

/** The demo, and a hosted side that its page takes for the real one. */
interface HostedDemo extends OpenedApp {
  readonly fake: FakeHosted;
  /** What the console said, of any level, and what nobody caught. */
  readonly lines: readonly string[];
  /** That hold a picture. */
  submits(): readonly RecordedRequest[];
}

const test = base.extend<{ readonly openDemo: (path?: string) => Promise<HostedDemo> }>({
  openDemo: async ({ openApp, context }, use) => {
    const fake = await startFakeHosted();
    // Playwright sees no bytes of a Blob that is sent.
    await context.addInitScript(() => {
      const { fetch } = window;
      window.fetch = async (input, init) =>
        fetch(input, init?.body instanceof Blob ? { ...init, body: await init.body.arrayBuffer() } : init);
    });
    await context.route(/^https:/, async (route) => {
      const request = route.request();
      const body = request.postDataBuffer();
      const answer = await fake.fetch(request.url(), {
        method: request.method(),
        headers: await request.allHeaders(),
        ...(body === null ? {} : { body: new Uint8Array(body) }),
      });
      const headers = Object.fromEntries(answer.headers);
      await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
    });
    await use(async (path = '/hosted.html') => {
      const app = await openApp({ folder, path });
      const lines: string[] = [];
      app.page.on('console', (message) => {
        // Chromium's own remark whenever a page asks for a graphics adapter and there is none.
        if (message.text() !== 'No available adapters.') lines.push(message.text());
      });
      app.page.on('pageerror', (error) => lines.push(String(error)));
      return { ...app, fake, lines, submits: () => fake.requests.filter(({ stage }) => stage === 'submit') };
    });
    await fake.close();
  },
});

// One worker process, so that the page is built once.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  const configFile = join(repositoryRoot, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
});

async function choosePicture(page: Page, name = 'small.png'): Promise<void> {
  const size = { width: 96, height: 64 };
  const data = new Uint8Array(size.width * size.height * 4).fill(200);
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name, mimeType: 'image/png', buffer: encodePng({ ...size, data }) });
  await expect(page.locator('#picture-name')).toHaveText(name);
}

/** Opens the settings, chooses, and closes them. */
async function allow(page: Page, mode: string, provider = 'auto'): Promise<void> {
  await page.getByRole('button', { name: 'Where it may run' }).click();
  await page.getByRole('radio', { name: mode, exact: true }).check();
  await page.getByLabel('Provider').selectOption(provider);
  await page.getByLabel('Model there').fill(MODEL);
  await page.getByLabel('Token').fill(TOKEN);
  await expect(page.locator('#hosting-state')).toHaveText(
    'Pictures may go to Hugging Face, each after you agreed to it.',
  );
  await page.getByRole('dialog', { name: 'Where it may run' }).getByRole('button', { name: 'Done' }).click();
}

const LOCAL_FIRST = 'In this page; a service if that fails';
const REMOTE_FIRST = 'A service; this page if not';
const REMOTE_ONLY = 'Only a service';

function consentOf(page: Page): Locator {
  return page.getByRole('dialog', { name: /^Send this picture to / });
}

async function send(page: Page): Promise<void> {
  await consentOf(page).getByRole('button', { name: 'Send this picture' }).click();
}

for (const path of ['/', '/hosted.html']) {
  test(`nothing leaves the page unless it is asked to (${path})`, async ({ openDemo }) => {
    const { page, fake, foreignRequests, server } = await openDemo(path);
    await choosePicture(page);
    await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('#promise')).toContainText('Nothing is uploaded.');
    await expect(page.locator('footer .traffic')).toHaveText('0 requests to services, 0 bytes left this page.');
    await expect(page.locator('#outcome')).toContainText('0 bytes of your picture were uploaded');
    await expect(page.locator('#sent-badge')).toBeHidden();
    expect(foreignRequests).toEqual([]);
    expect(fake.requests).toEqual([]);
    expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
  });
}

test('the first page cannot talk to Hugging Face; it leads to the one that can', async ({ openDemo }) => {
  const { page, fake } = await openDemo('/#edit');
  // Not for want of a server: the very request is refused by the policy.
  const refused = await page.evaluate(() => fetch('https://router.huggingface.co/').then(() => '', String));
  expect(refused).toContain('TypeError');
  expect(fake.requests).toEqual([]);
  await page.getByRole('button', { name: 'Where it may run' }).click();
  await expect(page.locator('#hosting-service')).toBeHidden();
  await page.getByRole('radio', { name: LOCAL_FIRST }).check();
  await expect(page.locator('#hosting-state')).toHaveText(
    'Nothing is sent yet. This page may talk to its own server only.',
  );
  await expect(page.locator('#promise')).toContainText('Nothing is uploaded.');
  await page.getByRole('link', { name: 'Open the page that may talk to Hugging Face' }).click();
  await expect(page).toHaveURL(/\/hosted\.html#edit$/);
  await expect(page.getByRole('radio', { name: 'Edit by prompt' })).toBeChecked();
  await page.getByRole('button', { name: 'Where it may run' }).click();
  await page.getByRole('radio', { name: LOCAL_FIRST }).check();
  await expect(page.locator('#hosting-state')).toHaveText('Nothing is sent yet. Name the model that is to do it.');
});

test('the first page can use an address of its own server', async ({ openDemo }) => {
  const { page, fake, server, foreignRequests } = await openDemo('/');
  await page.route(`${server.origin}/api/paint`, async (route) => {
    const headers = await route.request().allHeaders();
    const body = new Uint8Array(route.request().postDataBuffer() ?? []);
    const answer = await fake.fetch('https://own.endpoints.huggingface.cloud/', { method: 'POST', headers, body });
    await route.fulfill({ headers: Object.fromEntries(answer.headers), body: Buffer.from(await answer.arrayBuffer()) });
  });
  await page.getByRole('button', { name: 'Where it may run' }).click();
  await page.getByRole('radio', { name: REMOTE_ONLY }).check();
  await page.getByRole('radio', { name: 'An address' }).check();
  const address = page.getByLabel('Address of an inference endpoint');
  await address.fill('https://elsewhere.example/');
  await expect(address).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#hosting-state')).toContainText('its own server only, not to elsewhere.example');
  await address.fill('/api/paint');
  const host = new URL(server.origin).host;
  await expect(page.locator('#hosting-state')).toContainText(`Pictures may go to ${host}`);
  await page.keyboard.press('Escape');
  await expect(page.locator('#promise')).toHaveText(
    `Better pictures, made by ${host}. Each is sent only after you agreed.`,
  );
  await choosePicture(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await send(page);
  await expect(page.locator('#sent-badge')).toHaveText(`Sent to ${host}`);
  await expect(page.locator('#outcome')).toContainText('Made by the service');
  expect(foreignRequests).toEqual([]);
});

test('where the page fails its owner is asked, and the result says that it was sent', async ({ openDemo }) => {
  const { page, fake, server, submits, lines } = await openDemo();
  server.addFault(PAGE_FAILS);
  await allow(page, LOCAL_FIRST);
  await expect(page.locator('#promise')).toHaveText(
    'Better pictures, made in this page. Where that fails, Hugging Face is asked, if you agree.',
  );
  await choosePicture(page);
  const consent = consentOf(page);
  await expect(consent).toBeVisible({ timeout: 60_000 });
  await expect(consent.getByRole('heading')).toHaveText(`Send this picture to ${ROUTER}?`);
  const facts = consent.locator('#consent-facts');
  await expect(facts).toContainText('This page could not do it: the model could not be fetched.');
  await expect(facts).toContainText(MODEL);
  await expect(facts).toContainText(/96 × 64 px, \d+ bytes/);
  await expect(facts).toContainText('yours, to that host');
  expect(fake.requests).toEqual([]);
  await expect(page.locator('footer .traffic')).toContainText('0 requests to services');

  await send(page);
  await expect(page.locator('#sent-badge')).toHaveText(`Sent to ${ROUTER}`);
  await expect(page.locator('#outcome')).toContainText(`Made by Hugging Face itself, sent to ${ROUTER}`);
  await expect(page.locator('#outcome')).not.toContainText('in this page');
  await expect(page.locator('#warnings')).toBeHidden();
  const [submit, ...more] = submits();
  expect(more).toEqual([]);
  expect(submit?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  // The look-up of the model, and the picture.
  await expect(page.locator('footer .traffic')).toHaveText(
    `2 requests to services, ${submit?.body.length} bytes left this page, to ${ROUTER}.`,
  );
  await page.getByRole('button', { name: 'How it ran' }).click();
  await expect(page.locator('#report')).toContainText(/Sent to\s*router\.huggingface\.co/);
  await expect(page.locator('#report')).not.toContainText('Device');
  // Not that the model file was refused, which the test did: what the page itself says.
  expect(lines.filter((line) => !line.includes('status of 500'))).toEqual([]);
});

test('Escape and Enter keep the picture, calmly, and nothing is sent', async ({ openDemo }) => {
  const { page, fake, server, foreignRequests } = await openDemo();
  server.addFault(PAGE_FAILS);
  await allow(page, LOCAL_FIRST);
  await choosePicture(page);
  for (const key of ['Escape', 'Enter']) {
    const keep = consentOf(page).getByRole('button', { name: 'Keep it here' });
    await expect(keep).toBeFocused({ timeout: 60_000 });
    await page.keyboard.press('Tab');
    await expect(consentOf(page).getByRole('button', { name: 'Send this picture' })).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(keep).toBeFocused();
    await page.keyboard.press(key);
    await expect(consentOf(page)).toBeHidden();
    const message = page.getByRole('alert');
    await expect(message).toContainText('The picture stayed in this page');
    await expect(message).toContainText('nothing was sent. What this page met: the model could not be fetched.');
    await expect(message).toHaveClass(/calm/);
    await message.getByRole('button', { name: 'Try again' }).click();
  }
  await expect(consentOf(page)).toBeVisible({ timeout: 60_000 });
  expect(fake.requests).toEqual([]);
  expect(foreignRequests).toEqual([]);
  await expect(page.locator('footer .traffic')).toHaveText('0 requests to services, 0 bytes left this page.');
});

test('another picture ends the question about the one before', async ({ openDemo }) => {
  const { page, fake, server } = await openDemo();
  server.addFault(PAGE_FAILS);
  await allow(page, LOCAL_FIRST);
  await choosePicture(page, 'first.png');
  await expect(consentOf(page)).toBeVisible({ timeout: 60_000 });
  server.heal();
  await choosePicture(page, 'second.png');
  await expect(consentOf(page)).toBeHidden();
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#picture-name')).toHaveText('second.png');
  expect(fake.requests).toEqual([]);
});

test('a service that begins is never asked by itself; kept here, the page does it', async ({ openDemo }) => {
  const { page, fake } = await openDemo();
  await allow(page, REMOTE_FIRST);
  await choosePicture(page);
  await expect(page.locator('#outcome')).toHaveText(
    'This asks first, then sends it to Hugging Face. Press Run to begin.',
  );
  await expect(page.locator('#estimate')).toHaveText('This asks first, then sends it to Hugging Face.');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(consentOf(page).locator('#consent-facts')).toContainText('You chose that a service does it.');
  // The run behind the dialog goes on: Escape answers, and cancels nothing.
  await page.keyboard.press('Escape');
  await expect(page.locator('#outcome')).toContainText('for you kept the picture here. 0 bytes', { timeout: 60_000 });
  await expect(page.locator('#sent-badge')).toBeHidden();
  expect(fake.requests).toEqual([]);
});

test('a picture that was sent in vain is still said to have been sent', async ({ openDemo }) => {
  const { page, fake, submits } = await openDemo();
  fake.script('hf-inference', ['server-error']);
  await allow(page, REMOTE_FIRST);
  await choosePicture(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await send(page);
  await expect(page.locator('#sent-badge')).toHaveText(`Sent to ${ROUTER}, made here`, { timeout: 60_000 });
  const bytes = submits()[0]?.body.length;
  await expect(page.locator('#outcome')).toContainText(
    `for the service failed. ${bytes} bytes of your picture were uploaded`,
  );
  await expect(page.locator('footer .traffic')).toContainText(`${bytes} bytes left this page, to ${ROUTER}`);
});

test('the queue of a service is told, and can be left', async ({ openDemo }) => {
  const { page, fake } = await openDemo();
  fake.configure({ queues: { 'fal-ai': [{ phase: 'queued', position: 2 }] } });
  await allow(page, REMOTE_ONLY, 'fal-ai');
  await choosePicture(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await send(page);
  await expect(page.locator('#progress-label')).toHaveText("In the service's queue, 2 before this one");
  await page.keyboard.press('Escape');
  await expect(page.locator('#outcome')).toContainText('Cancelled');
  await expect.poll(() => fake.requests.some(({ stage }) => stage === 'cancel')).toBe(true);
});

const FAILURES = [
  ['unauthorized', 'The token was not accepted', 'Look at the token under “Where it may run”', false],
  ['payment-required', 'The account has no credit left', 'monthly included credits', false],
  ['payload-too-large', 'The picture is too large for the service', 'Take a smaller picture.', false],
  ['html', 'The service answered with no picture', 'Check that the address is that of the service itself.', true],
] as const;

test('what goes wrong at a service is said in words for people', async ({ openDemo }) => {
  const { page, fake } = await openDemo();
  await allow(page, REMOTE_ONLY);
  await choosePicture(page);
  const alert = page.getByRole('alert');
  for (const [failure, title, text, mayHelpAgain] of FAILURES) {
    fake.script('hf-inference', [failure]);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await send(page);
    await expect(alert).toContainText(title);
    await expect(alert).toContainText(text);
    await expect(alert).not.toContainText(/accessToken|billTo|endpointUrl|hf_/);
    await expect(alert.getByRole('button', { name: 'Try again' })).toBeVisible({ visible: mayHelpAgain });
    await alert.getByRole('button', { name: 'Dismiss' }).click();
  }
});

test('edits that were sent are marked among the results so far', async ({ openDemo }) => {
  const { page, submits } = await openDemo('/hosted.html#edit');
  await choosePicture(page);
  const prompt = page.getByRole('textbox', { name: 'What to change' });
  await prompt.fill('convert the image to grayscale');
  await prompt.press('Control+Enter');
  await expect(page.locator('#history-list > li')).toHaveCount(1, { timeout: 60_000 });
  await allow(page, REMOTE_ONLY);
  await prompt.fill('add snow');
  await prompt.press('Control+Enter');
  await expect(consentOf(page).locator('#consent-facts')).toContainText('“add snow”');
  await send(page);
  await expect(page.locator('#history-list > li')).toHaveCount(2);
  const [newest, first] = await page.locator('#history-list > li').allTextContents();
  expect(newest).toContain(`Sent to ${ROUTER}`);
  expect(first).not.toContain('Sent to');
  expect(submits()[0]?.json).toMatchObject({ parameters: { prompt: 'add snow' } });
  await expect(page.locator('#sent-badge')).toBeVisible();
  await page.locator('#history-list > li').last().getByRole('button').first().click();
  await expect(page.locator('#sent-badge')).toBeHidden();
  await expect(page.locator('#outcome')).toContainText('0 bytes of your picture were uploaded');
});

test('the token is kept in its field only, and is gone with the page', async ({ openDemo }) => {
  const { page, server, submits, lines, foreignRequests } = await openDemo();
  await allow(page, REMOTE_ONLY);
  await choosePicture(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await send(page);
  await expect(page.locator('#sent-badge')).toBeVisible();
  expect(submits()).toHaveLength(1);
  const kept = await page.evaluate(async () => {
    const caches = await Promise.all(
      (await window.caches.keys()).map(async (name) =>
        (await (await window.caches.open(name)).keys()).map(({ url }) => url),
      ),
    );
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const { cookie, documentElement } = document;
    const stores = [{ ...localStorage }, { ...sessionStorage }];
    return JSON.stringify([stores, cookie, caches, databases, history.state, location.href, documentElement.outerHTML]);
  });
  expect(kept).toContain('Where it may run');
  for (const text of [kept, ...lines, ...foreignRequests, ...server.requests.map(({ path }) => path)]) {
    expect(text).not.toContain(TOKEN);
  }
  expect(lines).toEqual([]);
  await page.reload();
  await expect(page.locator('#promise')).toContainText('Nothing is uploaded.');
  await page.getByRole('button', { name: 'Where it may run' }).click();
  await expect(page.getByRole('radio', { name: 'Only in this page' })).toBeChecked();
  await page.getByRole('radio', { name: REMOTE_ONLY }).check();
  await expect(page.getByLabel('Token')).toHaveValue('');
  await expect(page.getByLabel('Token')).toHaveAttribute('type', 'password');
});
