import type { Picture } from './png-picture.ts';

/** A picture for tests, the same on every machine: shading in several octaves, discs with hard edges, fine bars as of text. */
export function drawPicture(width: number, height: number): Picture {
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        rgba[(y * width + x) * 4 + channel] = Math.max(0, Math.min(255, Math.round(shade(x, y, channel))));
      }
    }
  }
  return { width, height, rgba };
}

function shade(x: number, y: number, channel: number): number {
  if (y % 40 > 30 && x % 50 > 8) return (x * 7 + (y >> 3) * 3) % 5 < 2 ? 24 : 236;
  const disc = (x % 48) - 24 + channel;
  if (disc ** 2 + ((y % 56) - 26) ** 2 < 150) return 60 + 70 * channel;
  let sum = 120 + 20 * channel;
  for (let octave = 0; octave < 5; octave++) {
    const frequency = 0.02 * 2 ** octave;
    sum +=
      (50 / 1.7 ** octave) *
      Math.sin(frequency * (x * Math.cos(octave * 2) + y * Math.sin(octave * 2 + channel)) + octave);
  }
  return sum + (hash(x, y, channel) - 0.5) * 12;
}

/** Noise in 0..1 that depends on its place only. */
function hash(x: number, y: number, channel: number): number {
  let value = Math.imul(x + 1, 374761393) ^ Math.imul(y + 1, 668265263) ^ Math.imul(channel + 1, 974634777);
  value = Math.imul(value ^ (value >>> 13), 1274126177);
  return ((value ^ (value >>> 16)) >>> 0) / 2 ** 32;
}

/** The colours of a picture as planes: float32 `[1, 3, height, width]`, 0..255. */
export function toPlanes({ width, height, rgba }: Picture): Float32Array {
  const area = width * height;
  return Float32Array.from({ length: 3 * area }, (_, at) => rgba[(at % area) * 4 + Math.floor(at / area)] ?? 0);
}
