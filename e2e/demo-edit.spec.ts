import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { build, type Plugin } from 'vite';
import { repositoryRoot } from '../tools/repository.js';
import { expect, test } from './harness.js';
import { encodePng } from './png.js';

// Not the folder that demo.spec.ts builds: the two may run side by side.
const folder = join(repositoryRoot, 'build', 'demo-edit');
const folderWithMask = join(repositoryRoot, 'build', 'demo-edit-mask');
const sample = join(repositoryRoot, 'demo', 'public', 'samples', 'chelsea.png');

// One worker process, so that the pages are built once.
test.describe.configure({ mode: 'default' });

/**
 * The demo with a model that takes a mask, for none of the catalogue does: the page's client says so of the model it has, keeps what it
 * is called with, and gives the picture back.
 */
const clientWithMask: Plugin = {
  name: 'client-with-mask',
  enforce: 'pre',
  load(id) {
    if (id !== join(repositoryRoot, 'demo', 'main.ts')) return undefined;
    return `
      import { InferenceClient } from 'tintype';
      import { Studio } from './studio.js';
      const client = new InferenceClient();
      window.calls = [];
      new Studio({
        estimate: (args, options) => client.estimate(args, options),
        storage: client.storage,
        models: {
          get: (id) => client.models.get(id),
          list: async () => (await client.models.list()).map((model) =>
            model.task === 'prompted-editing' ? { ...model, honours: [...model.honours, 'mask_image'] } : model),
        },
        async imageToImage(args, { onReport }) {
          window.calls.push(args.parameters);
          const report = { where: 'in-page', reason: 'in-page-default', model: args.model, warnings: [], timingsMs: {} };
          onReport({ ...report, parameters: { seed: 1 }, bytes: { down: 0, up: 0 }, outcome: 'done' });
          return args.inputs;
        },
        dispose: () => client.dispose(),
      }).open();
    `;
  },
};

test.beforeAll(async () => {
  const configFile = join(repositoryRoot, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  const plugins = [clientWithMask];
  await build({ configFile, logLevel: 'warn', plugins, build: { outDir: folderWithMask, emptyOutDir: true } });
});

/** A small picture without a grey pixel in it: the left half red, the right half blue. */
async function chooseSmall(page: Page, width = 96, height = 64): Promise<void> {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    data.set(at % width < width / 2 ? [200, 60, 40, 255] : [40, 80, 190, 255], at * 4);
  }
  const buffer = encodePng({ width, height, data });
  await page.getByLabel('Picture file').setInputFiles({ name: 'small.png', mimeType: 'image/png', buffer });
  await expect(page.locator('#picture-name')).toHaveText('small.png');
}

async function runPrompt(page: Page, prompt: string): Promise<void> {
  const count = await page.locator('#history-list > li').count();
  await page.getByRole('textbox', { name: 'What to change' }).fill(prompt);
  await page.getByRole('textbox', { name: 'What to change' }).press('Control+Enter');
  await expect(page.locator('#history-list > li')).toHaveCount(count + 1, { timeout: 60_000 });
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible();
}

/** From now on the page knows which of its object URLs are not revoked yet. */
async function countBlobUrls(page: Page): Promise<void> {
  await page.evaluate(() => {
    const blobUrls = new Set<string>();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob: Blob) => {
      const url = createObjectURL.call(URL, blob);
      blobUrls.add(url);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      blobUrls.delete(url);
      revokeObjectURL.call(URL, url);
    };
    Object.assign(window, { blobUrls });
  });
}

/** RGB of one pixel of the result that is shown. */
function resultPixel(page: Page, x: number, y: number): Promise<readonly number[]> {
  return page.locator('#after').evaluate(
    async (image: HTMLImageElement, [x, y]) => {
      await image.decode();
      const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
      context?.drawImage(image, 0, 0);
      return [...(context?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3);
    },
    [x, y] as const,
  );
}

function chroma(pixel: readonly number[]): number {
  return Math.max(...pixel) - Math.min(...pixel);
}

test('the picture stays when the mode changes, and a prompt edits it', async ({ openApp }) => {
  const { page, server, foreignRequests } = await openApp({ folder });
  await chooseSmall(page);
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('radio', { name: 'Edit by prompt' }).check();
  await expect(page.locator('#picture-name')).toHaveText('small.png');
  await expect(page.getByText('27 edits in many wordings')).toBeVisible();
  // The model of the catalogue takes no mask.
  await expect(page.getByRole('button', { name: 'Paint where' })).toBeHidden();
  await expect(page.getByRole('progressbar')).toBeHidden();

  await runPrompt(page, 'convert the image to grayscale');
  for (const x of [10, 80]) expect(chroma(await resultPixel(page, x, 30))).toBeLessThan(12);
  await expect(page.locator('#result-note')).toContainText(/^“convert the image to grayscale” · 4 steps · seed \d+$/);
  await expect(page.locator('#outcome')).toContainText('0 bytes of your picture were uploaded');
  await expect(page.locator('#warnings')).toBeHidden();
  expect(foreignRequests).toEqual([]);
  expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);

  await page.getByRole('radio', { name: 'Enlarge & restyle' }).check();
  await expect(page.locator('#picture-name')).toHaveText('small.png');
  await expect(page.locator('#history')).toBeHidden();
});

