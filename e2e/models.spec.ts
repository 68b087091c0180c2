import { expect, test } from './harness.js';
import { drawPng, largestDifference, pixelAt, pixelsOf } from './pixels.js';

/** The feed-forward models of the catalogue, and the longest tile side that cuts each test picture into several tiles. */
const MODELS = [
  { id: 'tintype-sr-x2', scale: 2, side: 64 },
  { id: 'tintype-sr-x3', scale: 3, side: 64 },
  { id: 'tintype-sr-x4', scale: 4, side: 64 },
  { id: 'tintype-photo-x2', scale: 2, side: 64 },
  { id: 'tintype-restore', scale: 1, side: 64 },
  { id: 'tintype-style-starry-night', scale: 1, side: 160 },
  { id: 'tintype-style-great-wave', scale: 1, side: 160 },
  { id: 'tintype-style-scream', scale: 1, side: 160 },
  { id: 'tintype-style-composition-vii', scale: 1, side: 160 },
  { id: 'esrgan-slim-x2', scale: 2, side: 64 },
  { id: 'esrgan-slim-x3', scale: 3, side: 64 },
  { id: 'esrgan-slim-x4', scale: 4, side: 64 },
  { id: 'esrgan-medium-x2', scale: 2, side: 64 },
  { id: 'esrgan-medium-x4', scale: 4, side: 64 },
] as const;

const WHOLE = { tile: { maxSidePx: 4096 } };

function texture(x: number, y: number): readonly [number, number, number, number] {
  const wave = Math.sin(x / 3) * Math.cos(y / 5);
  const edge = (x + 2 * y) % 37 < 18 ? 60 : 0;
  return [
    Math.round(110 + 80 * wave + edge),
    Math.round(90 + 60 * Math.cos(x / 7 + y / 4) + edge),
    (x * 5 + y * 3) % 256,
    255,
  ];
}

test('the catalogue lists exactly these models', async ({ openApp }) => {
  const { page } = await openApp();
  const listed = await page.evaluate(() => new window.tintype.InferenceClient().models.list());
  expect(listed.map(({ id, scale }) => `${id} ${scale}`)).toEqual([
    ...MODELS.map(({ id, scale }) => `${id} ${scale}`),
    'instruct-pix2pix-micro 1',
  ]);
  for (const { licence, attribution, sizeBytes, stored } of listed) {
    expect(licence).not.toBe('');
    expect(attribution).not.toBe('');
    expect(sizeBytes).toBeGreaterThan(1000);
    expect(stored).toBe(false);
  }
});

for (const { id, scale, side } of MODELS) {
  test(`${id}: tiled equals whole within 1 level, in every variant`, async ({ openApp }) => {
    const { page } = await openApp();
    // Neither side is a multiple of 4, and both need several tiles.
    const size = side > 100 ? { width: 230, height: 190 } : { width: 143, height: 101 };
    const picture = await drawPng(page, size, texture);
    const manifest = await page.evaluate((id) => new window.tintype.InferenceClient().models.get(id), id);
    for (const { dtype } of manifest.variants) {
      const whole = await pixelsOf(page, { picture, model: id, maxEngines: 1, options: { ...WHOLE, dtype } });
      const tiled = await pixelsOf(page, {
        picture,
        model: id,
        maxEngines: 2,
        options: { tile: { maxSidePx: side }, dtype },
      });
      expect(whole.report).toMatchObject({ tiles: 1, dtype });
      expect(tiled.report.tiles).toBeGreaterThan(3);
      expect([tiled.width, tiled.height]).toEqual([size.width * scale, size.height * scale]);
      expect(largestDifference(whole.data, tiled.data), dtype).toBeLessThanOrEqual(1);
    }
  });

  test(`${id}: exact sizes, opaque, and a constant picture stays constant`, async ({ openApp }) => {
    const { page } = await openApp();
    for (const [width, height] of [
      [1, 1],
      [1, 9],
      [13, 1],
      [7, 11],
    ] as const) {
      const result = await pixelsOf(page, { picture: await drawPng(page, { width, height }, texture), model: id });
      expect([result.width, result.height]).toEqual([width * scale, height * scale]);
      expect(result.data.every((level, at) => at % 4 !== 3 || level === 255)).toBe(true);
    }
    if (id.startsWith('tintype-style')) return;
    const colour = [90, 140, 200, 255] as const;
    const picture = await drawPng(page, { width: 100, height: 80 }, () => colour);
    const options = { tile: { maxSidePx: side } };
    const result = await pixelsOf(page, { picture, model: id, options });
    const whole = await pixelsOf(page, { picture, model: id, maxEngines: 1, options: { ...WHOLE } });
    if (id.startsWith('esrgan')) {
      if (result.report.dtype === 'w8') expect(largestDifference(result.data, whole.data)).toBeLessThanOrEqual(1);
      return;
    }
    const worst = { inside: 0, edge: 0, corner: 0 };
    for (let y = 0; y < result.height; y++) {
      for (let x = 0; x < result.width; x++) {
        const toSide = Math.min(x, result.width - 1 - x) / scale;
        const toEnd = Math.min(y, result.height - 1 - y) / scale;
        const place = Math.min(toSide, toEnd) >= 8 ? 'inside' : Math.max(toSide, toEnd) >= 8 ? 'edge' : 'corner';
        const off = pixelAt(result, x, y).map((level, channel) => Math.abs(level - (colour[channel] ?? 0)));
        worst[place] = Math.max(worst[place], ...off);
      }
    }
    // Corners see two ends of the picture at once: the networks' card names 12 there.
    expect(worst.inside).toBeLessThanOrEqual(1);
    expect(worst.edge).toBeLessThanOrEqual(5);
    expect(worst.corner).toBeLessThanOrEqual(12);
  });
}

test('sizes around a tile are exact: tile - 1, tile, tile + 1, primes', async ({ openApp }) => {
  const { page } = await openApp();
  for (const [width, height] of [
    [63, 64],
    [64, 64],
    [65, 63],
    [127, 3],
    [3, 131],
    [97, 89],
  ] as const) {
    const picture = await drawPng(page, { width, height }, texture);
    const whole = await pixelsOf(page, { picture, maxEngines: 1, options: { ...WHOLE } });
    const tiled = await pixelsOf(page, { picture, options: { tile: { maxSidePx: 64 } } });
    expect([tiled.width, tiled.height]).toEqual([width * 2, height * 2]);
    expect(largestDifference(whole.data, tiled.data), `${width}x${height}`).toBeLessThanOrEqual(1);
  }
});
