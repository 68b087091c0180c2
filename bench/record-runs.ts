import type { JSHandle } from '@playwright/test';
import type { BenchPage, HandledSettings } from './lab.js';
import type { Side } from './page/side.js';
import type { RawInputs } from './page/stages.js';
import { watchEngines } from './watch-engines.js';

/** Longer than any message is on its way. */
const NEWS_MS = 5000;

/** Of a record that holds nothing but tensors: itself, with all numbers. */
const INPUTS_OF_RUNS = `(value) => {
  const isTensor = (one) => one !== null && typeof one === 'object' && Array.isArray(one.dims) && ArrayBuffer.isView(one.data);
  const values = Array.isArray(value) ? [] : Object.values(value);
  return values.length > 0 && values.every(isTensor) ? value : undefined;
}`;

/**
 * What one engine of Tintype is given during a warm prompted call, run by run, in order. The numbers stay in the page: there are
 * too many to be carried about. Afterwards engines of this page are as without it.
 * @param expected Runs of all graphs together, by the model's way of working.
 * @throws Error if there were more or fewer.
 */
export async function recordRuns(
  { page, server, side: makeSide }: BenchPage,
  settings: HandledSettings & { readonly picture: JSHandle<Blob> },
  expected: number,
): Promise<JSHandle<readonly RawInputs[]>> {
  watchEngines(server, 'bench-runs', INPUTS_OF_RUNS);
  const side = await makeSide('tintype', { ...settings, engines: 1 });
  server.heal();
  const runs = await page.evaluateHandle(watchCall, [side, settings.picture, expected, NEWS_MS] as const);
  await page.evaluate((side) => side.dispose(), side);
  const count = await runs.evaluate(({ length }) => length);
  if (count !== expected) throw new Error(`${count} runs were seen, not ${expected}: watch the engines anew.`);
  return runs;
}

/** In the page. The side is warm already. */
async function watchCall([side, picture, expected, newsMs]: readonly [Side, Blob, number, number]): Promise<
  readonly RawInputs[]
> {
  const seen: RawInputs[] = [];
  const channel = new BroadcastChannel('bench-runs');
  channel.onmessage = (event: MessageEvent<RawInputs>) => seen.push(event.data);
  await side.run(picture);
  // The news of the last runs comes by another way than the result; a moment longer, for there must be no more.
  const started = performance.now();
  while (seen.length < expected && performance.now() - started < newsMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  channel.close();
  return seen;
}
