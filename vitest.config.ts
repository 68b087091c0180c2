import { defineConfig } from 'vitest/config';

// Unit tests run in node: everything pure, and the worker APIs over a MessageChannel. Browsers belong to Playwright (e2e/).
export default defineConfig({
  test: {
    include: ['{src,workers,models,testing,tools,demo,bench}/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    retry: 0,
    // A test left alone by `.only` must not pass for all of them.
    allowOnly: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'build/vitest-report.json' },
  },
});
