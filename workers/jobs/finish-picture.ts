import { ImageToImageError } from '../../src/contract/errors.js';
import type { Picture } from '../../src/contract/picture.js';
import { resizeRows } from '../../src/core/image/resize.js';
import type { OutputSurface } from '../codec.js';
import type { JobContext } from './job-context.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Resamples a whole picture as diffusers does, across and then down with bytes in between, letting cancel and other messages in
 * between bands.
 */
export async function resizeTo(context: JobContext, source: Picture, size: Size): Promise<Picture> {
  const narrowed = await resizeAtOnce(context, source, { width: size.width, height: source.height });
  return resizeAtOnce(context, narrowed, size);
}

async function resizeAtOnce(context: JobContext, source: Picture, size: Size): Promise<Picture> {
  if (sameSize(source, size)) return source;
  const whole = emptyPicture(size);
  for (const band of resizeRows(source, size.width, size.height)) {
    whole.data.set(band.data, band.y * size.width * 4);
    await macrotask();
    context.throwIfCancelled();
  }
  return whole;
}

/** Resamples onto the surface, with progress; letting cancel and other messages in between bands. */
export async function resizeInto(
  context: JobContext,
  surface: OutputSurface,
  whole: Picture,
  size: Size,
): Promise<void> {
  context.progress({ phase: 'resize', done: 0, total: size.height, unit: 'steps' });
  for (const band of resizeRows(whole, size.width, size.height)) {
    surface.write({
      data: new Uint8Array(band.data.buffer),
      dataWidth: size.width,
      fromX: 0,
      fromY: 0,
      x: 0,
      y: band.y,
      width: size.width,
      height: band.rows,
    });
    context.progress({ phase: 'resize', done: band.y + band.rows, total: size.height, unit: 'steps' });
    await macrotask();
    context.throwIfCancelled();
  }
}

/** @throws ImageToImageError `out-of-memory` */
export function emptyPicture(size: Size): Picture {
  try {
    return { width: size.width, height: size.height, data: new Uint8Array(size.width * size.height * 4) };
  } catch (caught) {
    throw new ImageToImageError({
      code: 'out-of-memory',
      phase: 'run',
      message: `The browser refused memory for the model's output of ${size.width} x ${size.height} pixels. Use a smaller picture.`,
      details: { width: size.width, height: size.height },
      cause: String(caught),
    });
  }
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
