// What tools/training/instruct/edits.py calls the truth: the edits that the prompt editor learned, at plain strength.
import { drawNormal, drawUniform } from './draws.ts';

/** Red, green and blue planes, 0 to 1: `3 * height * width` values. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

type Edit = (picture: Planes) => Planes;
type Colour = readonly [number, number, number];

const LUMA: Colour = [0.299, 0.587, 0.114];
const SEPIA: readonly [Colour, Colour, Colour] = [
  [0.393, 0.769, 0.189],
  [0.349, 0.686, 0.168],
  [0.272, 0.534, 0.131],
];
const BLOCK_PX = 8;

const UNCLAMPED = {
  keep: (picture) => picture,
  grayscale: (picture) => greyOf(picture),
  invert: perValue((value) => 1 - value),
  sepia: perPixel((rgb) => [dot(SEPIA[0], rgb), dot(SEPIA[1], rgb), dot(SEPIA[2], rgb)]),
  night: perValue((value, channel) => Math.max(value, 1e-4) ** 1.4 * [0.25, 0.35, 0.6][channel]!),
  brighter: perValue((value) => value * 1.3 + 0.1),
  darker: perValue((value) => value * 0.58),
  warmer: perValue((value, channel) => value * [1.22, 1.03, 0.7][channel]!),
  colder: perValue((value, channel) => value * [0.7, 0.98, 1.22][channel]!),
  contrast: perValue((value) => (value - 0.5) * 1.7 + 0.5),
  fade: perValue((value) => (value - 0.5) * 0.55 + 0.56),
  saturate: (picture) => combined(picture, greyOf(picture), (value, light) => light + (value - light) * 1.9),
  blur: (picture) => gauss(picture, 2.2),
  sharpen: (picture) => combined(picture, gauss(picture, 1.2), (value, soft) => value + (value - soft) * 1.8),
  sketch,
  posterize: perValue((value) => Math.round(value * 3) / 3),
  pixelate,
  emboss,
  vignette: (picture) => perPlace(picture, (value, _, v, u) => value * (1 - 0.31 * (v ** 2 + u ** 2))),
  red: tint([1.45, 0.35, 0.35]),
  green: tint([0.35, 1.3, 0.35]),
  blue: tint([0.35, 0.5, 1.5]),
  purple: tint([1.15, 0.35, 1.4]),
  swap: perPixel(([red, green, blue]) => [blue, green, red]),
  grain,
  snow,
  fog: (picture) => perPlace(picture, (value, channel, v) => mix(value, [0.82, 0.84, 0.86][channel]!, 0.5 - 0.18 * v)),
} satisfies Readonly<Record<string, Edit>>;

/** Every edit by its name in `models/instruct-pix2pix-micro/edits.json`. Sides are multiples of 8; results lie in 0..1. */
export const TRUE_EDITS: ReadonlyMap<string, Edit> = new Map(
  Object.entries(UNCLAMPED).map(([name, edit]) => [name, (picture) => clamped(edit(picture))]),
);

/** Gaussian blur, borders mirrored. @param sigma in pixels. */
export function gauss(picture: Planes, sigma: number): Planes {
  const { width, height } = picture;
  const radius = Math.trunc(Math.min(3 * sigma + 1, Math.min(width, height) - 1));
  const raw = Array.from({ length: 2 * radius + 1 }, (_, at) => Math.exp(-0.5 * ((at - radius) / sigma) ** 2));
  const total = raw.reduce((sum, value) => sum + value, 0);
  const kernel = Float64Array.from(raw, (value) => value / total);
  return filtered(filtered(picture, kernel, 'row'), kernel, 'column');
}

/** Brightness (Rec. 601) in all three planes. */
export function greyOf(picture: Planes): Planes {
  return perPixel((rgb) => {
    const light = dot(LUMA, rgb);
    return [light, light, light];
  })(picture);
}

/** Two pictures of one size, value by value. */
export function combined(a: Planes, b: Planes, value: (a: number, b: number) => number): Planes {
  return { ...a, data: a.data.map((one, at) => value(one, b.data[at]!)) };
}

function sketch(picture: Planes): Planes {
  const light = greyOf(picture);
  const around = gauss(
    combined(light, light, (value) => 1 - value),
    2,
  );
  return combined(light, around, (value, dark) => value / (1 - dark + 0.02));
}

