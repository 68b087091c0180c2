import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { repositoryRoot } from '../tools/repository.js';
import { expect, test } from './harness.js';

// Not the folder that demo.spec.ts builds: the two may run side by side.
const folder = join(repositoryRoot, 'build', 'demo-benchmark');

// One worker process, so that the page is built once.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  await build({
    configFile: join(repositoryRoot, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true },
  });
});

/** The page with tiny pictures, as it documents itself. */
const quick = { folder, path: '/benchmark.html?quick' } as const;

interface DocumentRow {
  readonly model: string;
  readonly device: string;
  readonly state: string;
  readonly engines?: number;
  readonly tiles?: number;
  readonly timesMs?: readonly number[];
  readonly timeMs?: { readonly low: number; readonly median: number; readonly high: number };
  readonly megapixelsPerSecond?: number;
  readonly tilesPerSecond?: number;
}

interface BenchmarkDocument {
  readonly format: string;
  readonly date: string;
  readonly isQuick: boolean;
  readonly device: {
    readonly userAgent: string;
    readonly cores: number;
    readonly isCrossOriginIsolated: boolean;
    readonly graphicsAdapter: { readonly state: string };
  };
  readonly rows: readonly DocumentRow[];
}

async function measure(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Measure' }).click();
  await expect(page.locator('#outcome')).toContainText('Done: ', { timeout: 100_000 });
}

/** The exact numbers behind the words of each row of the table. */
function numbersShown(page: Page): Promise<readonly (readonly number[])[]> {
  return page
    .locator('#result-rows tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('data')].map(({ value }) => Number(value))));
}

function numbersTold({ rows }: BenchmarkDocument): readonly (readonly (number | undefined)[])[] {
  return rows.map(({ state, engines, tiles, timeMs, megapixelsPerSecond, tilesPerSecond }) =>
    state === 'done' ? [engines, tiles, timeMs?.median, megapixelsPerSecond, tilesPerSecond] : [],
  );
}

async function documentShown(page: Page): Promise<BenchmarkDocument> {
  return JSON.parse((await page.locator('#json').textContent()) ?? '') as BenchmarkDocument;
}

for (const isIsolated of [true, false]) {
  test(`a quick run gives numbers, and JSON with the same (isolated: ${isIsolated})`, async ({ openApp, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { page, server, foreignRequests } = await openApp({ ...quick, isIsolated, hasStrictCsp: true });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && message.text() !== 'No available adapters.')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.reload();
    await expect(page.locator('body')).toContainText('Nothing is sent anywhere');
    await expect(page.locator('#fact-adapter')).toContainText('no graphics adapter');
    await measure(page);

    const rows = page.getByRole('table').getByRole('row').filter({ hasText: 'Processor (WASM)' });
    const places = (await page.evaluate(() => navigator.hardwareConcurrency)) > 1 ? 2 : 1;
    await expect(rows).toHaveCount(2 * places);
    await expect(rows.first().getByRole('img')).toHaveAttribute('aria-label', /reading \d+ %, tiles \d+ %/);
    const shown = await numbersShown(page);
    for (const numbers of shown) {
      expect(numbers).toHaveLength(5);
      for (const number of numbers) expect(number).toBeGreaterThan(0);
    }

    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await expect(page.locator('#outcome')).toHaveText('Copied to the clipboard.');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const told = JSON.parse(copied) as BenchmarkDocument;
    expect(numbersTold(told)).toEqual(shown);
    expect(told).toMatchObject({
      format: 'tintype-benchmark',
      isQuick: true,
      device: { isCrossOriginIsolated: isIsolated, graphicsAdapter: { state: 'none' } },
    });
    expect(new Set(told.rows.map(({ model }) => model))).toEqual(new Set(['tintype-sr-x2', 'esrgan-slim-x2']));
    for (const { timesMs = [], timeMs } of told.rows) {
      expect([timeMs?.low, timeMs?.median, timeMs?.high]).toEqual([...timesMs].sort((a, b) => a - b));
    }

    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    expect(await readFile(await (await downloading).path(), 'utf8')).toBe(copied);
    expect(foreignRequests).toEqual([]);
    expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test('Cancel works at once, keeps what is done, and leaves the page usable', async ({ openApp }) => {
  const { page, server } = await openApp(quick);
  // The second network never arrives: its row runs until it is cancelled.
  const isSecond = async () => (await documentShown(page)).rows.findIndex(({ model }) => model === 'esrgan-slim-x2');
  const fault = { path: /\.onnx$/, effect: 'stall' } as const;
  await page.getByRole('checkbox', { name: /esrgan-slim-x2/ }).uncheck();
  await measure(page);
  server.addFault(fault);
  await page.getByRole('checkbox', { name: /esrgan-slim-x2/ }).check();
  const run = page.getByRole('button', { name: 'Measure' });
  await run.press('Enter');
  await expect(page.locator('tr[data-state="running"]')).toContainText('esrgan-slim-x2', { timeout: 60_000 });
  await expect(run).toBeFocused();
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await cancel.press('Enter');
  await expect(page.locator('#outcome')).toContainText(/^Cancelled after \d of \d measurements/);
  await expect(cancel).toBeHidden();
  await expect(run).toBeFocused();
  const before = await isSecond();
  const { rows } = await documentShown(page);
  expect(rows.slice(0, before).map(({ state }) => state)).toEqual(Array(before).fill('done'));
  expect(rows.slice(before).map(({ state }) => state)).toEqual(Array(rows.length - before).fill('cancelled'));
  expect(numbersTold(await documentShown(page))).toEqual(await numbersShown(page));

  server.heal();
  await measure(page);
  expect((await documentShown(page)).rows.map(({ state }) => state)).toEqual(Array(rows.length).fill('done'));
});

test('what fails is told in its row, and the others go on', async ({ openApp }) => {
  const { page, server } = await openApp(quick);
  await page.getByRole('checkbox', { name: /esrgan-slim-x2/ }).uncheck();
  await measure(page);
  server.addFault({ path: /\.onnx$/, effect: 404 });
  await page.getByRole('checkbox', { name: /esrgan-slim-x2/ }).check();
  await measure(page);
  await expect(page.locator('#outcome')).toContainText('the others failed');
  const { rows } = await documentShown(page);
  for (const { model, state } of rows) expect(state).toBe(model === 'esrgan-slim-x2' ? 'failed' : 'done');
  await expect(page.getByRole('cell', { name: /The model could not be fetched/ }).first()).toBeVisible();
});

test('without a network there is nothing to measure', async ({ openApp }) => {
  const { page } = await openApp(quick);
  for (const name of [/tintype-sr-x2/, /esrgan-slim-x2/]) await page.getByRole('checkbox', { name }).uncheck();
  await expect(page.locator('#estimate')).toHaveText('Choose at least one network.');
  await page.getByRole('button', { name: 'Measure' }).press('Enter');
  await expect(page.getByRole('checkbox', { name: /tintype-sr-x2/ })).toBeFocused();
  await expect(page.getByRole('table')).toBeHidden();
});

test('the pages lead to each other', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await page.getByRole('link', { name: 'How fast is this device?' }).click();
  await expect(page).toHaveTitle(/How fast is this device/);
  await page.getByRole('link', { name: 'quick run' }).click();
  await expect(page.getByText('This is a quick run')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the pictures' }).click();
  await expect(page.getByRole('button', { name: 'Choose a picture' })).toBeVisible();
});
