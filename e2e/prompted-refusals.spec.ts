import type { Warning } from 'tintype';
import { callInPage, countRequests, expect, test } from './harness.js';
import { drawScene, EDITOR, EDITOR_FILES } from './prompted-scene.js';

const SIZE = { width: 32, height: 24 };

/** `code name` of each. */
function told(warnings: readonly Warning[] = []): readonly string[] {
  return warnings.map(({ code, name }) => `${code} ${name}`).sort();
}

test('what has no effect on a call is a warning', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const call = { picture, model: EDITOR };
  const plain = { prompt: 'make it darker', num_inference_steps: 1 };
  const cases: readonly [Readonly<Record<string, unknown>>, readonly string[]][] = [
    [{ negative_prompt: 'make it blue' }, ['parameter-ignored negative_prompt']],
    [{ image_guidance_scale: 1.5 }, ['parameter-ignored image_guidance_scale']],
    [{ guidance_scale: 1.5, negative_prompt: 'make it blue', image_guidance_scale: 1.2 }, []],
    [
      { guidance_scale: 2, image_guidance_scale: 0.5, negative_prompt: ['a'] },
      [
        'parameter-ignored guidance_scale',
        'parameter-ignored image_guidance_scale',
        'parameter-ignored negative_prompt',
      ],
    ],
    [{ strength: 0.5, mask_image: 'AAAA' }, ['parameter-ignored mask_image', 'parameter-ignored strength']],
    [{ scheduler: 'EulerDiscreteScheduler' }, ['parameter-unknown scheduler']],
  ];
  for (const [parameters, expected] of cases) {
    const { reports, error } = await callInPage(page, { ...call, parameters: { ...plain, ...parameters } });
    expect(error).toBeUndefined();
    expect(told(reports[0]?.warnings), JSON.stringify(parameters)).toEqual(expected);
    expect(Object.keys(reports[0]?.parameters ?? {})).not.toContain('strength');
  }
  const tiled = await callInPage(page, {
    ...call,
    parameters: plain,
    options: { tile: { maxSidePx: 64 } },
    wantsTiles: true,
  });
  expect(told(tiled.reports[0]?.warnings)).toEqual(['option-ignored onTile', 'option-ignored tile']);
  expect(tiled.tileCount).toBe(0);
});

test('a prompt that is too long is cut, and the warning names what was lost', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await drawScene(page, SIZE);
  const parameters = { num_inference_steps: 1, seed: 0 };
  const filler = 'please '.repeat(75);
  const long = { ...parameters, prompt: `make it darker ${filler} and add a vignette` };
  const { reports, blob } = await callInPage(page, { picture, model: EDITOR, parameters: long });
  expect(told(reports[0]?.warnings)).toEqual(['prompt-cut prompt']);
  expect(reports[0]?.warnings[0]?.message).toMatch(/please and add a vignette$/);
  // What is left of the prompt is what was run.
  const same = { ...parameters, prompt: `make it darker ${filler} and swap red and blue` };
  expect((await callInPage(page, { picture, model: EDITOR, parameters: same })).blob?.sha256).toBe(blob?.sha256);
  const negative = {
    ...parameters,
    prompt: 'make it darker',
    negative_prompt: `${filler} make it blue`,
    guidance_scale: 1.5,
  };
  const cut = await callInPage(page, { picture, model: EDITOR, parameters: negative });
  expect(told(cut.reports[0]?.warnings)).toEqual(['prompt-cut negative_prompt']);
  // It takes no part: nothing to be told.
  const idle = { ...negative, guidance_scale: undefined };
  const off = await callInPage(page, { picture, model: EDITOR, parameters: idle });
  expect(told(off.reports[0]?.warnings)).toEqual(['parameter-ignored negative_prompt']);
});

test('impossible values are refused before anything is fetched or started', async ({ openApp }) => {
  const { page, server } = await openApp();
  const picture = await drawScene(page, SIZE);
  const prompt = 'make it darker';
  const cases: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>][] = [
    [{}, { code: 'unsupported-parameter', message: expect.stringContaining('parameters.prompt') }],
    [{ prompt: '' }, { code: 'unsupported-parameter' }],
    [{ prompt: ' \n' }, { code: 'unsupported-parameter' }],
    [{ prompt: 7 }, { name: 'TypeError', message: expect.stringContaining('prompt') }],
    [
      { prompt, negative_prompt: ['a', 1] },
      { name: 'TypeError', message: expect.stringContaining('negative_prompt') },
    ],
    [
      { prompt, num_inference_steps: 2.5 },
      { name: 'RangeError', message: expect.stringContaining('num_inference_steps') },
    ],
    [{ prompt, num_inference_steps: 0 }, { name: 'RangeError' }],
    [
      { prompt, guidance_scale: -1 },
      { name: 'RangeError', message: expect.stringContaining('guidance_scale') },
    ],
    [{ prompt, image_guidance_scale: '1' }, { name: 'TypeError' }],
    [
      { prompt, seed: 1.5 },
      { name: 'RangeError', message: expect.stringContaining('seed') },
    ],
    [
      { prompt, mask_image: 5 },
      { name: 'TypeError', message: expect.stringContaining('mask_image') },
    ],
  ];
  for (const [parameters, expected] of cases) {
    const { error, reports } = await callInPage(page, { picture, model: EDITOR, parameters });
    expect(error, JSON.stringify(parameters)).toMatchObject(expected);
    expect(reports).toMatchObject([{ where: 'nowhere', outcome: 'failed' }]);
  }
  const unknown = await callInPage(page, { picture, model: EDITOR, parameters: { prompt }, options: { dtype: 'f32' } });
  expect(unknown.error).toMatchObject({ name: 'RangeError', message: expect.stringContaining('w8') });
  expect(countRequests(server, EDITOR_FILES)).toBe(0);
  expect(await page.evaluate(() => window.workers.length)).toBe(0);
});
