import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

/** Short against the phases of a call, long against reading a few files. */
const POLL_MS = 20;

/** Whether {@link peakGrowth} works on this system: it reads /proc. */
export const canWatchRenderers: boolean = process.platform === 'linux';

/** The most that all renderer processes of a browser held while `work` ran, over what they held before. In bytes. */
export async function peakGrowth(browser: Browser, work: () => Promise<unknown>): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const resident = async (): Promise<number> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + residentBytes(id), 0);
  };
  const before = await resident();
  let peak = before;
  let isRunning = true;
  const done = work().finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    peak = Math.max(peak, await resident());
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await session.detach();
  await done;
  return peak - before;
}

function residentBytes(processId: number): number {
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // Ended since it was listed.
    return 0;
  }
}
