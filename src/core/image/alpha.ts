import type { Picture } from '../../contract/picture.js';

/** Below this alpha a canvas, which stores colours premultiplied, has kept fewer than 4 bits of the colour. */
const TRUSTED_ALPHA = 16;

/** Colour of a picture that has none. */
const GREY = 128;

/**
 * Whether any pixel is not opaque.
 * @param data RGBA bytes, a multiple of 4.
 */
export function hasTransparency(data: Uint8Array | Uint8ClampedArray): boolean {
  if (data.byteOffset % 4 !== 0) return hasAlphaBelow(data, 255);
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >> 2);
  const opaque = new Uint32Array(Uint8Array.of(0, 0, 0, 255).buffer)[0]!;
  // Blocks: one test per 4096 pixels instead of one per pixel, and still an early end.
  for (let from = 0; from < words.length; from += 4096) {
    const to = Math.min(words.length, from + 4096);
    let all = opaque;
    for (let at = from; at < to; at++) all &= words[at]!;
    if (all >>> 0 !== opaque) return true;
  }
  return false;
}

function hasAlphaBelow(data: Uint8Array | Uint8ClampedArray, alpha: number): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at]! < alpha) return true;
  return false;
}

/**
 * Replaces the colours that hide under transparency by colours spread from the more opaque neighbourhood, so that a
 * network never sees them and cannot drag them over the border. A pixel's colour is replaced where its alpha is below
 * 16 (in a picture that is nowhere more opaque: where it is 0). All other colours and all alpha bytes stay exactly as
 * they are. Reaches the whole picture; a wholly transparent one becomes mid grey.
 *
 * Push-pull pyramid (Gortler et al., "The Lumigraph", 1996), weighted by alpha: linear in the pixels, and in memory the
 * result plus a third of a picture while it runs.
 * @returns A new picture, or the very same when nothing is hidden.
 */
export function fillHiddenColours(picture: Picture): Picture {
  if (!hasTransparency(picture.data) || !hasAlphaBelow(picture.data, TRUSTED_ALPHA)) return picture;
  const filled: Picture = { width: picture.width, height: picture.height, data: picture.data.slice() };
  const trusted = hasAlphaFrom(picture.data, TRUSTED_ALPHA) ? TRUSTED_ALPHA : 1;
  const levels: Picture[] = [halve(picture, trusted)];
  for (let top = levels[0]!; top.width > 1 || top.height > 1; top = levels.at(-1)!) levels.push(halve(top, 1));
  const apex = levels.at(-1)!.data;
  if (apex[3] === 0) apex.fill(GREY, 0, 3);
  for (let level = levels.length - 2; level >= 0; level--) fillFrom(levels[level]!, levels.pop()!, undefined);
  fillFrom(filled, levels[0]!, trusted);
  return filled;
}

function hasAlphaFrom(data: Uint8Array, alpha: number): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at]! >= alpha) return true;
  return false;
}

/**
 * Halves a picture: each pixel is the mean of up to 2 x 2, weighted by their fourth byte; its own fourth byte is the
 * weights' sum, at most 255. Pixels whose weight is below `trusted` do not count.
 */
function halve(fine: Picture, trusted: number): Picture {
  const width = (fine.width + 1) >> 1;
  const height = (fine.height + 1) >> 1;
  const from = fine.data;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * fine.width * 4;
    const lower = 2 * y + 1 < fine.height ? upper + fine.width * 4 : -1;
    let to = y * width * 4;
    for (let x = 0; x < width; x++, to += 4) {
      const a = upper + x * 8;
      const right = 2 * x + 1 < fine.width;
      // A missing pixel stands in for itself with no weight.
      const b = right ? a + 4 : a;
      const c = lower < 0 ? a : lower + x * 8;
      const d = right ? c + 4 : c;
      let wa = from[a + 3]!;
      let wb = right ? from[b + 3]! : 0;
      let wc = lower < 0 ? 0 : from[c + 3]!;
      let wd = right && lower >= 0 ? from[d + 3]! : 0;
      if (wa < trusted) wa = 0;
      if (wb < trusted) wb = 0;
      if (wc < trusted) wc = 0;
      if (wd < trusted) wd = 0;
      const sum = wa + wb + wc + wd;
      if (sum === 0) continue;
      const half = sum >> 1;
      data[to] = ((wa * from[a]! + wb * from[b]! + wc * from[c]! + wd * from[d]! + half) / sum) | 0;
      data[to + 1] = ((wa * from[a + 1]! + wb * from[b + 1]! + wc * from[c + 1]! + wd * from[d + 1]! + half) / sum) | 0;
      data[to + 2] = ((wa * from[a + 2]! + wb * from[b + 2]! + wc * from[c + 2]! + wd * from[d + 2]! + half) / sum) | 0;
      data[to + 3] = Math.min(255, sum);
    }
  }
  return { width, height, data };
}

/**
 * Mixes the colours of a level half the size, smoothly enlarged, into a level, in place.
 * @param trusted Given for the picture itself: colours from this alpha on stay, all others are replaced. Absent for the
 * pyramid, where the fourth byte says how much of 255 the own colour counts.
 */
function fillFrom(fine: Picture, coarse: Picture, trusted: number | undefined): void {
  const to = fine.data;
  const from = coarse.data;
  for (let y = 0; y < fine.height; y++) {
    const near = (y >> 1) * coarse.width;
    const far = neighbour(y, coarse.height) * coarse.width;
    let at = y * fine.width * 4;
    for (let x = 0; x < fine.width; x++, at += 4) {
      const weight = to[at + 3]!;
      if (weight >= (trusted ?? 255)) continue;
      const own = trusted === undefined ? weight : 0;
      const nearX = x >> 1;
      const farX = neighbour(x, coarse.width);
      const nn = (near + nearX) * 4;
      const nf = (near + farX) * 4;
      const fn = (far + nearX) * 4;
      const ff = (far + farX) * 4;
      for (let c = 0; c < 3; c++) {
        const spread = 9 * from[nn + c]! + 3 * (from[nf + c]! + from[fn + c]!) + from[ff + c]!;
        to[at + c] = ((to[at + c]! * own * 16 + spread * (255 - own) + 2040) / 4080) | 0;
      }
    }
  }
}

/**
 * The coarse pixel on the other side of a fine one: pixel centres are aligned, so it is the left for even, else the
 * right.
 */
function neighbour(fine: number, coarseLength: number): number {
  const at = (fine >> 1) + ((fine & 1) === 1 ? 1 : -1);
  return Math.max(0, Math.min(coarseLength - 1, at));
}
