import { expect, test } from './harness.js';
import { drawPng, fixture, pixelAt, pixelsOf } from './pixels.js';
import { drawScene, EDITOR } from './prompted-scene.js';

const PARAMETERS = { prompt: 'make it darker', num_inference_steps: 1 };

function alphasOf(data: Uint8Array): readonly number[] {
  return [...data].filter((_, at) => at % 4 === 3);
}

test('transparency is the source’s own, and hidden colours never show', async ({ openApp }) => {
  const { page } = await openApp();
  const size = { width: 41, height: 30 };
  const alphaAt = (x: number, y: number): number => (x < 12 ? 0 : Math.min(255, (x - 12) * 9 + (y % 3)));
  const picture = await drawScene(page, size, alphaAt);
  const result = await pixelsOf(page, { picture, model: EDITOR, parameters: PARAMETERS });
  expect(result).toMatchObject({ ...size, type: 'image/png' });
  const expected = Array.from({ length: 41 * 30 }, (_, at) => alphaAt(at % 41, Math.floor(at / 41)));
  expect(alphasOf(result.data)).toEqual(expected);
  expect(result.report.warnings).toEqual([]);

  // Magenta under the transparent half would be drawn over the border by the blur.
  const hidden = await drawPng(page, { width: 48, height: 32 }, (x) =>
    x < 24 ? [70, 110, 60, 255] : [255, 0, 255, 0],
  );
  const blurred = await pixelsOf(page, { picture: hidden, model: EDITOR, parameters: { prompt: 'blur the image' } });
  for (let y = 4; y < 28; y++) {
    const [red = 0, green = 0, blue = 0, alpha] = pixelAt(blurred, 23, y);
    expect(alpha).toBe(255);
    expect(Math.max(Math.abs(red - 70), Math.abs(green - 110), Math.abs(blue - 60)), `row ${y}`).toBeLessThan(20);
  }

  const flat = await pixelsOf(page, {
    picture,
    model: EDITOR,
    parameters: PARAMETERS,
    options: { output: { type: 'image/jpeg', background: '#ff0000' } },
  });
  expect(flat.type).toBe('image/jpeg');
  expect(flat.report.warnings.map(({ code }) => code)).toEqual(['alpha-flattened']);
  const [red = 0, green = 255, , alpha] = pixelAt(flat, 3, 15);
  expect(alpha).toBe(255);
  expect(red - green).toBeGreaterThan(200);
});

test('any size comes out at its own size, or exactly at target_size', async ({ openApp }) => {
  const { page } = await openApp();
  const cases = [
    { size: { width: 71, height: 53 }, workSize: { width: 64, height: 48 } },
    { size: { width: 5, height: 5 }, workSize: { width: 16, height: 16 } },
    { size: { width: 1, height: 1 }, workSize: { width: 16, height: 16 } },
    { size: { width: 200, height: 3 }, workSize: { width: 200, height: 16 } },
  ];
  for (const { size, workSize } of cases) {
    const picture = await drawScene(page, size);
    const { width, height, report } = await pixelsOf(page, { picture, model: EDITOR, parameters: PARAMETERS });
    expect({ width, height }).toEqual(size);
    expect(report.workSize).toEqual(workSize);
    expect(report.output).toMatchObject(size);
    expect(report.warnings).toEqual([]);
  }
  const picture = await drawScene(page, { width: 64, height: 48 });
  for (const target_size of [
    { width: 121, height: 33 },
    { width: 16, height: 17 },
  ]) {
    const parameters = { ...PARAMETERS, target_size };
    const { width, height, report } = await pixelsOf(page, { picture, model: EDITOR, parameters });
    expect({ width, height }).toEqual(target_size);
    expect(report.input).toMatchObject({ width: 64, height: 48 });
    // At the size that is wished for, not at the picture's.
    expect(report.workSize).toEqual({
      width: 8 * Math.floor(target_size.width / 8),
      height: 8 * Math.floor(target_size.height / 8),
    });
  }
});

