import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  allTruths,
  blueness,
  colourOf,
  describePlanes,
  mean,
  nearest,
  psnrOf,
  texture,
  toPlanes,
} from './edit-measures.ts';
import { crop, decodePng, type Picture } from './png-picture.ts';
import { createPromptEditor, type EditOptions } from './prompt-editor-run.ts';
import { psnrDb } from './psnr.ts';
import { SAMPLES } from './sample-crops.ts';
import { type Planes, TRUE_EDITS } from './true-edits.ts';

const SIDE_PX = 128;
/** Edits that are random: a model's flakes or grains lie elsewhere than those of the truth, and are fainter (see the card). */
const RANDOM = ['grain', 'snow'];
/** Edits that look at a pixel's neighbours, or jump: 28 to 42 dB; the others 46 dB and more. */
const FILTERS = ['blur', 'sharpen', 'sketch', 'posterize', 'pixelate', 'emboss'];
const FIXTURES = new URL('../../fixtures/instruct-pix2pix-micro/', import.meta.url);

/** One wording per edit, as the demo offers them. */
const WORDINGS = readJson<readonly { edit: string; prompt: string }[]>(new URL('edits.json', FIXTURES));

const PICTURES = [cropOf('chelsea.png', 150, 60), cropOf('coffee.png', 250, 120), cropOf('astronaut.png', 160, 60)];
const PICTURE = PICTURES[0]!;
const SMALL = crop(PICTURE, 32, 32, { width: SIDE_PX / 2, height: SIDE_PX / 2 });

const edit = createPromptEditor();

async function edited(prompt: string, options?: EditOptions, picture: Picture = PICTURE): Promise<Planes> {
  return toPlanes(await edit(picture, prompt, options));
}

describe('each edit', () => {
  const truths = PICTURES.map((picture) => allTruths(toPlanes(picture)));

  it.each(WORDINGS.filter((one) => !RANDOM.includes(one.edit)))(
    '"$prompt" is nearest to the true $edit',
    async (one) => {
      const distances = [];
      for (const [at, picture] of PICTURES.entries()) {
        const result = await edited(one.prompt, {}, picture);
        expect(nearest(describePlanes(result), truths[at]!), `picture ${at}`).toBe(one.edit);
        distances.push(psnrOf(result, TRUE_EDITS.get(one.edit)!(toPlanes(picture))));
      }
      expect(mean(distances)).toBeGreaterThan(FILTERS.includes(one.edit) ? 27 : 45);
    },
  );

  it.each(WORDINGS.filter((one) => RANDOM.includes(one.edit)))(
    '"$prompt" adds texture, more with more steps',
    async ({ prompt }) => {
      const textures = [];
      for (const steps of [1, 4, 12]) textures.push(texture(await edited(prompt, { steps })));
      const [one, four, twelve] = textures;
      expect(four).toBeGreaterThan(one! * 1.1);
      expect(twelve).toBeGreaterThan(four! * 1.1);
      expect(twelve).toBeGreaterThan(texture(toPlanes(PICTURE)) * 1.2);
    },
  );

  it('takes all colour away when asked for black and white', async () => {
    const { data, width } = await edited('make it black and white');
    const area = width ** 2;
    let most = 0;
    for (let at = 0; at < area; at++) {
      const rgb = [data[at]!, data[area + at]!, data[2 * area + at]!];
      most = Math.max(most, Math.max(...rgb) - Math.min(...rgb));
    }
    expect(colourOf(toPlanes(PICTURE))).toBeGreaterThan(0.1);
    expect(most).toBeLessThan(0.06);
  });

  it('leaves the picture as it is when asked for nothing', async () => {
    expect(psnrDb(await edit(PICTURE, ''), PICTURE)).toBeGreaterThan(45);
  });
});

describe('guidance_scale', () => {
  it.each(['darker', 'warmer', 'fade', 'red', 'blur', 'sharpen', 'vignette', 'emboss'])(
    'goes further along %s',
    async (name) => {
      const { prompt } = WORDINGS.find((one) => one.edit === name)!;
      const lengths = [];
      for (const guidanceScale of [1, 1.5, 2]) lengths.push(along(await edited(prompt, { guidanceScale }), name));
      expect(lengths[0]).toBeGreaterThan(0.9);
      expect(lengths[0]).toBeLessThan(1.1);
      expect(lengths[1]).toBeGreaterThan(lengths[0]! + 0.2);
      expect(lengths[2]).toBeGreaterThan(lengths[1]! + 0.15);
    },
  );
});

