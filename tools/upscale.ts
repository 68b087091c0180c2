// `npm run upscale -- in.jpg out.png`: the page code itself, in a headless Chromium, so that the main job can be seen
// without a screen. The picture goes in by the file button and comes out as a download.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import { serveFolder } from '../e2e/server.js';
import { findOrInstallBrowser, launchArgs } from './find-browser.js';
import { repositoryRoot } from './repository.js';
import { describeReport, parseUpscaleArguments, type UpscaleCommand, USAGE, UsageError } from './upscale-arguments.js';
import type { UpscaleAnswer } from './upscale-page/main.js';

try {
  const command = inCallersFolder(parseUpscaleArguments(process.argv.slice(2)));
  if (!statSync(command.inputPath, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${command.inputPath}: no such file.`);
  }
  process.exitCode = await upscale(command);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}

/** npm runs scripts at the repository's root; the paths mean the folder that the caller stands in. */
function inCallersFolder(command: UpscaleCommand): UpscaleCommand {
  const folder = process.env.INIT_CWD ?? process.cwd();
  return { ...command, inputPath: resolve(folder, command.inputPath), outputPath: resolve(folder, command.outputPath) };
}

async function upscale(command: UpscaleCommand): Promise<number> {
  const folder = await buildPage();
  const server = await serveFolder({ folder, isIsolated: true, hasStrictCsp: true });
  const browser = await chromium.launch({ executablePath: findOrInstallBrowser().path, args: launchArgs() });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/`);
    await page.exposeFunction('showProgress', showProgress);
    await page.setInputFiles('input', command.inputPath);
    const answer = await run(page, command);
    console.log(
      answer.ok ? describeReport(answer.report, command).join('\n') : `${answer.code ?? 'Error'}: ${answer.message}`,
    );
    return answer.ok ? 0 : 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function run(page: Page, { model, targetSize, type, outputPath }: UpscaleCommand): Promise<UpscaleAnswer> {
  const downloading = page.waitForEvent('download', { timeout: 0 });
  // Without a result there is no download, and closing the page rejects the wait.
  downloading.catch(() => {});
  const answer = await page.evaluate((request) => window.upscale(request), { model, targetSize, type });
  if (answer.ok) await (await downloading).saveAs(outputPath);
  return answer;
}

/** Builds the page from the sources, as the demo is built. @returns The folder to serve. */
async function buildPage(): Promise<string> {
  const outDir = join(repositoryRoot, 'build', 'upscale');
  await build({
    configFile: false,
    root: join(repositoryRoot, 'tools', 'upscale-page'),
    logLevel: 'warn',
    resolve: { alias: { tintype: join(repositoryRoot, 'src', 'index.ts') } },
    build: { outDir, emptyOutDir: true },
  });
  return outDir;
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}\r`);
}
