import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { repositoryRoot } from '../tools/repository.js';
import { expect, test } from './harness.js';

const folder = join(repositoryRoot, 'build', 'demo');
const sample = join(repositoryRoot, 'demo', 'public', 'samples', 'chelsea.png');

// One worker process, so that the page is built once.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  await build({ configFile: join(repositoryRoot, 'vite.config.ts'), logLevel: 'warn' });
});

async function chooseFile(
  page: Page,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  await page.getByLabel('Picture file').setInputFiles(file);
}

/** Width and height of the PNG that the download link gives, read from its header. */
async function downloadedSize(page: Page): Promise<readonly [number, number]> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const bytes = await readFile(await (await downloading).path());
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

for (const isIsolated of [true, false]) {
  test(`a chosen file is enlarged and can be downloaded (isolated: ${isIsolated})`, async ({ openApp }) => {
    const { page, server, foreignRequests } = await openApp({ folder, isIsolated });
    await chooseFile(page, sample);
    await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
    expect(await downloadedSize(page)).toEqual([902, 600]);
    await expect(page.getByRole('slider', { name: 'Compare before and after' })).toBeVisible();
    await expect(page.locator('#outcome')).toContainText('0 bytes of your picture were uploaded');
    expect(foreignRequests).toEqual([]);
    expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
  });
}

test('a broken file is a plain message, and the next picture works', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') });
  await expect(page.getByRole('alert')).toBeVisible();
  await chooseFile(page, sample);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('alert')).toBeHidden();
});

test('the divider follows the keyboard', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, sample);
  const divider = page.getByRole('slider', { name: 'Compare before and after' });
  await expect(divider).toBeVisible({ timeout: 60_000 });
  const before = Number(await divider.getAttribute('aria-valuenow'));
  await divider.press('ArrowRight');
  await expect.poll(async () => Number(await divider.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
  await divider.press('Home');
  await expect(divider).toHaveAttribute('aria-valuenow', '0');
});

test('nothing is said on the console', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  const lines: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) lines.push(message.text());
  });
  page.on('pageerror', (error) => lines.push(String(error)));
  await page.reload();
  await chooseFile(page, sample);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  expect(lines).toEqual([]);
});