describe('negative_prompt', () => {
  it('pulls away from what it names, and only with guidance', async () => {
    const at = async (guidanceScale: number, negativePrompt: string): Promise<number> =>
      blueness(await edited('add a vignette', { guidanceScale, negativePrompt }));
    expect(await at(1, 'make it blue')).toBe(await at(1, ''));
    const none = await at(1.5, '');
    expect(await at(1.5, 'make it blue')).toBeLessThan(none - 0.05);
    expect(await at(2, 'make it blue')).toBeLessThan((await at(1.5, 'make it blue')) - 0.05);
    expect(await at(1.5, 'make it red')).toBeGreaterThan(none);
  });
});

describe('words of strength', () => {
  it.each([
    { name: 'darker', weak: 'make it slightly darker', plain: 'make it darker', strong: 'make it much darker' },
    { name: 'red', weak: 'make it slightly red', plain: 'make it red', strong: 'make it very red' },
    { name: 'fog', weak: 'make it slightly foggy', plain: 'make it foggy', strong: 'make it very foggy' },
  ])('grade $name', async ({ name, weak, plain, strong }) => {
    const [little, usual, much] = await Promise.all(
      [weak, plain, strong].map(async (prompt) => along(await edited(prompt), name)),
    );
    expect(little).toBeLessThan(usual! - 0.15);
    expect(much).toBeGreaterThan(usual! + 0.15);
    expect(usual).toBeCloseTo(1, 1);
  });
});

describe('seed and num_inference_steps', () => {
  it.each(WORDINGS)('$edit: matter to random edits only', async ({ edit: name, prompt }) => {
    const [one, other] = [await edit(SMALL, prompt, { seed: 1 }), await edit(SMALL, prompt, { seed: 2, steps: 2 })];
    const difference = psnrDb(one, other);
    if (RANDOM.includes(name)) expect(difference).toBeLessThan(35);
    else expect(difference).toBeGreaterThan(55);
  });

  it('repeats a random edit for the same seed', async () => {
    const twice = [
      await edit(SMALL, 'let it snow', { seed: 3, steps: 2 }),
      await edit(SMALL, 'let it snow', { seed: 3, steps: 2 }),
    ];
    expect(twice[0]).toEqual(twice[1]);
    expect(psnrDb(twice[0]!, await edit(SMALL, 'let it snow', { seed: 4, steps: 2 }))).toBeLessThan(35);
  });
});

describe('the reference', () => {
  const cases = readJson<
    readonly {
      readonly name: string;
      readonly prompt: string;
      readonly negative_prompt: string;
      readonly num_inference_steps: number;
      readonly guidance_scale: number;
      readonly image_guidance_scale: number;
      readonly seed: number;
    }[]
  >(new URL('cases.json', FIXTURES));

  it.each(cases)('$name comes out within one level', async (one) => {
    const result = await edit(decodePng(readFileSync(new URL(`${one.name}.source.png`, FIXTURES))), one.prompt, {
      negativePrompt: one.negative_prompt,
      steps: one.num_inference_steps,
      guidanceScale: one.guidance_scale,
      imageGuidanceScale: one.image_guidance_scale,
      seed: one.seed,
    });
    const bytes = readFileSync(new URL(`${one.name}.expected.bin`, FIXTURES));
    const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    let most = 0;
    for (const [at, value] of toPlanes(result).data.entries()) most = Math.max(most, Math.abs(value - expected[at]!));
    // Half a level is rounding; the rest is another order of sums.
    expect(most).toBeLessThan(1 / 255);
  });
});

function cropOf(file: string, left: number, top: number): Picture {
  return crop(decodePng(readFileSync(`${SAMPLES}${file}`)), left, top, { width: SIDE_PX, height: SIDE_PX });
}

/** How far a result went along the true edit: 0 is the source, 1 the true edit. */
function along(result: Planes, name: string): number {
  const source = toPlanes(PICTURE);
  const truth = TRUE_EDITS.get(name)!(source);
  let [product, square] = [0, 0];
  for (const [at, value] of source.data.entries()) {
    const way = truth.data[at]! - value;
    product += (result.data[at]! - value) * way;
    square += way ** 2;
  }
  return product / square;
}

function readJson<T>(url: URL): T {
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8')) as T;
}
