import { ImageToImageError } from '../src/contract/errors.js';
import type { Picture, PixelWindow } from '../src/contract/picture.js';
import type { Warning } from '../src/contract/report.js';
import type { Job, PictureFacts } from '../src/contract/worker-apis.js';
import { withUprightOrientation } from '../src/core/image/exif.js';
import { insertExif } from '../src/core/image/insert-exif.js';
import { orientedSize } from '../src/core/image/orientation.js';
import { checkInputSize, checkOutputSize, outputTooLarge } from '../src/core/image/size-limits.js';
import { type PictureHeader, sniffPicture } from '../src/core/image/sniff.js';

/** A picture as pixels, with what its file told. */
export interface DecodedPicture {
  readonly picture: Picture;
  readonly type: string;
  /** False only when no pixel can be transparent. */
  readonly mayHaveAlpha: boolean;
  /** The EXIF block as in the file, where one was found. */
  readonly exif?: Uint8Array;
  readonly warnings: readonly Warning[];
}

/** Where finished pixels gather until they are written as a file. */
export interface OutputSurface {
  /** Copies a window of `data` (RGBA rows of `dataWidth` pixels) to `x`, `y`. */
  write(window: PixelWindow): void;
  encode(options: Job['output'] & { readonly mayHaveAlpha: boolean; readonly exif?: Uint8Array | undefined }): Promise<{
    readonly blob: Blob;
    readonly warnings: readonly Warning[];
  }>;
  /** Returns the memory. */
  close(): void;
}

/** Everything that the pipeline worker asks of the browser's codecs; tests put a trivial format here. */
export interface Codec {
  inspect(picture: Blob, maxPixels: number): Promise<PictureFacts>;
  decode(picture: Blob | ImageBitmap, maxPixels: number): Promise<DecodedPicture>;
  /** @param isOpaque Nothing transparent will be written: the file needs no alpha channel. */
  createSurface(width: number, height: number, isOpaque: boolean): OutputSurface;
}

/** Enough for nearly every header; the rest of the file is read only when it was not. */
const HEAD_BYTES = 64 * 1024;
/** Pixels drawn and read at once, so that decoding needs no second whole canvas. */
const BAND_PIXELS = 1024 * 1024;

/** The browser's own codecs, in a worker. One decode path for all formats, so that EXIF orientation is applied exactly once. */
export const browserCodec: Codec = {
  async inspect(picture, maxPixels) {
    const { header } = await readHeader(picture);
    return checkedFacts(header, maxPixels);
  },
  async decode(picture, maxPixels) {
    if (picture instanceof ImageBitmap) {
      return { picture: readBitmap(picture, true, maxPixels), type: 'image/bitmap', mayHaveAlpha: true, warnings: [] };
    }
    const { header, bytes } = await readHeader(picture);
    checkedFacts(header, maxPixels);
    const bitmap = await decodeBlob(picture, header);
    const exif = header.exif && bytes.slice(header.exif.offset, header.exif.offset + header.exif.length);
    return {
      // Checked again by what was decoded: a header may say less than what was inside.
      picture: readBitmap(bitmap, header.mayHaveAlpha, maxPixels),
      type: `image/${header.format}`,
      mayHaveAlpha: header.mayHaveAlpha,
      ...(exif ? { exif } : {}),
      warnings: headerWarnings(header),
    };
  },
  createSurface,
};

async function readHeader(picture: Blob): Promise<{ header: PictureHeader; bytes: Uint8Array }> {
  for (const complete of picture.size <= HEAD_BYTES ? [true] : [false, true]) {
    const bytes = await readBytes(complete ? picture : picture.slice(0, HEAD_BYTES));
    const result = sniffPicture(bytes, complete);
    if (result.kind === 'picture') {
      const end = result.header.exif ? result.header.exif.offset + result.header.exif.length : 0;
      return { header: result.header, bytes: end <= bytes.length ? bytes : await readBytes(picture) };
    }
    if (result.kind === 'unsupported') throw unsupported(result.type);
    if (result.kind === 'damaged') throw damaged(result.reason);
  }
  throw damaged('it ends inside its header');
}

async function readBytes(blob: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (caught) {
    // A File whose file on disk was changed or removed meanwhile.
    throw new ImageToImageError({
      code: 'invalid-input',
      phase: 'decode',
      message: 'The picture could not be read: its file may have been moved or changed. Choose it again.',
      cause: String(caught),
    });
  }
}

async function decodeBlob(picture: Blob, header: PictureHeader): Promise<ImageBitmap> {
  try {
    // The MIME type is replaced by what the bytes say, for a wrong one makes some browsers refuse a good file.
    const typed = new Blob([picture], { type: `image/${header.format}` });
    return await createImageBitmap(typed, {
      premultiplyAlpha: 'none',
      imageOrientation: 'from-image',
      colorSpaceConversion: 'default',
    });
  } catch (caught) {
    throw damaged('the browser could not decode it', caught);
  }
}

function checkedFacts(header: PictureHeader, maxPixels: number): PictureFacts {
  const { width, height } = orientedSize(header);
  checkInputSize(width, height, maxPixels);
  return { width, height, type: `image/${header.format}` };
}

function unsupported(type: string): ImageToImageError {
  return new ImageToImageError({
    code: type === 'empty' ? 'invalid-input' : 'unsupported-type',
    phase: 'decode',
    message:
      type === 'empty'
        ? 'The picture is empty (0 bytes). Choose another file.'
        : `This is not a picture that Tintype reads, by its bytes${type === 'unknown' ? '' : ` (${type})`}. Use PNG, JPEG, WebP, AVIF, GIF or BMP.`,
    details: { type },
  });
}

