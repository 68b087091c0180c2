/**
 * How a stored picture is turned for display, after EXIF: 1 is upright, 2 to 4 mirrored or upside down, 5 to 8 lying.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Size of the upright picture in pixels: orientations 5 to 8 swap the sides. */
export function orientedSize(header: {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}): { readonly width: number; readonly height: number } {
  const { width, height, orientation } = header;
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}
