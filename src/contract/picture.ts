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