test('an example runs with one press; results can be looked at, compared, taken on and taken away', async ({
  openApp,
}) => {
  const { page } = await openApp({ folder, path: '/#edit' });
  await countBlobUrls(page);
  await chooseSmall(page);
  await page.getByText('All 27 edits').click();
  const history = page.getByRole('region', { name: 'Results so far' });
  const items = history.getByRole('listitem');
  await page.getByRole('button', { name: 'Negative', exact: true }).click();
  await expect(items).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByRole('textbox', { name: 'What to change' })).toHaveValue('invert the image');
  expect((await resultPixel(page, 10, 30))[0]).toBeLessThan(90);
  await page.getByRole('button', { name: 'Darker', exact: true }).click();
  await expect(items).toHaveCount(2, { timeout: 60_000 });

  const [darker, negative] = [
    history.getByRole('button', { name: /^decrease the brightness/ }),
    history.getByRole('button', { name: /^invert the image/ }),
  ];
  await expect(darker).toHaveAttribute('aria-pressed', 'true');
  await negative.press('Enter');
  await expect(negative).toHaveAttribute('aria-pressed', 'true');
  await expect(negative).toBeFocused();
  await expect(page.locator('#result-note')).toContainText('invert the image');

  await page.getByRole('combobox', { name: 'Compare with' }).selectOption({ index: 1 });
  const divider = page.getByRole('slider', { name: 'Compare “decrease the brightness” and “invert the image”' });
  await expect(divider).toBeVisible();
  await page.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'the original' });
  await expect(page.getByRole('slider', { name: 'Compare before and after' })).toBeVisible();

  await page.getByRole('button', { name: 'Use as input' }).click();
  await expect(page.locator('#picture-name')).toHaveText(/^small-invert-the-image-\d+\.png$/);
  await expect(page.locator('#outcome')).toContainText('The result is now the picture.');
  await expect(negative).toHaveAttribute('aria-pressed', 'false');
  // Back to an earlier result, and with it to the picture that it was made from.
  await darker.click();
  await expect(page.locator('#picture-name')).toHaveText('small.png');

  await history.getByRole('button', { name: /^Remove “decrease/ }).press('Enter');
  await expect(items).toHaveCount(1);
  await expect(negative).toBeFocused();
  await expect(page.getByRole('link', { name: 'Download' })).toBeHidden();
  await history.getByRole('button', { name: /^Remove/ }).click();
  await expect(history).toContainText('Results will be kept here');
  // All that was shown and is not any more has been given back: only the picture itself is left.
  await expect
    .poll(() => page.evaluate(() => (window as typeof window & { blobUrls: Set<string> }).blobUrls.size))
    .toBe(1);
});

test('the steps are shown while they are made, and can be cancelled', async ({ openApp }) => {
  const { page } = await openApp({ folder, path: '/#edit' });
  await page.getByLabel('Picture file').setInputFiles(sample);
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('20');
  await expect(page.getByRole('slider', { name: 'Steps' })).toHaveValue('20');
  await page.getByRole('textbox', { name: 'What to change' }).fill('add snow');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('#progress-label')).toContainText(/^Step \d+ of 20/, { timeout: 60_000 });
  const painted = () => page.locator('#tiles').evaluate((canvas: HTMLCanvasElement) => canvas.width);
  await expect.poll(painted, { timeout: 60_000 }).toBeGreaterThan(400);
  await page.keyboard.press('Escape');
  await expect(page.locator('#outcome')).toHaveText('Cancelled. Press Run to begin again.');
  await expect(page.getByRole('progressbar')).toBeHidden();
  expect(await painted()).toBe(0);
  await expect(page.locator('#history-list > li')).toHaveCount(0);
});

