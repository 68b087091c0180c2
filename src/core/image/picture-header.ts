import type { PictureFormat } from '../../contract/picture.js';
import type { Orientation } from './orientation.js';

/**
 * What a picture's file says of itself before anything is decoded. Claims, not facts: the decoder may find otherwise.
 */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** Size in pixels as stored, before `orientation`. AVIF: as displayed, for its rotation is part of decoding. */
  readonly width: number;
  readonly height: number;
  /**
   * How browsers turn the picture while decoding: the EXIF orientation of a JPEG, and of a PNG that has it before the
   * pixels. Else 1: AVIF must ignore it, and no browser heeds it in WebP (measured in Chromium;
   * https://zpl.fi/exif-orientation-in-different-formats).
   */
  readonly orientation: Orientation;
  /** False only when every pixel is certain to be opaque. */
  readonly mayHaveAlpha: boolean;
  /** More than one frame. GIF: exact if the given bytes reach the second frame or the end, else by the loop mark. */
  readonly animated: boolean;
  /** Bits per channel as stored; 8 for palettes, whatever their index takes. */
  readonly bitsPerChannel: number;
  readonly colour: 'rgb' | 'grey' | 'palette' | 'cmyk';
  /** Where in the file the EXIF data lies, as a TIFF block without any prefix; may reach beyond the given bytes. */
  readonly exif?: { readonly offset: number; readonly length: number };
}

/** What a file's first bytes are. */
export type SniffResult =
  | { readonly kind: 'picture'; readonly header: PictureHeader }
  /**
   * The header goes on behind the given bytes. Fewer than `minBytes` bytes of the file will not do; more may be needed.
   */
  | { readonly kind: 'need-more'; readonly minBytes: number }
  /** A format we read, but broken. `reason` continues the sentence "The picture is damaged: ". */
  | { readonly kind: 'damaged'; readonly reason: string }
  /** `type` is a short name such as `svg`, `tiff`, `heic`, `html`, `pdf`, `jxl`, `ico`, `empty` or `unknown`. */
  | { readonly kind: 'unsupported'; readonly type: string };
