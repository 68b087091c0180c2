import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type JSHandle, type Page } from '@playwright/test';
import { type ServeOptions, serveFolder, type TestServer } from '../e2e/server.js';
import { findOrInstallBrowser, launchArgs } from '../tools/find-browser.js';
import type { Settings, Side } from './page/side.js';
import { sizeOfPicture } from './pictures.js';

/** One timed run of a side. */
export interface Timed {
  /** From Blob to Blob, by the page's clock. */
  readonly ms: number;
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
}

/** A side's settings as node has them: things in the page are handles. */
export interface HandledSettings {
  readonly model: string;
  readonly engines: number;
  readonly [key: string]: unknown;
}

/** A page of the bench, on a server of its own, in a browser context of its own: nothing cached. */
export interface BenchPage {
  readonly page: Page;
  readonly server: TestServer;
  /** Makes and prepares a side. Settings may hold handles of things in the page. */
  side(name: string, settings: HandledSettings): Promise<JSHandle<Side>>;
  /** Runs a side once and times it. */
  time(side: JSHandle<Side>, picture: JSHandle<Blob>): Promise<Timed>;
  /** Runs a side once and keeps the result. */
  result(side: JSHandle<Side>, picture: JSHandle<Blob>): Promise<JSHandle<Blob>>;
  /** @param size Megapixels, of `PICTURE_SIZES`; or width and height. */
  picture(size: number | readonly [number, number]): Promise<JSHandle<Blob>>;
  close(): Promise<void>;
}

/** Where everything is measured. */
export interface Lab {
  readonly browser: Browser;
  /** What is served. */
  readonly folder: string;
  /** Engines and threads that every side may use. */
  readonly engines: number;
  open(options?: Omit<ServeOptions, 'folder'>): Promise<BenchPage>;
  close(): Promise<void>;
}

/** Starts Chromium. @param folder The built page. */
export async function openLab(folder: string, engines: number): Promise<Lab> {
  const { path } = findOrInstallBrowser();
  const browser = await chromium.launch({ executablePath: path, args: launchArgs() });
  const open = async (options?: Omit<ServeOptions, 'folder'>): Promise<BenchPage> => {
    const server = await serveFolder({ folder, ...options });
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`   page: ${message.text()}`);
    });
    await page.goto(`${server.origin}/`);
    const close = async (): Promise<void> => {
      await context.close();
      await server.stop();
    };
    return { page, server, ...actions(page), picture: (size) => openPicture(page, folder, size), close };
  };
  return { browser, folder, engines, open, close: () => browser.close() };
}

function actions(page: Page): Pick<BenchPage, 'side' | 'time' | 'result'> {
  return {
    side: (name, settings) =>
      page.evaluateHandle(
        async ([name, settings]) => {
          const side = await window.bench.create(name);
          await side.prepare(settings as Settings);
          return side;
        },
        [name, settings] as const,
      ),
    time: (side, picture) =>
      page.evaluate(
        async ([side, picture]) => {
          const started = performance.now();
          const { blob, timingsMs = {} } = await side.run(picture);
          return { ms: performance.now() - started, timingsMs, sizeBytes: blob.size };
        },
        [side, picture] as const,
      ),
    result: (side, picture) =>
      page.evaluateHandle(async ([side, picture]) => (await side.run(picture)).blob, [side, picture] as const),
  };
}

/** Pictures are drawn once and served as files, so that drawing leaves nothing behind in the page that is measured. */
async function openPicture(
  page: Page,
  folder: string,
  size: number | readonly [number, number],
): Promise<JSHandle<Blob>> {
  const [width, height] = typeof size === 'number' ? sizeOfPicture(size) : size;
  const file = join(folder, 'pictures', `${width}x${height}.jpg`);
  if (!existsSync(file)) writeFileSync(file, Buffer.from(await drawElsewhere(page, width, height), 'base64'));
  return page.evaluateHandle(async (path) => {
    const bytes = await (await fetch(path)).arrayBuffer();
    return new Blob([bytes], { type: 'image/jpeg' });
  }, `/pictures/${width}x${height}.jpg`);
}

async function drawElsewhere(page: Page, width: number, height: number): Promise<string> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('The browser is gone.');
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(page.url());
  const url = await other.evaluate(
    async ([width, height]) => {
      const blob = await window.bench.drawPicture(width, height);
      return await new Promise<string>((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result));
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
      });
    },
    [width, height] as const,
  );
  await context.close();
  return url.slice(url.indexOf(',') + 1);
}