test('a seed repeats a result, and the seed that was used is told', async ({ openApp }) => {
  const { page } = await openApp({ folder, path: '/#edit' });
  await chooseSmall(page);
  const pixels = async () => (await Promise.all([3, 17, 40, 71].map((x) => resultPixel(page, x, 9)))).flat();
  await runPrompt(page, 'add film grain');
  const first = await pixels();
  const used = (await page.locator('#seed-used').textContent()) ?? '';
  expect(used).toMatch(/^\d+$/);
  await page.getByRole('button', { name: 'Take it again' }).click();
  const seed = page.getByRole('textbox', { name: 'Seed' });
  await expect(seed).toHaveValue(used);
  await runPrompt(page, 'add film grain');
  expect(await pixels()).toEqual(first);
  await page.getByRole('button', { name: 'Roll a seed' }).click();
  await expect(seed).not.toHaveValue(used);
  await runPrompt(page, 'add film grain');
  expect(await pixels()).not.toEqual(first);
});

test('what cannot be run is said at once, in its place', async ({ openApp }) => {
  const { page } = await openApp({ folder, path: '/#edit' });
  const prompt = page.getByRole('textbox', { name: 'What to change' });
  await prompt.fill('add snow');
  await prompt.press('Control+Enter');
  await expect(page.locator('#outcome')).toHaveText('Choose a picture first.');
  await chooseSmall(page);
  await prompt.fill('  ');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(prompt).toBeFocused();
  await expect(prompt).toHaveAttribute('aria-invalid', 'true');
  await prompt.fill('add snow');
  const guidance = page.getByRole('spinbutton', { name: 'Guidance', exact: true });
  await guidance.fill('99');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(guidance).toBeFocused();
  await expect(guidance).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('progressbar')).toBeHidden();
});

test('numbers and sizes reach the library', async ({ openApp }) => {
  const { page } = await openApp({ folder, path: '/#edit' });
  await page.getByLabel('Picture file').setInputFiles(sample);
  await page.getByRole('radio', { name: '256' }).check();
  await expect(page.locator('#estimate')).toContainText('256 × 170 px');
  await page.getByText('More for this edit').click();
  await page.getByRole('textbox', { name: 'negative prompt' }).fill('make it blue');
  await page.getByRole('spinbutton', { name: 'Guidance', exact: true }).fill('1.5');
  await page.getByRole('spinbutton', { name: 'Image guidance' }).fill('1.2');
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('2');
  await page.getByRole('textbox', { name: 'Seed' }).fill('0');
  await runPrompt(page, 'do nothing');
  await expect(page.locator('#result-note')).toHaveText(
    '“do nothing” · 2 steps · guidance 1.5 · image guidance 1.2 · seed 0',
  );
  await expect(page.locator('#result-facts')).toContainText('256 × 170 px');
  await expect(page.locator('#warnings')).toBeHidden();
});

test('a phone needs no sideways scrolling, and nothing is said on the console', async ({ openApp }) => {
  const { page } = await openApp({ folder });
  const lines: string[] = [];
  page.on('console', (message) => {
    // Chromium's own remark whenever a page asks for a graphics adapter and there is none.
    if (message.text() === 'No available adapters.') return;
    if (['error', 'warning'].includes(message.type())) lines.push(message.text());
  });
  page.on('pageerror', (error) => lines.push(String(error)));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${new URL(page.url()).origin}/#edit`);
  await page.reload();
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await chooseSmall(page);
  for (const prompt of ['make it look like sunset', 'add snow', 'add fog', 'turn the image into a pencil sketch']) {
    await runPrompt(page, prompt);
  }
  await page.getByText('All 27 edits').click();
  await page.getByText('More for this edit').click();
  await page.getByText('More options').click();
  expect(await overflow()).toBe(0);
  await page.getByRole('radio', { name: 'Enlarge & restyle' }).check();
  expect(await overflow()).toBe(0);
  expect(lines).toEqual([]);
});