function damaged(reason: string, cause?: unknown): ImageToImageError {
  return new ImageToImageError({
    code: 'invalid-input',
    phase: 'decode',
    message: `The picture is damaged or cut off: ${reason}. Save it again from its source, or choose another file.`,
    ...(cause === undefined ? {} : { cause: String(cause) }),
  });
}

function headerWarnings(header: PictureHeader): Warning[] {
  const warnings: Warning[] = [];
  if (header.animated) {
    warnings.push({
      code: 'animation-first-frame',
      message: 'The picture is animated; only its first frame was used.',
    });
  }
  if (header.bitsPerChannel > 8) {
    const message = `The picture has ${header.bitsPerChannel} bits per channel; it was reduced to 8.`;
    warnings.push({ code: 'bit-depth-reduced', message });
  }
  if (header.colour === 'cmyk') {
    const message = 'The picture is CMYK; the browser converted it to sRGB, colours may shift.';
    warnings.push({ code: 'colour-converted', message });
  }
  return warnings;
}

/**
 * Bitmap to RGBA bytes; closes the bitmap. Opaque pictures go through a canvas in bands. Pictures with transparency go through
 * WebGL, the one path that gives the exact colours: canvases and VideoFrames store them multiplied by alpha (measured: up to
 * 245 levels off at low alpha; WebGL 0).
 */
function readBitmap(bitmap: ImageBitmap, mayHaveAlpha: boolean, maxPixels: number): Picture {
  const { width, height } = bitmap;
  try {
    checkInputSize(width, height, maxPixels);
    const data = allocate(width * height * 4);
    if (!(mayHaveAlpha && readThroughWebGl(bitmap, data))) readThroughCanvas(bitmap, data);
    return { width, height, data };
  } finally {
    bitmap.close();
  }
}

function allocate(sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (caught) {
    throw new ImageToImageError({
      code: 'out-of-memory',
      phase: 'decode',
      message: `The browser refused ${Math.round(sizeBytes / 1e6)} MB for the picture. Use a smaller picture, or close other tabs.`,
      details: { requestedBytes: sizeBytes },
      cause: String(caught),
    });
  }
}

function readThroughWebGl(bitmap: ImageBitmap, data: Uint8Array): boolean {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return false;
  try {
    const { width, height } = bitmap;
    if (Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return false;
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    const texture = gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture;
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) return false;
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    return gl.getError() === gl.NO_ERROR;
  } finally {
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

function readThroughCanvas(bitmap: ImageBitmap, data: Uint8Array): void {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(BAND_PIXELS / width)));
  const context = canvasContext(width, rows);
  for (let y = 0; y < height; y += rows) {
    const count = Math.min(rows, height - y);
    context.clearRect(0, 0, width, count);
    context.drawImage(bitmap, 0, y, width, count, 0, 0, width, count);
    data.set(context.getImageData(0, 0, width, count).data, y * width * 4);
  }
}

function createSurface(width: number, height: number, isOpaque: boolean): OutputSurface {
  checkOutputSize(width, height);
  const context = canvasContext(width, height, !isOpaque);
  // Beyond its limits a canvas draws nothing and says nothing: ask the far corner.
  context.fillStyle = '#fff';
  context.fillRect(width - 1, height - 1, 1, 1);
  if (context.getImageData(width - 1, height - 1, 1, 1).data[0] !== 255) throw outputTooLarge(width, height);
  context.clearRect(width - 1, height - 1, 1, 1);
  return {
    write({ data, dataWidth, fromX, fromY, x, y, width: w, height: h }) {
      const clamped = new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength);
      context.putImageData(new ImageData(clamped, dataWidth), x - fromX, y - fromY, fromX, fromY, w, h);
    },
    encode: (options) => encode(context, options),
    close() {
      context.canvas.width = 0;
      context.canvas.height = 0;
    },
  };
}

function canvasContext(width: number, height: number, alpha = true): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, alpha });
  if (!context) throw outputTooLarge(width, height);
  return context;
}

async function writeCanvas(canvas: OffscreenCanvas, options: Pick<Job['output'], 'type' | 'quality'>): Promise<Blob> {
  try {
    return await canvas.convertToBlob({ type: options.type, quality: options.quality });
  } catch (caught) {
    throw new ImageToImageError({
      code: 'out-of-memory',
      phase: 'encode',
      message: `The browser could not write the result of ${canvas.width} x ${canvas.height} pixels, mostly for want of memory. Use a smaller picture, or close other tabs.`,
      details: { width: canvas.width, height: canvas.height },
      cause: String(caught),
    });
  }
}

const encode = async (
  context: OffscreenCanvasRenderingContext2D,
  options: Parameters<OutputSurface['encode']>[0],
): ReturnType<OutputSurface['encode']> => {
  const warnings: Warning[] = [];
  if (options.type === 'image/jpeg' && options.mayHaveAlpha) {
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = options.background;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    const message = `JPEG has no transparency; the picture was laid over ${options.background}.`;
    warnings.push({ code: 'alpha-flattened', name: 'output.type', message });
  }
  const blob = await writeCanvas(context.canvas, options);
  if (blob.type !== options.type) {
    const message = `This browser cannot write ${options.type}; the result is ${blob.type}.`;
    warnings.push({ code: 'output-type-substituted', name: 'output.type', message });
  }
  if (!options.exif) return { blob, warnings };
  const withExif = insertExif(new Uint8Array(await blob.arrayBuffer()), withUprightOrientation(options.exif));
  if (withExif) return { blob: new Blob([withExif], { type: blob.type }), warnings };
  warnings.push({
    code: 'metadata-not-kept',
    name: 'metadata',
    message: `The EXIF data could not be carried over to ${blob.type}.`,
  });
  return { blob, warnings };
};
