import type { Size } from '../picture-viewport.js';

/** Cells of the noise, in pixels, from clouds to grain, and how much each counts. */
const OCTAVES = [
  { cellPx: 97, weight: 120 },
  { cellPx: 23, weight: 60 },
  { cellPx: 5, weight: 24 },
] as const;

/** Rows that are computed at a stretch: between them the page can be painted and Cancel pressed. */
const ROWS_AT_ONCE = 64;

/**
 * A picture that is the same on every device, as PNG. Its pixels are computed and not drawn, for browsers draw lines and
 * gradients each in their own way; soft areas, grain and hard edges cost a PNG about what a photograph does.
 * @throws The signal's reason
 */
export async function drawTestPicture({ width, height }: Size, signal: AbortSignal): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('This browser gave no canvas to draw the test picture on.');
  const image = context.createImageData(width, height);
  const radius = Math.min(width, height) * 0.3;
  for (let y = 0; y < height; y++) {
    if (y % ROWS_AT_ONCE === 0) {
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
    }
    for (let x = 0; x < width; x++) {
      const isInside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < radius ** 2;
      const light = noiseAt(x, y) + (isInside ? 60 : 0);
      const at = (y * width + x) * 4;
      image.data[at] = light + (80 * x) / width;
      image.data[at + 1] = light;
      image.data[at + 2] = light + (80 * y) / height;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

function noiseAt(x: number, y: number): number {
  let sum = 0;
  for (const { cellPx, weight } of OCTAVES) {
    const column = Math.floor(x / cellPx);
    const row = Math.floor(y / cellPx);
    const right = x / cellPx - column;
    const down = y / cellPx - row;
    const top = randomAt(column, row) * (1 - right) + randomAt(column + 1, row) * right;
    const bottom = randomAt(column, row + 1) * (1 - right) + randomAt(column + 1, row + 1) * right;
    sum += weight * (top * (1 - down) + bottom * down);
  }
  return sum;
}

/** 0 to 1, always the same for the same place: whole-number arithmetic has no room for differences. */
function randomAt(column: number, row: number): number {
  let hash = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 0xffffffff;
}