test('a picture beyond the model’s size is worked on smaller, with a warning, and comes out whole', async ({
  openApp,
}) => {
  const { page } = await openApp();
  const picture = await drawScene(page, { width: 160, height: 120 });
  const result = await page.evaluate(
    async ({ picture, model, parameters }) => {
      const { InferenceClient } = window.tintype;
      const manifest = await new InferenceClient().models.get(model);
      if (manifest.pipeline !== 'diffusion') throw new Error('Not a prompted model.');
      const small = { ...manifest, id: 'small-editor', maxWorkPixels: 64 * 48 };
      const client = new InferenceClient(undefined, { models: [small] });
      const inputs = { inputs: picture, model: small.id, parameters };
      const estimate = await client.estimate(inputs);
      const reports: import('tintype').Report[] = [];
      const blob = await client.imageToImage(inputs, { onReport: (report) => reports.push(report) });
      const { width, height } = await createImageBitmap(blob);
      return { width, height, report: reports[0], estimate };
    },
    { picture, model: EDITOR, parameters: PARAMETERS },
  );
  expect(result).toMatchObject({
    width: 160,
    height: 120,
    report: { workSize: { width: 64, height: 48 }, output: { width: 160, height: 120 } },
    estimate: { workSize: { width: 64, height: 48 }, output: { width: 160, height: 120 } },
  });
  expect(result.report?.warnings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    expect.stringMatching(/^work-size-reduced: .*64 x 48.*160 x 120/),
  ]);
});

test('a mask keeps what it does not mark, where the manifest honours one', async ({ openApp }) => {
  const { page } = await openApp();
  const size = { width: 60, height: 44 };
  const picture = await drawScene(page, size);
  // Half the picture’s size: masks are brought to it.
  const mask = await drawPng(page, { width: 30, height: 22 }, (x) => (x < 15 ? [255, 255, 255, 255] : [0, 0, 0, 255]));
  const result = await page.evaluate(
    async ({ picture, mask, model }) => {
      const { InferenceClient } = window.tintype;
      const manifest = await new InferenceClient().models.get(model);
      const masked = { ...manifest, id: 'masked-editor', honours: [...manifest.honours, 'mask_image'] as const };
      const client = new InferenceClient(undefined, { models: [masked] });
      const pixels = async (blob: Blob): Promise<number[]> => {
        const bitmap = await createImageBitmap(blob);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context?.drawImage(bitmap, 0, 0);
        return [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])];
      };
      const prompt = 'invert the image';
      const edited = await client.imageToImage({
        inputs: picture,
        model: masked.id,
        parameters: { prompt, mask_image: mask },
      });
      const wrong = ['https://example.com/mask.png', new Blob(['no picture']), {} as Blob].map((mask_image) =>
        client.imageToImage({ inputs: picture, model: masked.id, parameters: { prompt, mask_image } }).then(
          () => 'done',
          (caught: Error & { code?: string }) => `${caught.name} ${caught.code ?? ''} ${caught.message}`,
        ),
      );
      return { edited: await pixels(edited), source: await pixels(picture), refusals: await Promise.all(wrong) };
    },
    { picture, mask, model: EDITOR },
  );
  let [kept, changed] = [0, 0];
  for (const [at, value] of result.edited.entries()) {
    const x = (at >> 2) % size.width;
    if (x >= 32 && value !== result.source[at]) kept++;
    if (x < 28 && Math.abs(value - (result.source[at] ?? 0)) > 8) changed++;
  }
  expect(kept).toBe(0);
  expect(changed).toBeGreaterThan(size.height * 28 * 2);
  expect(result.refusals[0]).toMatch(/^TypeError .*mask_image looks like an address/);
  expect(result.refusals[1]).toMatch(/^ImageToImageError unsupported-type/);
  expect(result.refusals[2]).toMatch(/^TypeError .*mask_image must be/);
});

test('JPEG in and out, upright, with its metadata where that is asked for', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await fixture(page, 'exif-6.jpg');
  const call = { picture, model: EDITOR, parameters: { prompt: 'do nothing', num_inference_steps: 1 } };
  const output = { type: 'image/jpeg' } as const;
  const stripped = await pixelsOf(page, { ...call, options: { output } });
  expect(stripped).toMatchObject({ width: 24, height: 16, type: 'image/jpeg' });
  expect(stripped.report.input).toEqual({ width: 24, height: 16, type: 'image/jpeg' });
  expect(Buffer.from(stripped.file).includes('Tintype fixture')).toBe(false);
  const kept = await pixelsOf(page, { ...call, options: { output, metadata: 'keep' } });
  expect(Buffer.from(kept.file).includes('Tintype fixture')).toBe(true);
  expect([kept.width, kept.height]).toEqual([24, 16]);
});
