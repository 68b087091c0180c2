import { ImageToImageError } from '../../contract/errors.js';

/** Longest side of a picture in pixels, read or written: Chromium's canvas limit. Others' are found by a probe. */
const MAX_SIDE_PX = 65_535;

/** Pixels of a picture that can be written in one piece: Chromium's canvas limit. */
const MAX_OUTPUT_PIXELS = 268_435_456;

/** @throws ImageToImageError `image-too-large` for a result that no browser can write as one picture. */
export function checkOutputSize(width: number, height: number): void {
  if (Math.max(width, height) > MAX_SIDE_PX || width * height > MAX_OUTPUT_PIXELS) throw outputTooLarge(width, height);
}

/** For a result of this size, in pixels, that cannot be written. */
export function outputTooLarge(width: number, height: number): ImageToImageError {
  return new ImageToImageError({
    code: 'image-too-large',
    phase: 'encode',
    message:
      `The result would have ${width} x ${height} pixels, more than this browser can write as one picture (at most ` +
      `${MAX_SIDE_PX} per side and ${MAX_OUTPUT_PIXELS} in all). Use a smaller picture, scale or \`target_size\`.`,
    details: { width, height, maxSidePx: MAX_SIDE_PX, maxPixels: MAX_OUTPUT_PIXELS },
  });
}

/** @throws ImageToImageError `image-too-large` for a picture over the caps, `invalid-input` for one without pixels. */
export function checkInputSize(width: number, height: number, maxPixels: number): void {
  if (width < 1 || height < 1) {
    throw new ImageToImageError({
      code: 'invalid-input',
      phase: 'decode',
      message: `The picture is damaged: it says that it has ${width} x ${height} pixels. Choose another file.`,
      details: { width, height },
    });
  }
  if (width * height <= maxPixels && Math.max(width, height) <= MAX_SIDE_PX) return;
  throw new ImageToImageError({
    code: 'image-too-large',
    phase: 'decode',
    message:
      `The picture has ${width} x ${height} pixels; at most ${maxPixels} pixels and ${MAX_SIDE_PX} per side are accepted. ` +
      'Make it smaller, or raise `maxInputPixels`.',
    details: { width, height, maxPixels, maxSidePx: MAX_SIDE_PX },
  });
}
