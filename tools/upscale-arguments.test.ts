import type { Report } from 'tintype';
import { describe, expect, it } from 'vitest';
import { describeReport, parseUpscaleArguments, UsageError } from './upscale-arguments.js';

describe('parseUpscaleArguments', () => {
  it('reads a whole command line', () => {
    const args = ['in.jpg', 'out.webp', '--model', 'tintype-sr-x4', '--width', '640', '--height', '480'];
    expect(parseUpscaleArguments(args)).toEqual({
      inputPath: 'in.jpg',
      outputPath: 'out.webp',
      type: 'image/webp',
      model: 'tintype-sr-x4',
      targetSize: { width: 640, height: 480 },
    });
  });

  it('leaves model and size to the library', () => {
    expect(parseUpscaleArguments(['in', 'OUT.JPG'])).toMatchObject({
      type: 'image/jpeg',
      model: undefined,
      targetSize: undefined,
    });
  });

  it.each([
    [[], /one input and one output/],
    [['in.jpg'], /one input and one output/],
    [['in.jpg', 'out.png', 'more.png'], /got 3 names/],
    [['in.jpg', 'out.gif'], /out\.gif: the output's extension must be one of \.png/],
    [['in.jpg', 'out'], /extension/],
    [['in.jpg', 'out.png', '--width', '100'], /together/],
    [['in.jpg', 'out.png', '--width', '0', '--height', '5'], /--width must be a whole number/],
    [['in.jpg', 'out.png', '--width', '1e3', '--height', '5'], /not "1e3"/],
    [['in.jpg', 'out.png', '--modell', 'x'], /--modell/],
  ])('refuses %j', (args, message) => {
    expect(() => parseUpscaleArguments(args)).toThrow(UsageError);
    expect(() => parseUpscaleArguments(args)).toThrow(message);
  });
});

describe('describeReport', () => {
  it('says what was done, where, and what left the page', () => {
    const report: Report = {
      where: 'in-page',
      reason: 'in-page-default',
      model: 'tintype-sr-x2',
      device: 'wasm',
      dtype: 'w8',
      engines: 2,
      tiles: 6,
      input: { width: 64, height: 48, type: 'image/jpeg' },
      output: { width: 128, height: 96, type: 'image/png', sizeBytes: 12_345 },
      warnings: [{ code: 'bit-depth-reduced', message: 'Reduced to 8 bits.' }],
      timingsMs: { total: 1234 },
      bytes: { down: 40_000, up: 0 },
      outcome: 'done',
    };
    const command = parseUpscaleArguments(['in.jpg', 'out.png']);
    expect(describeReport(report, command)).toEqual([
      'in.jpg (64 x 48) -> out.png (128 x 96, image/png, 0.01 MB)',
      'Ran in-page with tintype-sr-x2 (w8) on wasm: 6 tiles, 2 engines, 1.2 s.',
      'Model bytes fetched: 0.04 MB. Picture bytes sent anywhere: 0.',
      'Note (bit-depth-reduced): Reduced to 8 bits.',
    ]);
  });
});
