import { make } from '../page-elements.js';

/** Twice what it is shown at, for screens with small pixels. */
const SIDE_PX = 176;

/** A small square of the middle of a picture; it stays empty if the picture cannot be drawn. Holds no URL and no full-size pixels. */
export function thumbnailOf(blob: Blob): HTMLCanvasElement {
  const side = String(SIDE_PX);
  const canvas = make('canvas', { class: 'thumbnail', width: side, height: side, 'aria-hidden': 'true' });
  void draw(blob, canvas).catch(() => {});
  return canvas;
}

async function draw(blob: Blob, canvas: HTMLCanvasElement): Promise<void> {
  const bitmap = await createImageBitmap(blob);
  const side = Math.min(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    const left = (bitmap.width - side) / 2;
    const top = (bitmap.height - side) / 2;
    context.drawImage(bitmap, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
  }
  bitmap.close();
}