function pixelate(picture: Planes): Planes {
  const { width, height, data } = picture;
  return perIndex(picture, (plane, x, y) => {
    const [left, top] = [x - (x % BLOCK_PX), y - (y % BLOCK_PX)];
    let sum = 0;
    for (let row = top; row < top + BLOCK_PX; row++) {
      for (let column = left; column < left + BLOCK_PX; column++) sum += data[(plane * height + row) * width + column]!;
    }
    return sum / BLOCK_PX ** 2;
  });
}

function emboss(picture: Planes): Planes {
  const { width, height } = picture;
  const { data } = greyOf(picture);
  const light = (x: number, y: number): number =>
    data[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)]!;
  return perIndex(picture, (_, x, y) => {
    const diagonal = light(x + 1, y + 1) - light(x - 1, y - 1);
    const straight = light(x, y + 1) - light(x, y - 1) + light(x + 1, y) - light(x - 1, y);
    return 0.5 + 0.8 * (diagonal + 0.5 * straight);
  });
}

function tint(colour: Colour): Edit {
  return (picture) => {
    const light = greyOf(picture);
    const coloured = perValue((value, channel) => value * colour[channel]!)(light);
    return combined(picture, coloured, (value, goal) => mix(value, goal, 0.65));
  };
}

/** One draw; the truth of a random edit is a distribution. */
function grain(picture: Planes): Planes {
  const noise = drawNormal(picture.width * picture.height);
  return perIndex(picture, (plane, x, y) => {
    const at = y * picture.width + x;
    return picture.data[plane * noise.length + at]! + noise[at]! * 0.085;
  });
}

function snow(picture: Planes): Planes {
  const { width, height } = picture;
  const area = width * height;
  const draws = drawUniform(2 * area);
  const flakes = (from: number, share: number): Planes => ({
    ...picture,
    data: Float32Array.from({ length: 3 * area }, (_, at) => (draws[from + (at % area)]! < share ? 1 : 0)),
  });
  const small = gauss(flakes(0, 0.012), 0.7);
  const large = gauss(flakes(area, 0.005), 1.25);
  const cover = combined(small, large, (one, other) => Math.min(one * 3.2 + other * 9.5, 1));
  return combined(perValue((value) => value * 0.9 + 0.07)(picture), cover, (value, white) => mix(value, 1, white));
}

function perValue(value: (value: number, channel: number) => number): Edit {
  return (picture) => perPlace(picture, value);
}

/** @param value gets how far down (v) and to the right (u) it is: -1 to 1 from border pixel to border pixel. */
function perPlace(picture: Planes, value: (value: number, channel: number, v: number, u: number) => number): Planes {
  const { width, height, data } = picture;
  return perIndex(picture, (plane, x, y) =>
    value(data[(plane * height + y) * width + x]!, plane, (2 * y) / (height - 1) - 1, (2 * x) / (width - 1) - 1),
  );
}

function perPixel(colour: (rgb: Colour) => Colour): Edit {
  return (picture) => {
    const area = picture.width * picture.height;
    const { data } = picture;
    const out = new Float32Array(3 * area);
    for (let at = 0; at < area; at++) {
      const [red, green, blue] = colour([data[at]!, data[area + at]!, data[2 * area + at]!]);
      out[at] = red;
      out[area + at] = green;
      out[2 * area + at] = blue;
    }
    return { ...picture, data: out };
  };
}

function perIndex({ width, height }: Planes, value: (plane: number, x: number, y: number) => number): Planes {
  const data = new Float32Array(3 * width * height);
  let at = 0;
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[at++] = value(plane, x, y);
  }
  return { width, height, data };
}

function filtered(picture: Planes, kernel: Float64Array, along: 'row' | 'column'): Planes {
  const { width, height, data } = picture;
  const radius = (kernel.length - 1) / 2;
  return perIndex(picture, (plane, x, y) => {
    let sum = 0;
    for (let tap = -radius; tap <= radius; tap++) {
      const column = along === 'row' ? mirrored(x + tap, width) : x;
      const row = along === 'column' ? mirrored(y + tap, height) : y;
      sum += kernel[tap + radius]! * data[(plane * height + row) * width + column]!;
    }
    return sum;
  });
}

function mirrored(at: number, length: number): number {
  if (at < 0) return -at;
  return at < length ? at : 2 * length - 2 - at;
}

function clamped(picture: Planes): Planes {
  return { ...picture, data: picture.data.map((value) => Math.min(Math.max(value, 0), 1)) };
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function dot(a: Colour, b: Colour): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
