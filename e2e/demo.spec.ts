import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { repositoryRoot } from '../tools/repository.js';
import { expect, test } from './harness.js';
import { encodePng } from './png.js';

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

test('the keyboard keeps its place when what it pressed goes away', async ({ openApp }) => {
  const { page, server } = await openApp({ folder });
  const stage = page.locator('#stage');
  await chooseFile(page, { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') });
  await expect(page.getByRole('alert')).toContainText('broken.png: ');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  await page.getByRole('button', { name: 'Dismiss' }).press('Enter');
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(stage).toBeFocused();

  server.addFault({ path: /samples\/chelsea\.png$/, effect: 500, times: 1 });
  await page.getByRole('button', { name: 'Sample: Cat' }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('The sample "Cat"');
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(stage).toBeFocused();
  const download = page.getByRole('link', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#picture-name')).toHaveText('chelsea.png');

  const first = (await download.getAttribute('href')) ?? '';
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await run.press('Enter');
  await expect(run).toBeFocused();
  await expect(download).not.toHaveAttribute('href', first);
  await expect(download).toBeVisible({ timeout: 60_000 });
  await expect(run).toBeFocused();

  await page.getByRole('button', { name: /^Remove \S+ from this device$/ }).press('Enter');
  await expect(page.locator('#stored-facts')).toContainText('No models are stored');
  await expect(page.locator('#model-picker input:checked:focus')).toHaveCount(1);
});

test('a sample that comes late does not replace a picture chosen since', async ({ openApp }) => {
  const { page, server } = await openApp({ folder });
  server.addFault({ path: /samples\/coffee\.png$/, effect: 'stall' });
  const givenUp = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/samples/coffee.png'));
  const button = page.getByRole('button', { name: 'Sample: Cup of coffee' });
  await button.click();
  await expect(button).toHaveAttribute('aria-busy', 'true');
  await chooseFile(page, sample);
  await givenUp;
  await expect(button).not.toHaveAttribute('aria-busy');
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#picture-name')).toHaveText('chelsea.png');
  await expect(page.getByRole('alert')).toBeHidden();
});

test('a control changed while a new picture is still being read does not lose the picture', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, sample);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  // In one task, so that the header cannot have been read between the two.
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30);
    canvas.getContext('2d')?.fillRect(0, 0, 40, 30);
    const blob = await canvas.convertToBlob();
    const input = document.querySelector<HTMLInputElement>('#file');
    const clean = [...document.querySelectorAll('label')].find((label) => label.textContent?.trim() === 'Clean');
    if (!input || !clean) throw new Error('The page has changed.');
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], 'second.png'));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    clean.click();
  });
  await expect(page.locator('#picture-name')).toHaveText('second.png');
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  expect(await downloadedSize(page)).toEqual([40, 30]);
});

test('an invalid exact size takes the result away and runs nothing', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, sample);
  const download = page.getByRole('link', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  await page.getByText('More options').click();
  const width = page.getByRole('spinbutton', { name: 'Width' });
  await width.fill('0');
  await width.press('Tab');
  await expect(width).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#outcome')).toContainText('exact size cannot be used');
  await expect(download).toBeHidden();
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  await expect(width).toBeFocused();
  await expect(page.getByRole('progressbar')).toBeHidden();
  await width.fill('300');
  await width.press('Tab');
  await expect(download).toBeVisible({ timeout: 60_000 });
  expect(await downloadedSize(page)).toEqual([300, 200]);
});

test('a picture that is too large is refused in words for people', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  const buffer = encodePng({ width: 1, height: 1, data: new Uint8Array(4) });
  // Only the header is read before a picture is refused for its size.
  buffer.writeUInt32BE(40_000, 16);
  buffer.writeUInt32BE(40_000, 20);
  buffer.writeUInt32BE(crc32(buffer.subarray(12, 29)), 29);
  await chooseFile(page, { name: 'map.png', mimeType: 'image/png', buffer });
  await expect(page.getByRole('alert')).toContainText(
    'map.png: The picture has 40000 × 40000 pixels (1,600 megapixels)',
  );
  await expect(page.getByRole('alert')).not.toContainText('maxInputPixels');
});

