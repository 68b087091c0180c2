import type { Page } from '@playwright/test';
import { callInPage, expect, makePicture, test } from './harness.js';

/** What {@link callWhile} tells. */
interface Outcome {
  readonly sha256?: string;
  readonly code?: string;
  readonly message?: string;
  readonly warnings: readonly string[];
  readonly tiles: number;
}

type Victim = 'loader' | 'pipeline' | 'one engine' | 'all engines' | 'dispose' | 'nobody';

/**
 * Runs a picture in small tiles on a client of its own kind, with `victim` ended by `terminate()` after the first tile: a
 * death without any event, as a browser under pressure deals it.
 */
async function callWhile(page: Page, victim: Victim, size = { width: 640, height: 480 }): Promise<Outcome> {
  const picture = await makePicture(page, size);
  return await page.evaluate(
    async ({ picture, victim }) => {
      const scope = window as typeof window & {
        victims?: Map<string, Worker[]>;
        rescued?: InstanceType<typeof window.tintype.InferenceClient>;
      };
      if (!scope.victims) {
        const victims = new Map<string, Worker[]>();
        const Real = window.Worker;
        window.Worker = class extends Real {
          constructor(url: string | URL, options?: WorkerOptions) {
            super(url, options);
            const kind = options?.name ?? '';
            victims.set(kind, [...(victims.get(kind) ?? []), this]);
          }
        };
        scope.victims = victims;
        scope.rescued = new window.tintype.InferenceClient();
      }
      const { victims, rescued: client } = scope;
      if (!client) throw new Error('No client.');
      const latest = (kind: string): Worker | undefined => victims.get(kind)?.at(-1);
      const strike = (): void => {
        if (victim === 'loader') latest('tintype-loader')?.terminate();
        if (victim === 'pipeline') latest('tintype-pipeline')?.terminate();
        if (victim === 'one engine') latest('tintype-engine')?.terminate();
        if (victim === 'all engines') for (const engine of victims.get('tintype-engine') ?? []) engine.terminate();
        if (victim === 'dispose') void client.dispose();
      };
      let tiles = 0;
      let warnings: string[] = [];
      try {
        const blob = await client.imageToImage(
          { inputs: picture },
          {
            tile: { maxSidePx: 64 },
            onTile: () => {
              if (tiles++ === 0) strike();
            },
            onReport: (report) => {
              warnings = report.warnings.map((warning) => warning.code);
            },
          },
        );
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        return { sha256: digest.join(), warnings, tiles };
      } catch (caught) {
        const { code, message } = caught as Error & { code?: string };
        return { warnings, tiles, message, ...(code === undefined ? {} : { code }) };
      }
    },
    { picture, victim },
  );
}

for (const victim of ['one engine', 'all engines', 'loader'] as const) {
  test(`${victim} dying in the middle of a call changes nothing in its result`, async ({ openApp }) => {
    const { page } = await openApp();
    const calm = await callWhile(page, 'nobody');
    expect(calm.sha256).toBeDefined();
    expect(calm.warnings).toEqual([]);
    const struck = await callWhile(page, victim);
    expect(struck.sha256).toBe(calm.sha256);
    // Each tile is delivered once, also those that were run twice.
    expect(struck.tiles).toBe(calm.tiles);
    expect((await callWhile(page, 'nobody')).sha256).toBe(calm.sha256);
  });
}

test('an engine lost with a tile in it is told as a warning', async ({ openApp }) => {
  const { page } = await openApp();
  await callWhile(page, 'nobody');
  // At the first tile every engine has its next one, so at least one is lost.
  expect((await callWhile(page, 'all engines')).warnings).toContain('engine-restarted');
});

test('the pipeline worker dying rejects the call, and the next one works', async ({ openApp }) => {
  const { page } = await openApp();
  const calm = await callWhile(page, 'nobody');
  expect(await callWhile(page, 'pipeline')).toMatchObject({ code: 'worker-crashed' });
  expect((await callWhile(page, 'nobody')).sha256).toBe(calm.sha256);
});

test('dispose in the middle of a call settles it, and later calls say what to do', async ({ openApp }) => {
  const { page } = await openApp();
  expect(await callWhile(page, 'dispose')).toMatchObject({ code: 'worker-crashed' });
  expect((await callWhile(page, 'nobody')).message).toMatch(/Make a new InferenceClient/);
});

test('dispose and idling return every worker', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 64, height: 48 });
  await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient(undefined, { idleMs: 50 });
    await client.imageToImage({ inputs: picture });
  }, picture);
  await expect.poll(() => page.workers().length).toBe(0);
  await page.evaluate(async (picture) => {
    // Far longer than this test: only dispose() can end them.
    const client = new window.tintype.InferenceClient(undefined, { idleMs: 2 ** 30 });
    await client.imageToImage({ inputs: picture });
    await client.dispose();
  }, picture);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('calls made at once run one after another, and all settle; one aborted in the queue leaves the others alone', async ({
  openApp,
}) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 200, height: 150 });
  const outcome = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const controller = new AbortController();
    const calls = ['tintype-sr-x2', 'tintype-restore', 'tintype-sr-x3', 'tintype-sr-x2'].map((model, at) =>
      client.imageToImage({ inputs: picture, model }, at === 1 ? { signal: controller.signal } : {}),
    );
    controller.abort('changed my mind');
    const settled = await Promise.allSettled(calls);
    const widths: unknown[] = [];
    for (const result of settled) {
      widths.push(result.status === 'fulfilled' ? (await createImageBitmap(result.value)).width : result.reason);
    }
    return widths;
  }, picture);
  expect(outcome).toEqual([400, 'changed my mind', 600, 400]);
});

test('a loader that dies in the middle of a download settles the call, and the next one works', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 300, height: 200 });
  const shaken = await callInPage(page, { picture, killAt: { phase: 'download', worker: 'loader' } });
  expect(shaken.reports).toHaveLength(1);
  // The bytes may have been through already.
  if (shaken.error === undefined) expect(shaken.blob).toMatchObject({ width: 600, height: 400 });
  else expect(shaken.error).toMatchObject({ code: 'worker-crashed' });
  expect((await callInPage(page, { picture })).blob).toMatchObject({ width: 600, height: 400 });
});
