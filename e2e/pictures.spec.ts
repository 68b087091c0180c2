import { expect, type OpenedApp, test } from './harness.js';
import { drawPng, fixture, largestDifference, pixelAt, pixelsOf } from './pixels.js';

const RED = [200, 40, 40];
const GREEN = [40, 180, 60];
const BLUE = [40, 60, 200];
const GREY = [128, 128, 128];
const EVEN_GREYS = [[102], [125], [68], [128]];

/** The four quadrants' centres in the result, which is twice as large. */
function quadrants(result: Parameters<typeof pixelAt>[0]): number[][] {
  return [pixelAt(result, 12, 8), pixelAt(result, 36, 8), pixelAt(result, 12, 24), pixelAt(result, 36, 24)];
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  expected.forEach((level, channel) => {
    expect(Math.abs((actual[channel] ?? -999) - level), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

const formats: ReadonlyArray<{ readonly file: string; readonly tolerance: number; readonly warning?: string }> = [
  { file: 'rgb.png', tolerance: 3 },
  { file: 'palette.png', tolerance: 3 },
  { file: 'rgb-16bit.png', tolerance: 3, warning: 'bit-depth-reduced' },
  { file: 'rgb.jpg', tolerance: 8 },
  { file: 'progressive.jpg', tolerance: 8 },
  { file: 'cmyk.jpg', tolerance: 60, warning: 'colour-converted' },
  { file: 'rgb.webp', tolerance: 3 },
  { file: 'lossy.webp', tolerance: 12 },
  { file: 'animated.webp', tolerance: 3, warning: 'animation-first-frame' },
  { file: 'rgb.avif', tolerance: 8 },
  { file: 'rgb.bmp', tolerance: 3 },
  { file: 'still.gif', tolerance: 3 },
  { file: 'animated.gif', tolerance: 3, warning: 'animation-first-frame' },
];

test('every format is read by its bytes, and what was adjusted is told', async ({ openApp }) => {
  const { page } = await openApp();
  for (const { file, tolerance, warning } of formats) {
    const result = await pixelsOf(page, { picture: await fixture(page, file) });
    expect([result.width, result.height], file).toEqual([48, 32]);
    quadrants(result).forEach((pixel, at) => {
      expectNear(pixel, [...([RED, GREEN, BLUE, GREY][at] ?? []), 255], tolerance, file);
    });
    expect(
      result.report.warnings.map(({ code }) => code),
      file,
    ).toEqual(warning ? [warning] : []);
  }
});

test('a Display-P3 picture is converted to sRGB, not read as if it were', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await page.evaluateHandle(async () => {
    const canvas = new OffscreenCanvas(24, 16);
    const context = canvas.getContext('2d', { colorSpace: 'display-p3' });
    if (!context) throw new Error('No canvas.');
    context.fillStyle = 'color(display-p3 0.7 0.35 0.3)';
    context.fillRect(0, 0, 24, 16);
    return canvas.convertToBlob();
  });
  // What the same colour is in sRGB, by the browser's own conversion of a CSS colour.
  const expected = await page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { colorSpace: 'srgb' });
    if (!context) throw new Error('No canvas.');
    context.fillStyle = 'color(display-p3 0.7 0.35 0.3)';
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  });
  expect(Math.abs((expected[0] ?? 0) - 0.7 * 255)).toBeGreaterThan(5);
  for (const model of ['tintype-restore', 'tintype-sr-x2']) {
    const result = await pixelsOf(page, { picture, model });
    expectNear(pixelAt(result, result.width >> 1, result.height >> 1), expected, 3, model);
  }
});

test('grey pictures stay grey', async ({ openApp }) => {
  const { page } = await openApp();
  for (const file of ['grey.png', 'grey.jpg']) {
    const result = await pixelsOf(page, { picture: await fixture(page, file) });
    quadrants(result).forEach((pixel, at) => {
      const [level = 0] = EVEN_GREYS[at] ?? [];
      expectNear(pixel, [level, level, level, 255], 20, file);
      expect(Math.max(...pixel.slice(0, 3)) - Math.min(...pixel.slice(0, 3)), file).toBeLessThanOrEqual(8);
    });
  }
});

test('all eight EXIF orientations come out upright, once', async ({ openApp }) => {
  const { page } = await openApp();
  for (let orientation = 1; orientation <= 8; orientation++) {
    const result = await pixelsOf(page, { picture: await fixture(page, `exif-${orientation}.jpg`) });
    expect([result.width, result.height], `orientation ${orientation}`).toEqual([48, 32]);
    quadrants(result).forEach((pixel, at) => {
      expectNear(pixel, [RED, GREEN, BLUE, GREY][at] ?? [], 8, `orientation ${orientation}`);
    });
  }
});