/** What the mask of the last call says of some places: 255 where the picture may change. */
async function maskAt(page: Page, places: readonly (readonly [number, number])[]): Promise<unknown> {
  return page.evaluate(async (places) => {
    const { calls } = window as typeof window & { calls: readonly { readonly mask_image?: Blob }[] };
    const mask = calls.at(-1)?.mask_image;
    if (mask === undefined) return 'no mask';
    const bitmap = await createImageBitmap(mask);
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const values = places.map(([x, y]) => [...(context?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3).join());
    return { type: mask.type, width: bitmap.width, height: bitmap.height, values };
  }, places);
}

test('where a model takes a mask, it can be painted with mouse and keys', async ({ openApp }) => {
  const { page } = await openApp({ folder: folderWithMask, path: '/#edit' });
  await chooseSmall(page, 200, 100);
  const begin = page.getByRole('button', { name: 'Paint where' });
  await expect(page.locator('#mask-state')).toHaveText('Nothing is painted: all of the picture may change.');
  await runPrompt(page, 'add snow');
  expect(await maskAt(page, [])).toBe('no mask');

  await begin.click();
  await expect(page.getByRole('slider', { name: 'Compare before and after' })).toBeHidden();
  const board = page.getByRole('application', { name: 'Mask over the picture' });
  await expect(board).toBeFocused();
  // A brush of 10 % of the longer side: 20 px. The keys begin in the middle.
  await board.press('Space');
  const box = await board.boundingBox();
  if (box === null) throw new Error('The mask is not shown.');
  const at = (x: number, y: number) => [box.x + (x / 200) * box.width, box.y + (y / 100) * box.height] as const;
  await page.mouse.move(...at(20, 20));
  await page.mouse.down();
  await page.mouse.move(...at(180, 20), { steps: 8 });
  await page.mouse.up();
  await page.mouse.move(...at(20, 80));
  await page.mouse.down();
  await page.mouse.up();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('radio', { name: 'Eraser' }).check();
  await page.mouse.move(...at(100, 20));
  await page.mouse.down();
  await page.mouse.up();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(begin).toBeHidden();
  await expect(page.getByRole('button', { name: 'Paint more' })).toBeFocused();
  await expect(page.locator('#mask-state')).toHaveText('Only what is painted may change.');

  await runPrompt(page, 'add fog');
  const white = '255,255,255';
  const black = '0,0,0';
  const places = [
    [100, 50],
    [30, 20],
    [170, 20],
    [100, 20],
    [20, 80],
    [199, 99],
  ] as const;
  expect(await maskAt(page, places)).toEqual({
    type: 'image/png',
    width: 200,
    height: 100,
    values: [white, white, white, black, black, black],
  });

  // Of another picture, nothing is painted.
  await chooseSmall(page, 120, 80);
  await expect(page.locator('#picture-size')).toHaveText('120 × 80 px');
  await expect(page.locator('#mask-state')).toHaveText('Nothing is painted: all of the picture may change.');
});

test('the mask is painted, cleared and brought back with keys alone', async ({ openApp }) => {
  const { page } = await openApp({ folder: folderWithMask, path: '/#edit' });
  await chooseSmall(page, 200, 100);
  await page.getByRole('button', { name: 'Paint where' }).press('Enter');
  const board = page.getByRole('application', { name: 'Mask over the picture' });
  await expect(board).toBeFocused();
  for (let press = 0; press < 6; press++) await page.keyboard.press('ArrowRight');
  await page.keyboard.down('Space');
  for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowDown');
  await page.keyboard.up('Space');
  await expect(page.locator('#announcer')).toHaveText('65% from the left, 70% from the top');
  await page.keyboard.press('e');
  await expect(page.getByRole('radio', { name: 'Eraser' })).toBeChecked();
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: 'Clear' }).press('Enter');
  await expect(page.locator('#mask-state')).toContainText('Nothing is painted');
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await board.focus();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Paint more' })).toBeFocused();

  await runPrompt(page, 'add snow');
  const places = [
    [130, 50],
    [130, 70],
    [100, 50],
    [160, 60],
  ] as const;
  const values = ['255,255,255', '255,255,255', '0,0,0', '0,0,0'];
  expect(await maskAt(page, places)).toMatchObject({ values });
});

test('one finger paints, two fingers zoom', async ({ openApp }) => {
  const { page } = await openApp({ folder: folderWithMask, path: '/#edit' });
  await chooseSmall(page, 200, 100);
  await page.getByRole('button', { name: 'Paint where' }).click();
  const box = await page.getByRole('application', { name: 'Mask over the picture' }).boundingBox();
  if (box === null) throw new Error('The mask is not shown.');
  const at = (x: number, y: number) => ({ x: box.x + (x / 200) * box.width, y: box.y + (y / 100) * box.height });
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: readonly { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: places.map((place, id) => ({ ...place, id })) });

  await touch('touchStart', at(20, 50));
  await touch('touchMove', at(60, 50));
  await touch('touchEnd');
  const content = () => page.locator('#frame').evaluate((frame) => frame.style.getPropertyValue('--content-width'));
  const before = Number.parseFloat(await content());
  await touch('touchStart', at(90, 80));
  await touch('touchStart', at(90, 80), at(110, 80));
  await touch('touchMove', at(70, 80), at(130, 80));
  await touch('touchEnd');
  expect(Number.parseFloat(await content())).toBeGreaterThan(1.5 * before);

  await runPrompt(page, 'add snow');
  const places = [
    [40, 50],
    [90, 80],
    [75, 80],
  ] as const;
  expect(await maskAt(page, places)).toMatchObject({ values: ['255,255,255', '0,0,0', '0,0,0'] });
});
