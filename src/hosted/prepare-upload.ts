import { ImageToImageError } from '../contract/errors.js';
import { orientedSize } from '../core/image/orientation.js';
import { sniffPicture } from '../core/image/sniff.js';
import { stripMetadata } from '../core/image/strip-metadata.js';

/** A picture as it may leave the page. */
export interface Upload {
  /** Without metadata; its type is what its bytes say. */
  readonly blob: Blob;
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Takes out of a picture what its owner does not see in it (place, camera, thumbnails), and scales it down if it is too large.
 * The pixels of a file that need not be scaled stay as they are.
 * @throws ImageToImageError `invalid-input` or `unsupported-type` for what is no picture: that never leaves the page.
 */
export async function prepareUpload(picture: Blob | ImageBitmap, maxPixels: number | undefined): Promise<Upload> {
  if (!(picture instanceof Blob)) {
    try {
      return await encode(picture, 'image/png', maxPixels);
    } finally {
      picture.close();
    }
  }
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const sniffed = sniffPicture(bytes, true);
  if (sniffed.kind !== 'picture') throw notAPicture(sniffed.kind === 'unsupported' ? sniffed.type : undefined);
  const type = `image/${sniffed.header.format}`;
  const size = orientedSize(sniffed.header);
  const stripped = stripMetadata(bytes, sniffed.header.format);
  if (stripped && (maxPixels === undefined || size.width * size.height <= maxPixels)) {
    return { blob: new Blob([stripped], { type }), ...size };
  }
  const bitmap = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' }).catch(
    (caught: unknown) => {
      throw notAPicture(undefined, String(caught));
    },
  );
  try {
    return await encode(bitmap, type === 'image/jpeg' ? type : 'image/png', maxPixels);
  } finally {
    bitmap.close();
  }
}

async function encode(bitmap: ImageBitmap, type: string, maxPixels = Number.POSITIVE_INFINITY): Promise<Upload> {
  const shrink = Math.min(1, Math.sqrt(maxPixels / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.floor(bitmap.width * shrink));
  const height = Math.max(1, Math.floor(bitmap.height * shrink));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new ImageToImageError({ code: 'out-of-memory', phase: 'encode', message: NO_CANVAS });
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return { blob: await canvas.convertToBlob({ type, quality: 0.92 }), width, height };
}

const NO_CANVAS = 'The browser refused memory for the picture that was to be sent. Use a smaller picture.';

function notAPicture(type: string | undefined, cause?: string): ImageToImageError {
  return new ImageToImageError({
    code: type === undefined ? 'invalid-input' : 'unsupported-type',
    phase: 'decode',
    message: `The picture cannot be sent: ${type === undefined ? 'it is damaged or empty' : `it is ${type}, which Tintype does not read`}. Use PNG, JPEG, WebP, AVIF, GIF or BMP.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
