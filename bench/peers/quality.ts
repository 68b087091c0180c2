/** How well a picture can be got back from its half: what the sides are shown, and what they should make of it. */
export interface Exam {
  readonly truth: Blob;
  readonly half: Blob;
}

/**
 * Eight taps of the bicubic kernel (a = -0.5) stretched to twice its width, as MATLAB's `imresize` and Pillow reduce by 2:
 * the reduction that both sides' networks were trained to undo.
 */
const TAPS = [-0.01171875, -0.03515625, 0.11328125, 0.43359375, 0.43359375, 0.11328125, -0.03515625, -0.01171875];

/** Pixels at the border that are left out, where networks have less to go by: the scale, as is the custom. */
const SHAVED_PX = 2;

/** Makes an exam of a picture, cut to even sides. Both are PNG files. */
export async function examOf(url: string): Promise<Exam> {
  const whole = await pixelsOf(await (await fetch(url)).blob());
  const truth = evenPart(whole);
  return { truth: await encode(truth), half: await encode(halve(truth)) };
}

/**
 * Peak signal-to-noise ratio of the Y channel (BT.601) in dB, without a border of 2 pixels; Infinity where they are equal.
 * @throws Error if the sizes differ.
 */
export async function lumaPsnr(one: Blob, other: Blob): Promise<number> {
  const [a, b] = await Promise.all([pixelsOf(one), pixelsOf(other)]);
  const { width, height } = a;
  if (width !== b.width || height !== b.height) {
    throw new Error(`${width} x ${height} cannot be compared with ${b.width} x ${b.height}.`);
  }
  let squares = 0;
  for (let y = SHAVED_PX; y < height - SHAVED_PX; y++) {
    for (let x = SHAVED_PX; x < width - SHAVED_PX; x++)
      squares += lumaDifference(a.data, b.data, (y * width + x) * 4) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * (width - 2 * SHAVED_PX) * (height - 2 * SHAVED_PX)) / squares);
}

function lumaDifference(a: Uint8ClampedArray, b: Uint8ClampedArray, at: number): number {
  const difference = (channel: number): number => (a[at + channel] ?? 0) - (b[at + channel] ?? 0);
  return (65.481 * difference(0) + 128.553 * difference(1) + 24.966 * difference(2)) / 255;
}

function halve({ width, height, data }: ImageData): ImageData {
  const narrow = new Float32Array((width / 2) * height * 4);
  reduceLines(data, narrow, {
    lines: height,
    lineStep: width * 4,
    step: 4,
    count: width,
    outLineStep: width * 2,
    outStep: 4,
  });
  const small = new ImageData(width / 2, height / 2);
  const row = width * 2;
  // Assigning to clamped bytes rounds.
  reduceLines(narrow, small.data, {
    lines: width / 2,
    lineStep: 4,
    step: row,
    count: height,
    outLineStep: 4,
    outStep: row,
  });
  return small;
}

/** Where a line of pixels begins and how far its pixels are apart, in values of RGBA. */
interface Lines {
  readonly lines: number;
  readonly lineStep: number;
  readonly step: number;
  /** Pixels of a line before reducing. */
  readonly count: number;
  readonly outLineStep: number;
  readonly outStep: number;
}

function reduceLines(from: ArrayLike<number>, to: Float32Array | Uint8ClampedArray, layout: Lines): void {
  const { lines, lineStep, step, count, outLineStep, outStep } = layout;
  for (let line = 0; line < lines; line++) {
    for (let out = 0; out < count / 2; out++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (const [tap, weight] of TAPS.entries()) {
          const pixel = Math.min(Math.max(2 * out - 3 + tap, 0), count - 1);
          sum += weight * (from[line * lineStep + pixel * step + channel] ?? 0);
        }
        to[line * outLineStep + out * outStep + channel] = sum;
      }
    }
  }
}

async function pixelsOf(blob: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const context = canvasOf(width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

function evenPart(whole: ImageData): ImageData {
  const [width, height] = [whole.width & ~1, whole.height & ~1];
  const context = canvasOf(width, height);
  context.putImageData(whole, 0, 0);
  return context.getImageData(0, 0, width, height);
}

async function encode(pixels: ImageData): Promise<Blob> {
  const context = canvasOf(pixels.width, pixels.height);
  context.putImageData(pixels, 0, 0);
  return context.canvas.convertToBlob({ type: 'image/png' });
}

function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`No canvas of ${width} x ${height}.`);
  return context;
}