test('metadata is stripped unless it is asked for; kept, its orientation is reset', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await fixture(page, 'exif-6.jpg');
  for (const type of ['image/jpeg', 'image/png', 'image/webp'] as const) {
    const stripped = await pixelsOf(page, { picture, options: { output: { type } } });
    expect(Buffer.from(stripped.file).includes('Tintype fixture'), type).toBe(false);
    const kept = await pixelsOf(page, { picture, options: { output: { type }, metadata: 'keep' } });
    expect(Buffer.from(kept.file).includes('Tintype fixture'), type).toBe(true);
    // Read again by the browser, which would turn it a second time had the orientation stayed.
    expect([kept.width, kept.height], type).toEqual([48, 32]);
    quadrants(kept).forEach((pixel, at) => {
      expectNear(pixel, [RED, GREEN, BLUE, GREY][at] ?? [], 12, type);
    });
  }
});

test('alpha is exact at 0 and 255, smooth between, and hidden colours never bleed', async ({ openApp }) => {
  const { page } = await openApp();
  const size = { width: 40, height: 20 };
  const magenta = [255, 0, 255] as const;
  const hard = await drawPng(page, size, (x) => (x < 20 ? [90, 120, 150, 255] : [...magenta, 0]));
  const soft = await drawPng(page, size, (x) => [90, 120, 150, Math.max(0, Math.min(255, 255 - (x - 10) * 13))]);
  for (const model of ['tintype-sr-x2', 'tintype-restore']) {
    const scale = model === 'tintype-restore' ? 1 : 2;
    const result = await pixelsOf(page, { picture: hard, model });
    const wrong: string[] = [];
    for (let y = 0; y < result.height; y++) {
      for (let x = 0; x < result.width; x++) {
        const [red = 0, green = 0, blue = 0, alpha = -1] = pixelAt(result, x, y);
        if (x < 18 * scale && alpha !== 255) wrong.push(`alpha ${alpha} at ${x},${y}`);
        if (x >= 22 * scale && alpha !== 0) wrong.push(`alpha ${alpha} at ${x},${y}`);
        // Magenta drawn over the border would raise red and lower green at once.
        const off = Math.max(Math.abs(red - 90), Math.abs(green - 120), Math.abs(blue - 150));
        const outermost = x < 2 || y < 2 || y >= result.height - 2;
        if (alpha > 128 && off > (outermost ? 14 : 6)) wrong.push(`${red} ${green} ${blue} at ${x},${y}`);
      }
    }
    expect(wrong, model).toEqual([]);
    const ramp = await pixelsOf(page, { picture: soft, model });
    const alphas = Array.from({ length: ramp.width }, (_, x) => pixelAt(ramp, x, 10)[3] ?? -1);
    expect(
      alphas.every((alpha, x) => x === 0 || alpha <= (alphas[x - 1] ?? 0)),
      `${model}: ${alphas}`,
    ).toBe(true);
    expect(new Set(alphas).size).toBeGreaterThan(15);
  }
});

test('a same-size model leaves alpha bytes as they were', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawPng(page, { width: 32, height: 8 }, (x, y) => [100, 110, 120, x * 8 + y]);
  const result = await pixelsOf(page, { picture, model: 'tintype-restore' });
  for (let x = 0; x < 32; x++) expect(pixelAt(result, x, 3)[3]).toBe(x * 8 + 3);
});

test('JPEG has no transparency: the picture is laid over the background, and that is told', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawPng(page, { width: 32, height: 32 }, () => [0, 0, 0, 0]);
  const result = await pixelsOf(page, { picture, options: { output: { type: 'image/jpeg', background: '#00ff00' } } });
  expect(result.type).toBe('image/jpeg');
  expectNear(pixelAt(result, 32, 32), [0, 255, 0, 255], 4, 'background');
  expect(result.report.warnings).toMatchObject([{ code: 'alpha-flattened', name: 'output.type' }]);
});

test('a small file that holds a huge picture is refused by its header, with the numbers', async ({ openApp }) => {
  const { page } = await openApp();
  const call = pixelsOf(page, { picture: await fixture(page, 'bomb-16384.png') });
  await expect(call).rejects.toThrow(/16384 x 16384/);
  expect((await pixelsOf(page, { picture: await fixture(page, 'rgb.png') })).width).toBe(48);
});

