// `npm run test:browser [-- spec or options of Playwright]`: finds or installs a Chromium, then runs the browser tests.
import { findOrInstallBrowser } from './find-browser.js';
import { runTool } from './run-tool.js';

const browser = findOrInstallBrowser();
console.log(`Browser: ${browser.path} (${browser.from})`);
process.exitCode = runTool('@playwright/test', ['test', ...process.argv.slice(2)], 'playwright', {
  env: { TINTYPE_BROWSER: browser.path },
});
