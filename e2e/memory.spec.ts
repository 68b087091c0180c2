import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';
import { expect, makePicture, test } from './harness.js';

const SIZE = { width: 6000, height: 4000 };
const MEGABYTE = 1024 * 1024;

/** Resident bytes of all renderer processes, from the kernel. */
async function rendererBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let bytes = 0;
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
    bytes += Number(resident?.[1] ?? 0) * 1024;
  }
  return bytes;
}

test('a 24-megapixel picture stays within the documented formula', async ({ openApp, browser }) => {
  test.skip(process.platform !== 'linux', 'reads /proc');
  test.setTimeout(300_000);
  const { page } = await openApp();
  const picture = await makePicture(page, { ...SIZE, type: 'image/jpeg' });
  // Same-size model: the output is as large as the input, and the whole takes seconds.
  const call = { model: 'tintype-restore', output: { type: 'image/jpeg' } } as const;
  const estimate = await page.evaluate(
    ({ picture, call }) => new window.tintype.InferenceClient().estimate({ inputs: picture, model: call.model }),
    { picture, call },
  );
  const before = await rendererBytes(browser);
  let peak = 0;
  let running = true;
  const result = page
    .evaluate(
      async ({ picture, call }) => {
        const client = new window.tintype.InferenceClient();
        const blob = await client.imageToImage({ inputs: picture, model: call.model }, { output: call.output });
        const bitmap = await createImageBitmap(blob);
        const size = [bitmap.width, bitmap.height];
        bitmap.close();
        await client.dispose();
        return size;
      },
      { picture, call },
    )
    .finally(() => {
      running = false;
    });
  while (running) {
    peak = Math.max(peak, await rendererBytes(browser));
    await page.waitForTimeout(50).catch(() => {});
  }
  console.log(
    `24 MP: grew ${Math.round((peak - before) / MEGABYTE)} MiB; formula ${Math.round(estimate.peakBytes / MEGABYTE)} MiB`,
  );
  expect(await result).toEqual([SIZE.width, SIZE.height]);
  const grown = peak - before;
  // Beside the formula: the browser's bitmap while it is read, the encoder's own copy, and the result decoded by this test.
  const slack = 2 * SIZE.width * SIZE.height * 4 + 32 * MEGABYTE;
  expect(
    grown,
    `grew ${Math.round(grown / MEGABYTE)} MiB, formula ${Math.round(estimate.peakBytes / MEGABYTE)} MiB`,
  ).toBeLessThanOrEqual(estimate.peakBytes + slack);
  // The detector works: a run that held nothing would mean that the wrong processes were read.
  expect(grown).toBeGreaterThan(2 * SIZE.width * SIZE.height * 4);
});
