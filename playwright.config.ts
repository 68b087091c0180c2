import { defineConfig } from '@playwright/test';
import { findBrowser, launchArgs } from './tools/find-browser.js';

// `npm run test:browser` finds or installs a browser first and names it in TINTYPE_BROWSER; started by hand, this looks itself.
const browser = findBrowser();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  globalSetup: './e2e/pack.ts',
  outputDir: 'build/playwright',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: 'build/playwright-report.json' }]],
  use: {
    headless: true,
    launchOptions: { ...(browser === undefined ? {} : { executablePath: browser.path }), args: launchArgs() },
    trace: 'off',
  },
});
