/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sides shorter than this many multiples leave a U-Net nothing to halve. */
const LEAST_MULTIPLES = 2;

/**
 * The size that a diffusion model works at: that of the wished result (of the picture, if none is wished), scaled down to at most
 * `maxPixels`, each side cut down to a multiple. Exported U-Nets fail at other sizes, for their up-sampling was fixed when they were
 * exported; cutting down is what diffusers does.
 */
export function planWorkSize(wished: Size, rule: { readonly multiple: number; readonly maxPixels: number }): Size {
  const shrink = Math.min(1, Math.sqrt(rule.maxPixels / (wished.width * wished.height)));
  const fitSide = (side: number): number =>
    Math.max(LEAST_MULTIPLES, Math.floor((side * shrink) / rule.multiple)) * rule.multiple;
  return { width: fitSide(wished.width), height: fitSide(wished.height) };
}

/** Whether a size has to be worked on smaller for its number of pixels alone. */
export function exceedsWorkPixels({ width, height }: Size, maxPixels: number): boolean {
  return width * height > maxPixels;
}
