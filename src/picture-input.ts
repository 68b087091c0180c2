import { ImageToImageError } from './contract/errors.js';
import type { PictureInput } from './contract/parameters.js';

/**
 * Turns any input kind into what can be handed to the pipeline worker. The caller's object is copied or shared, never
 * detached, closed or drawn on.
 * @param name What it is called by the caller, for messages.
 * @throws TypeError for a kind that holds no picture.
 * @throws ImageToImageError `invalid-input` for one that cannot be read (empty, closed, tainted by another origin, bad base64).
 */
export async function toTransferable(input: PictureInput, name = 'inputs'): Promise<Blob | ImageBitmap> {
  if (input instanceof Blob) return input;
  if (typeof input === 'string') return fromText(input, name);
  if (input instanceof ArrayBuffer || isSharedBuffer(input)) return new Blob([copyOf(new Uint8Array(input))]);
  if (ArrayBuffer.isView(input)) {
    return new Blob([copyOf(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))]);
  }
  if (!isBitmapSource(input)) {
    throw new TypeError(
      `${name} must be a Blob, ArrayBuffer, typed array, ImageBitmap, ImageData, canvas, image element, VideoFrame, data: URL or base64 string.`,
    );
  }
  try {
    if (isElement(input, 'HTMLImageElement')) await (input as HTMLImageElement).decode();
    return await createImageBitmap(input as ImageBitmapSource, { premultiplyAlpha: 'none' });
  } catch (caught) {
    throw new ImageToImageError({
      code: 'invalid-input',
      phase: 'validate',
      message:
        'The picture could not be read from the object given: it is empty, closed, broken, or tainted by another origin. Pass the file itself as a Blob.',
      cause: String(caught),
    });
  }
}

function isSharedBuffer(input: unknown): input is ArrayBuffer {
  return typeof SharedArrayBuffer === 'function' && input instanceof SharedArrayBuffer;
}

/** A Blob copies its parts anyway, but refuses views of shared memory. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

const BITMAP_SOURCES = [
  'ImageBitmap',
  'ImageData',
  'OffscreenCanvas',
  'HTMLCanvasElement',
  'HTMLImageElement',
  'VideoFrame',
] as const;

function isBitmapSource(input: unknown): boolean {
  return BITMAP_SOURCES.some((kind) => isElement(input, kind));
}

/** By the object's own tag, for `instanceof` is wrong for objects of another window and not every realm has every class. */
function isElement(input: unknown, kind: (typeof BITMAP_SOURCES)[number]): boolean {
  return Object.prototype.toString.call(input) === `[object ${kind}]`;
}

function fromText(text: string, name: string): Blob {
  const [, base64Mark, payload] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(text) ?? [];
  const isDataUrl = payload !== undefined;
  // The base64 of every JPEG begins like a path: /9j/.
  if (!isDataUrl && /^[a-z][a-z0-9+.-]*:|^[./](?!9j\/)/i.test(text)) {
    throw new TypeError(
      `${name} looks like an address. Fetch it yourself and pass the Blob: Tintype fetches no pictures.`,
    );
  }
  try {
    if (isDataUrl && !base64Mark) return new Blob([decodeURIComponent(payload)]);
    const binary = atob(isDataUrl ? payload : text);
    return new Blob([Uint8Array.from(binary, (character) => character.charCodeAt(0))]);
  } catch {
    throw new ImageToImageError({
      code: 'invalid-input',
      phase: 'validate',
      message: `The text given as ${name} is neither a data: URL nor base64. Pass the picture as a Blob instead.`,
    });
  }
}
