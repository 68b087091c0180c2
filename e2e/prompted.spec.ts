import { expect, test } from './harness.js';
import { largestDifference, type PixelResult, pixelsOf } from './pixels.js';
import { drawScene, EDITOR, sceneBytes } from './prompted-scene.js';

const SIZE = { width: 64, height: 48 };

type Rgb = readonly [number, number, number];

/** True edits that look at one pixel only, 0 to 255, not yet clamped. */
const TRUTHS: Readonly<Record<string, (rgb: Rgb) => Rgb>> = {
  'do nothing': (rgb) => rgb,
  'make it black and white': (rgb) => [lumaOf(rgb), lumaOf(rgb), lumaOf(rgb)],
  'invert the image': ([red, green, blue]) => [255 - red, 255 - green, 255 - blue],
  'turn day into night': ([red, green, blue]) => [darken(red) * 0.25, darken(green) * 0.35, darken(blue) * 0.6],
  'make it darker': ([red, green, blue]) => [red * 0.58, green * 0.58, blue * 0.58],
  'swap red and blue': ([red, green, blue]) => [blue, green, red],
  'make it look like sunset': ([red, green, blue]) => [red * 1.22, green * 1.03, blue * 0.7],
  'apply a sepia filter': ([red, green, blue]) => [
    0.393 * red + 0.769 * green + 0.189 * blue,
    0.349 * red + 0.686 * green + 0.168 * blue,
    0.272 * red + 0.534 * green + 0.131 * blue,
  ],
};

function lumaOf([red, green, blue]: Rgb): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function darken(value: number): number {
  return 255 * (value / 255) ** 1.4;
}

function pixelsIn(data: Uint8Array): readonly Rgb[] {
  return Array.from({ length: data.length / 4 }, (_, at) => [
    data[at * 4] ?? 0,
    data[at * 4 + 1] ?? 0,
    data[at * 4 + 2] ?? 0,
  ]);
}

/** Root mean square of the differences, in levels. */
function distance(actual: readonly Rgb[], truth: readonly Rgb[]): number {
  let sum = 0;
  for (const [at, rgb] of actual.entries()) {
    for (const [channel, value] of rgb.entries()) {
      const wanted = Math.min(255, Math.max(0, truth[at]?.[channel] ?? Number.NaN));
      sum += (value - wanted) ** 2;
    }
  }
  return Math.sqrt(sum / actual.length / 3);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function brightness({ data }: PixelResult): number {
  return mean(pixelsIn(data).map(lumaOf));
}

test('what is asked for is done: each result is nearest to its own true edit', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const source = pixelsIn(sceneBytes(SIZE));
  for (const prompt of Object.keys(TRUTHS)) {
    const { data } = await pixelsOf(page, { picture, model: EDITOR, parameters: { prompt, num_inference_steps: 1 } });
    const distances = Object.entries(TRUTHS).map(
      ([name, edit]) => [name, distance(pixelsIn(data), source.map(edit))] as const,
    );
    const [[nearest, levels] = ['', Number.NaN]] = distances.toSorted(([, a], [, b]) => a - b);
    expect(nearest).toBe(prompt);
    expect(levels, prompt).toBeLessThan(4);
  }
});

test('black and white leaves no colour, a sketch is mostly white', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const grey = await pixelsOf(page, { picture, model: EDITOR, parameters: { prompt: 'make it black and white' } });
  const source = pixelsIn(sceneBytes(SIZE));
  const rgbs = pixelsIn(grey.data);
  const colour = rgbs.map((rgb) => Math.max(...rgb) - Math.min(...rgb));
  const change = rgbs.map((rgb, at) => Math.abs(lumaOf(rgb) - lumaOf(source[at] ?? [0, 0, 0])));
  for (const levels of [colour, change]) {
    // Hard edges keep a trace.
    expect(levels.filter((level) => level > 2).length).toBeLessThan(levels.length * 0.05);
    expect(Math.max(...levels)).toBeLessThan(12);
  }
  const sketch = await pixelsOf(page, {
    picture,
    model: EDITOR,
    parameters: { prompt: 'turn it into a pencil sketch' },
  });
  const lumas = pixelsIn(sketch.data).map(lumaOf);
  expect(lumas.filter((luma) => luma > 220).length).toBeGreaterThan(lumas.length / 2);
  expect(Math.min(...lumas)).toBeLessThan(170);
});

