import { drawPicture } from './drawn-picture.ts';
import type { Picture } from './png-picture.ts';

type Shade = (x: number, y: number, channel: number) => number;

/**
 * What drives activations furthest: noise, checkerboards and stripes of full contrast, plain black and white, pure colours. Ranges
 * that hold these hold text and graphics too, which clip hardest where ranges were taken from photographs alone.
 */
export function extremePictures(side: number): Picture[] {
  const shades: readonly Shade[] = [
    noise(2),
    noise(256),
    (x, y) => ((x + y) % 2) * 255,
    (x) => (x % 2) * 255,
    (_, y) => (y % 4 < 2 ? 255 : 0),
    (x, y) => (((x >> 3) + (y >> 3)) % 2) * 255,
    () => 0,
    () => 255,
    (x, _, channel) => (channel === (x >> 4) % 3 ? 255 : 0),
  ];
  return [...shades.map((shade) => paint(side, shade)), drawPicture(side, side)];
}

function paint(side: number, shade: Shade): Picture {
  const rgba = new Uint8Array(side * side * 4).fill(255);
  for (let at = 0; at < side * side; at++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[at * 4 + channel] = shade(at % side, Math.floor(at / side), channel);
    }
  }
  return { width: side, height: side, rgba };
}

/** Even noise of so many levels, the same every time. */
function noise(levels: number): Shade {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * levels) * Math.floor(255 / (levels - 1));
  };
}
