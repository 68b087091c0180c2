import { expect, test } from 'vitest';
import type { Picture, PixelWindow } from '../../src/contract/picture.js';
import type { JobEvent } from '../../src/contract/worker-apis.js';
import type { OutputSurface } from '../codec.js';
import { EnginePool } from '../engine-pool.js';
import { resizeInto, resizeTo } from './finish-picture.js';
import { createRunningJob, type RunningJob } from './job-context.js';

function job(): { readonly running: RunningJob; readonly events: JobEvent[] } {
  const events: JobEvent[] = [];
  const port = { postMessage: (event: JobEvent) => events.push(event), close: () => {} } as unknown as MessagePort;
  return { running: createRunningJob({} as never, new EnginePool(), port), events };
}

function ramp(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) data.set([(at % width) * 3, Math.floor(at / width) * 2, 40, 255], at * 4);
  return { width, height, data };
}

test('a picture of the wished size is handed on as it is; else it has exactly that size', async () => {
  const { context } = job().running;
  const source = ramp(60, 40);
  expect(await resizeTo(context, source, { width: 60, height: 40 })).toBe(source);
  const resized = await resizeTo(context, source, { width: 33, height: 90 });
  expect([resized.width, resized.height, resized.data.length]).toEqual([33, 90, 33 * 90 * 4]);
  // The middle of a ramp stays the middle.
  const at = (45 * 33 + 16) * 4;
  expect(Math.abs((resized.data[at] ?? 0) - 89)).toBeLessThanOrEqual(3);
  expect(Math.abs((resized.data[at + 1] ?? 0) - 39)).toBeLessThanOrEqual(2);
});

test('resizing onto a surface covers it once and tells each band', async () => {
  const { running, events } = job();
  const size = { width: 50, height: 700 };
  const rowsWritten: number[] = [];
  const surface = {
    write: ({ y, height, width, data }: PixelWindow) => {
      expect(width).toBe(50);
      expect(data.length).toBe(width * height * 4);
      for (let row = 0; row < height; row++) rowsWritten.push(y + row);
    },
  } as unknown as OutputSurface;
  await resizeInto(running.context, surface, ramp(20, 30), size);
  expect(rowsWritten).toEqual(Array.from({ length: 700 }, (_, row) => row));
  const told = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  expect(told[0]).toEqual({ phase: 'resize', done: 0, total: 700, unit: 'steps' });
  expect(told.at(-1)).toEqual({ phase: 'resize', done: 700, total: 700, unit: 'steps' });
});

test('a cancel is heeded between bands', async () => {
  const { running } = job();
  const resizing = resizeTo(running.context, ramp(300, 300), { width: 2000, height: 2000 });
  running.cancel();
  await expect(resizing).rejects.toMatchObject({ message: 'The job was cancelled.' });
});
