import { describe, expect, it } from 'vitest';
import { combineRows, type GuidanceRow, guidanceRows } from './guidance.js';

type Model = Parameters<typeof guidanceRows>[0];

const editing: Model = { family: 'instruct-pix2pix', unet: { inChannels: 8, timeCondProjDim: null } };
const plain: Model = { family: 'image-to-image', unet: { inChannels: 4, timeCondProjDim: null } };
const consistency: Model = { family: 'image-to-image', unet: { inChannels: 4, timeCondProjDim: 256 } };
const inpainting: Model = { family: 'inpaint', unet: { inChannels: 9, timeCondProjDim: null } };

describe('guidanceRows', () => {
  const cases: readonly [string, Model, number, number, readonly GuidanceRow[]][] = [
    ['InstructPix2Pix', editing, 7.5, 1.5, ['text', 'image', 'uncond']],
    ['InstructPix2Pix, picture scale 1', editing, 7.5, 1, ['text', 'image']],
    ['InstructPix2Pix, picture scale below 1', editing, 7.5, 0.99, ['text']],
    ['InstructPix2Pix, scale 1', editing, 1, 1.5, ['text']],
    ['image to image', plain, 1.01, 0, ['negative', 'text']],
    ['image to image, scale 1', plain, 1, 1.5, ['text']],
    ['image to image, scale 0', plain, 0, 1.5, ['text']],
    ['inpainting', inpainting, 7.5, 1, ['negative', 'text']],
    ['guidance embedding', consistency, 8.5, 1, ['text']],
  ];
  it.each(cases)('%s', (_, model, guidanceScale, imageGuidanceScale, rows) => {
    expect(guidanceRows(model, { guidanceScale, imageGuidanceScale })).toEqual(rows);
  });
});

describe('combineRows', () => {
  const scales = { guidanceScale: 7, imageGuidanceScale: 2 };
  const constant = (value: number) => new Float32Array(3).fill(value);
  const combined = (rows: readonly GuidanceRow[], ...values: number[]) =>
    combineRows(rows, values.map(constant), scales);

  it('one row is left as it is', () => {
    const only = constant(5);
    expect(combineRows(['text'], [only], scales)).toBe(only);
  });

  it('two rows: from the negative one towards the text', () => {
    expect(combined(['negative', 'text'], 100, 1)).toEqual(constant(100 + 7 * (1 - 100)));
  });

  it('three rows: each scale has its own direction', () => {
    expect(combined(['text', 'image', 'uncond'], 1, 10, 100)).toEqual(constant(100 + 7 * (1 - 10) + 2 * (10 - 100)));
  });

  it('at a picture scale of 1 two rows give what three would', () => {
    const scales = { guidanceScale: 7, imageGuidanceScale: 1 };
    const three = combineRows(['text', 'image', 'uncond'], [1, 10, 100].map(constant), scales);
    expect(combineRows(['text', 'image'], [1, 10].map(constant), scales)).toEqual(three);
  });

  it('every order of three rows gives another number, so a swap would show', () => {
    const orders = [
      [1, 10, 100],
      [1, 100, 10],
      [10, 1, 100],
      [10, 100, 1],
      [100, 1, 10],
      [100, 10, 1],
    ] as const;
    expect(new Set(orders.map((values) => combined(['text', 'image', 'uncond'], ...values)[0])).size).toBe(6);
  });

  it('equal rows need no guidance: the scales cancel out', () => {
    expect(combined(['text', 'image', 'uncond'], 4, 4, 4)).toEqual(constant(4));
  });

  it('a missing output is refused', () => {
    expect(() => combined(['negative', 'text'], 1)).toThrow('no output for row "text"');
  });
});
