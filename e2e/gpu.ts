import type { Page } from '@playwright/test';
import { launchArgs } from '../tools/find-browser.js';
import type { OpenedApp } from './harness.js';

/** Starts Chromium with its software adapter: right for correctness, hundreds of times too slow for speed. */
export const GPU_ARGS: string[] = [...launchArgs(), '--enable-unsafe-webgpu'];

/** Takes the software adapter for a real one, as the browser's own page sees it. */
export async function hideThatItIsSoftware(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
  });
  await page.reload();
}

/** Lets the test destroy the device that the newest WebGPU engine has, as a driver reset would. */
export function giveDevicesAway({ server }: OpenedApp): void {
  server.addFault({
    path: /engine\.(?:jspi|asyncify)[^/]*\.js$/,
    effect: 'prepend',
    text: `{
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        const device = await requestDevice.apply(this, args);
        new BroadcastChannel('test-device').addEventListener('message', () => device.destroy());
        return device;
      };
    }`,
  });
}

/** Has WASM measured as the slower device: its clock runs a million times too fast. */
export function makeWasmSeemSlow({ server }: OpenedApp): void {
  server.addFault({
    path: /engine\.wasm[^/]*\.js$/,
    effect: 'prepend',
    text: '{ const now = performance.now.bind(performance); performance.now = () => now() * 1e6; }',
  });
}
