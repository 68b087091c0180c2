/** Decoded pixels: `height * width * 4` bytes, RGBA rows, sRGB, alpha not premultiplied. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Formats that Tintype reads, by their bytes. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'bmp';

/** Formats that Tintype writes. */
export type OutputType = 'image/png' | 'image/jpeg' | 'image/webp';

/** A window into a larger buffer of RGBA rows, and where it belongs: handing it on copies no pixel. */
export interface PixelWindow {
  /** RGBA rows of `dataWidth` pixels, alpha not premultiplied. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly dataWidth: number;
  /** Where the window begins in `data`. */
  readonly fromX: number;
  readonly fromY: number;
  /** Where it belongs in the output picture, and its size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