test('the processor that was asked for is used, and the result says so', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, sample);
  const download = page.getByRole('link', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  const report = page.locator('#report');
  await page.getByRole('button', { name: 'How it ran' }).click();
  await expect(report).toContainText('Ran on the processor (WASM), for the browser offers no graphics adapter.');
  await report.getByRole('button', { name: 'Close' }).click();

  await page.getByText('More options').click();
  await expect(page.locator('#device-hint')).toContainText('no graphics adapter');
  await page.getByRole('radio', { name: 'Processor (WASM)' }).check();
  await expect(page.locator('#outcome')).toContainText('Ran in this page on the processor (WASM)');
  await expect(download).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'How it ran' }).click();
  await expect(report).toContainText('Ran on the processor (WASM), as you chose under More options.');
  // For this visit, however often the page is opened.
  await page.reload();
  await page.getByText('More options').click();
  await expect(page.getByRole('radio', { name: 'Processor (WASM)' })).toBeChecked();
});

test('graphics that cannot be had are refused in words for people, with a way out', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  await chooseFile(page, sample);
  const download = page.getByRole('link', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  await page.getByText('More options').click();
  const graphics = page.getByRole('radio', { name: 'Graphics (WebGPU)' });
  await graphics.check();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The graphics (WebGPU) cannot be used here');
  await expect(alert).toContainText('The browser offers no graphics adapter. Turn hardware acceleration on');
  await expect(alert).toBeInViewport();
  await expect(download).toBeHidden();
  await expect(page.locator('#outcome')).toHaveText('');
  await expect(graphics).toBeFocused();
  await alert.getByRole('button', { name: 'Use Automatic' }).press('Enter');
  await expect(alert).toBeHidden();
  await expect(page.locator('#stage')).toBeFocused();
  await expect(page.getByRole('radio', { name: 'Automatic' })).toBeChecked();
  await expect(download).toBeVisible({ timeout: 60_000 });
  expect(await downloadedSize(page)).toEqual([902, 600]);
});

test('graphics that are only emulated do not begin by themselves', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  // As Chromium describes its software adapter to the page.
  await page.addInitScript(() => {
    const info = {
      vendor: 'google',
      architecture: 'swiftshader',
      device: '',
      description: '',
      isFallbackAdapter: true,
    };
    Object.defineProperty(navigator.gpu, 'requestAdapter', { value: async () => ({ info, features: new Set() }) });
  });
  await page.reload();
  await chooseFile(page, sample);
  const download = page.getByRole('link', { name: 'Download' });
  await expect(download).toBeVisible({ timeout: 60_000 });
  await page.getByText('More options').click();
  await expect(page.locator('#device-hint')).toContainText('emulated in software');
  await page.getByRole('radio', { name: 'Graphics (WebGPU)' }).check();
  await expect(page.locator('#outcome')).toContainText(
    'emulated in software here: this may take many minutes. Press Run',
  );
  await expect(download).toBeHidden();
  await page.getByRole('radio', { name: 'Automatic' }).check();
  await expect(download).toBeVisible({ timeout: 60_000 });
});

test('where both devices were timed, the result shows both times', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  // An adapter that is taken for a real one, and a measurement of an earlier visit; the device itself is never opened.
  await page.addInitScript(() => {
    const info = { vendor: 'test', architecture: '', device: '', description: '', isFallbackAdapter: false };
    Object.defineProperty(navigator.gpu, 'requestAdapter', { value: async () => ({ info, features: new Set() }) });
    const { getItem } = Storage.prototype;
    Storage.prototype.getItem = function (key) {
      if (!key.startsWith('tintype:device:')) return getItem.call(this, key);
      return JSON.stringify({ device: 'wasm', msPerMegapixel: { wasm: 900, webgpu: 4200 } });
    };
  });
  await page.reload();
  await chooseFile(page, sample);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'How it ran' }).click();
  const report = page.locator('#report');
  await expect(report).toContainText('the faster of both when this model was timed here before');
  await expect(report).toContainText(/Processor, timed\s*900 ms per megapixel/);
  await expect(report).toContainText(/Graphics, timed\s*4\.2 s per megapixel/);
});

test('nothing is said on the console', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  const lines: string[] = [];
  page.on('console', (message) => {
    // Chromium's own remark whenever a page asks for a graphics adapter and there is none.
    if (message.text() === 'No available adapters.') return;
    if (['error', 'warning'].includes(message.type())) lines.push(message.text());
  });
  page.on('pageerror', (error) => lines.push(String(error)));
  await page.reload();
  await chooseFile(page, sample);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  expect(lines).toEqual([]);
});
