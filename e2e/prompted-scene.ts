import type { JSHandle, Page } from '@playwright/test';
import { drawPng } from './pixels.js';

/** The embedded model that the tests of prompted editing run. */
export const EDITOR = 'instruct-pix2pix-micro';

/** Its files as a bundler names them. */
export const EDITOR_FILES = /\.onnx$|\/tokenizer[^/]*\.json$/;

type Rgba = readonly [number, number, number, number];

/** A landscape: the editor learned from photographs, and takes a test pattern for something else. */
function landscape(u: number, v: number): Rgba {
  if (Math.hypot(u - 0.7, v - 0.28) < 0.13) return [245, 205, 80, 255];
  if (v > 0.62 + 0.08 * Math.sin(u * 9)) return [50 + Math.round(60 * v), 110 + Math.round(40 * u), 45, 255];
  return [90 + Math.round(70 * v), 135 + Math.round(60 * v), 215, 255];
}

/** The same landscape at any size, as a PNG. @param alphaAt of each pixel. @default opaque */
export function drawScene(
  page: Page,
  { width, height }: { readonly width: number; readonly height: number },
  alphaAt: (x: number, y: number) => number = () => 255,
): Promise<JSHandle<Blob>> {
  return drawPng(page, { width, height }, (x, y) => {
    const [red, green, blue] = landscape((x + 0.5) / width, (y + 0.5) / height);
    return [red, green, blue, alphaAt(x, y)];
  });
}

/** The scene's own bytes, RGBA rows. */
export function sceneBytes({ width, height }: { readonly width: number; readonly height: number }): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    data.set(landscape(((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height), at * 4);
  }
  return data;
}