test('the same seed gives the same file, another one another; the report tells the seed that was drawn', async ({
  openApp,
}) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const grainy = (seed?: number): Promise<PixelResult> =>
    pixelsOf(page, { picture, model: EDITOR, parameters: { prompt: 'add film grain', num_inference_steps: 3, seed } });
  const [first, again, other, drawn] = [await grainy(7), await grainy(7), await grainy(8), await grainy()];
  expect(first.report.parameters?.seed).toBe(7);
  expect(again.file).toEqual(first.file);
  expect(largestDifference(other.data, first.data)).toBeGreaterThan(3);
  const seed = drawn.report.parameters?.seed;
  expect(Number.isInteger(seed)).toBe(true);
  expect((await grainy(seed)).file).toEqual(drawn.file);
  const later = await grainy();
  expect(later.report.parameters?.seed).not.toBe(seed);
  // All of the seed counts.
  expect((await grainy(2 ** 40 + 7)).report.parameters?.seed).toBe(2 ** 40 + 7);
});

test('networks that take turns give the same file as networks that stay open', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const parameters = { prompt: 'add film grain', num_inference_steps: 2, seed: 5 };
  const call = { picture, model: EDITOR, parameters };
  const resident = await pixelsOf(page, { ...call, options: { residency: 'resident' } });
  const sequential = await pixelsOf(page, { ...call, options: { residency: 'sequential' } });
  expect(sequential.file).toEqual(resident.file);
  // Once more, from an engine that has one graph open, and not the first.
  expect((await pixelsOf(page, { ...call, options: { residency: 'sequential' } })).file).toEqual(resident.file);
  expect((await pixelsOf(page, call)).file).toEqual(resident.file);
});

test('guided rows give the same picture one by one and at once', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const parameters = {
    prompt: 'add film grain',
    negative_prompt: ['make it blue', ' ', 'add fog'],
    guidance_scale: 1.6,
    image_guidance_scale: 1.2,
    num_inference_steps: 3,
    seed: 1,
  };
  const call = { picture, model: EDITOR, parameters };
  const atOnce = await pixelsOf(page, { ...call, options: { residency: 'resident' } });
  const oneByOne = await pixelsOf(page, { ...call, options: { residency: 'sequential' } });
  expect(largestDifference(oneByOne.data, atOnce.data)).toBeLessThanOrEqual(1);
  expect(atOnce.report).toMatchObject({
    steps: 3,
    parameters: { guidance_scale: 1.6, image_guidance_scale: 1.2, num_inference_steps: 3, seed: 1 },
    warnings: [],
  });
  // A list means what its items mean, joined.
  const joined = { ...parameters, negative_prompt: 'make it blue, add fog' };
  expect((await pixelsOf(page, { ...call, parameters: joined })).file).toEqual(atOnce.file);
});

test('more guidance_scale goes further, and a negative_prompt pulls away', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const edit = (parameters: Readonly<Record<string, unknown>>): Promise<PixelResult> =>
    pixelsOf(page, { picture, model: EDITOR, parameters: { num_inference_steps: 1, seed: 0, ...parameters } });
  const levels = [];
  for (const guidance_scale of [1, 1.5, 2])
    levels.push(brightness(await edit({ prompt: 'make it darker', guidance_scale })));
  const [plain = 0, further = 0, furthest = 0] = levels;
  const source = mean(pixelsIn(sceneBytes(SIZE)).map(lumaOf));
  expect(plain).toBeLessThan(source * 0.65);
  expect(further).toBeLessThan(plain * 0.8);
  expect(furthest).toBeLessThan(further * 0.8);

  const blueness = ({ data }: PixelResult): number =>
    mean(pixelsIn(data).map(([red, green, blue]) => blue - (red + green) / 2));
  const prompt = 'add a vignette';
  const none = await edit({ prompt, guidance_scale: 1.5 });
  const away = await edit({ prompt, guidance_scale: 1.5, negative_prompt: 'make it blue' });
  expect(blueness(away)).toBeLessThan(blueness(none) - 12);
  // Without guidance it has no row to stand in.
  const unguided = await edit({ prompt });
  expect((await edit({ prompt, negative_prompt: 'make it blue' })).file).toEqual(unguided.file);
});
