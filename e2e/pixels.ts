import { readFileSync } from 'node:fs';
import type { JSHandle, Page } from '@playwright/test';
import type { ImageToImageOptions, Report } from 'tintype';

/** A file of `fixtures/` as a Blob in the page, without a MIME type: only its bytes may count. */
export async function fixture(page: Page, name: string): Promise<JSHandle<Blob>> {
  const base64 = readFileSync(new URL(`./fixtures/${name}`, import.meta.url)).toString('base64');
  return await page.evaluateHandle((text) => new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]), base64);
}

/** RGBA pixels drawn in the page by a function of x and y, as a PNG that keeps the colours under transparency. */
export async function drawPng(
  page: Page,
  size: { readonly width: number; readonly height: number },
  pixel: (x: number, y: number) => readonly [number, number, number, number],
): Promise<JSHandle<Blob>> {
  const { encodePng } = await import('./png.js');
  const data = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) data.set(pixel(x, y), (y * size.width + x) * 4);
  }
  const base64 = encodePng({ ...size, data }).toString('base64');
  return await page.evaluateHandle((text) => new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]), base64);
}

/** A result as pixels. */
export interface PixelResult {
  readonly width: number;
  readonly height: number;
  readonly type: string;
  /** RGBA rows. Colours of almost transparent pixels as a canvas gives them back. */
  readonly data: Uint8Array;
  readonly report: Report;
  /** The file's own bytes. */
  readonly file: Uint8Array;
}

/** What {@link pixelsOf} is to ask for: plain data beside the picture. */
export interface PixelCall {
  readonly picture: JSHandle<Blob>;
  readonly model?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly options?: Pick<ImageToImageOptions, 'output' | 'tile' | 'metadata' | 'dtype' | 'device' | 'residency'>;
  readonly maxEngines?: number;
}

/** Makes one call on a client that is kept per number of engines, and gives back the result's pixels. */
export async function pixelsOf(page: Page, call: PixelCall): Promise<PixelResult> {
  const { picture, ...rest } = call;
  const result = await page.evaluate(
    async ({ picture, rest }) => {
      const scope = window as typeof window & {
        clients?: Record<string, InstanceType<typeof window.tintype.InferenceClient>>;
      };
      scope.clients ??= {};
      const key = String(rest.maxEngines);
      scope.clients[key] ??= new window.tintype.InferenceClient(
        undefined,
        rest.maxEngines ? { maxEngines: rest.maxEngines } : {},
      );
      let report: Report | undefined;
      const blob = await scope.clients[key].imageToImage(
        { inputs: picture, model: rest.model, parameters: rest.parameters },
        {
          ...rest.options,
          onReport: (made) => {
            report = made;
          },
        },
      );
      const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(bitmap, 0, 0);
      const pixels = context?.getImageData(0, 0, width, height).data ?? [];
      const toBase64 = (bytes: Iterable<number>): string => {
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        return btoa(text);
      };
      const file = new Uint8Array(await blob.arrayBuffer());
      return { width, height, type: blob.type, data: toBase64(pixels), file: toBase64(file), report: report as Report };
    },
    { picture, rest },
  );
  return { ...result, data: Buffer.from(result.data, 'base64'), file: Buffer.from(result.file, 'base64') };
}

/** The pixel at a place. */
export function pixelAt({ data, width }: Pick<PixelResult, 'data' | 'width'>, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** Largest difference of any channel of any pixel. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let at = 0; at < a.length; at++) largest = Math.max(largest, Math.abs((a[at] ?? 0) - (b[at] ?? 0)));
  return largest;
}