test('a result that no canvas can hold is refused before any work', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await fixture(page, 'rgb.png');
  const call = pixelsOf(page, { picture, parameters: { target_size: { width: 40_000, height: 40_000 } } });
  await expect(call).rejects.toThrow(/40000 x 40000/);
});

test('target_size is met exactly, also when it changes the ratio of the sides', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await fixture(page, 'rgb.png');
  for (const [width, height] of [
    [48, 32],
    [100, 10],
    [7, 301],
    [1, 1],
  ] as const) {
    const result = await pixelsOf(page, { picture, parameters: { target_size: { width, height } } });
    expect([result.width, result.height]).toEqual([width, height]);
    if (width > 4 && height > 4)
      expectNear(pixelAt(result, width >> 2, height >> 2), [...RED, 255], 6, `${width}x${height}`);
  }
});

test('parameters without effect are warnings, in the order given', async ({ openApp }) => {
  const { page } = await openApp();
  const parameters = { prompt: 'a cat', num_inference_steps: 3, promt: 1 };
  const { report } = await pixelsOf(page, { picture: await fixture(page, 'rgb.png'), parameters });
  expect(report.warnings.map(({ code, name }) => [code, name])).toEqual([
    ['parameter-ignored', 'prompt'],
    ['parameter-ignored', 'num_inference_steps'],
    ['parameter-unknown', 'promt'],
  ]);
  expect(report).toMatchObject({ where: 'in-page', device: 'wasm', outcome: 'done', bytes: { up: 0 } });
});

async function inputKinds({ page }: OpenedApp): Promise<Record<string, { same: boolean; usable: boolean }>> {
  const picture = await fixture(page, 'rgb.png');
  return await page.evaluate(async (blob) => {
    const client = new window.tintype.InferenceClient();
    const run = async (inputs: Parameters<typeof client.imageToImage>[0]['inputs']): Promise<Uint8ClampedArray> => {
      const bitmap = await createImageBitmap(await client.imageToImage({ inputs }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      return context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
    };
    const buffer = await blob.arrayBuffer();
    const padded = new Uint8Array(buffer.byteLength + 6);
    padded.set(new Uint8Array(buffer), 3);
    const bitmap = await createImageBitmap(blob);
    const canvas = document.createElement('canvas');
    const offscreen = new OffscreenCanvas(24, 16);
    canvas.width = 24;
    canvas.height = 16;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    const drawing = offscreen.getContext('2d');
    drawing?.drawImage(bitmap, 0, 0);
    const pixels = drawing?.getImageData(0, 0, 24, 16) as ImageData;
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    const frame = new VideoFrame(bitmap, { timestamp: 0 });
    const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    const kinds = {
      Blob: [blob, () => blob.size > 0],
      File: [new File([blob], 'x.txt', { type: 'text/plain' }), () => true],
      ArrayBuffer: [buffer, () => buffer.byteLength > 0],
      view: [padded.subarray(3, padded.length - 3), () => padded.length > 0],
      DataView: [new DataView(buffer), () => buffer.byteLength > 0],
      ImageBitmap: [bitmap, () => bitmap.width === 24],
      ImageData: [pixels, () => pixels.data.length > 0],
      OffscreenCanvas: [offscreen, () => offscreen.getContext('2d')?.getImageData(0, 0, 1, 1).data[3] === 255],
      HTMLCanvasElement: [canvas, () => canvas.getContext('2d')?.getImageData(0, 0, 1, 1).data[3] === 255],
      HTMLImageElement: [image, () => image.naturalWidth === 24],
      VideoFrame: [frame, () => frame.displayWidth === 24],
      'data: URL': [`data:image/png;base64,${base64}`, () => true],
      base64: [base64, () => true],
    } as const;
    const expected = await run(blob);
    const results: Record<string, { same: boolean; usable: boolean }> = {};
    for (const [name, [input, usable]] of Object.entries(kinds)) {
      const actual = await run(input);
      const same =
        actual.length === expected.length && actual.every((level, at) => Math.abs(level - (expected[at] ?? 0)) <= 1);
      results[name] = { same, usable: usable() };
    }
    frame.close();
    return results;
  }, picture);
}

test('every kind of input gives the same picture, and the caller keeps what was passed', async ({ openApp }) => {
  const results = await inputKinds(await openApp());
  expect(Object.keys(results)).toHaveLength(13);
  for (const [kind, result] of Object.entries(results)) expect(result, kind).toEqual({ same: true, usable: true });
});

test('the same call gives the same bytes', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await fixture(page, 'rgb.png');
  const [first, second] = [await pixelsOf(page, { picture }), await pixelsOf(page, { picture })];
  expect(largestDifference(first.file, second.file)).toBe(0);
});
