import { readFileSync } from 'node:fs';
import { fixturePath, readTrajectory, type TrajectoryCase } from '../fixtures/diffusion/read-fixtures.js';
import { countRequests, expect, type OpenedApp, test } from './harness.js';
import { drawPng, largestDifference } from './pixels.js';
import { blobInPage, type Edited, editInPage, openClient, pictureInPage, readInPage } from './repository-page.js';
import { serveRepositories, tinyPipeline } from './repository-server.js';

/** Recorded by diffusers: one for each way to use a U-Net, and those where sizes or words do not fit. */
const REPLAYED = [
  'ip2p-eulera',
  'img2img-pndm',
  'lcm-cond',
  'inpaint9-s06',
  'inpaint4-s06',
  'img2img-odd-70x90',
  'img2img-long-prompt',
] as const;

interface Replayed extends Edited {
  readonly recorded: TrajectoryCase;
  readonly manifest: Awaited<ReturnType<typeof readInPage>>;
  readonly got: Uint8Array;
  /** What diffusers gave: RGBA rows. */
  readonly expected: Uint8Array;
  readonly source: Uint8Array;
}

type Open = (options: { readonly files: ReadonlyMap<string, Uint8Array> }) => Promise<OpenedApp>;

/** Reads the pipeline of a recorded run, with the scheduler of that run, and makes the same call by the hosted names. */
async function replay(openApp: Open, id: string): Promise<Replayed & { readonly app: OpenedApp }> {
  const { case: recorded, tensors } = readTrajectory(id);
  const { pipeline, files, prompt, negative_prompt, num_inference_steps, guidance_scale, seed } = recorded;
  const app = await openApp({ files: serveRepositories({ [pipeline]: tinyPipeline(pipeline) }) });
  const manifest = await readInPage(app.page, `models/${pipeline}`, {
    configs: {
      scheduler: recorded.scheduler_config,
      ...(recorded.task === 'inpaint' ? { model_index: { _class_name: 'StableDiffusionInpaintPipeline' } } : {}),
    },
  });
  await openClient(app.page, [manifest]);
  const file = (name: string) => blobInPage(app.page, readFileSync(fixturePath(`trajectories/${id}/${name}`)));
  const optional = {
    negative_prompt,
    image_guidance_scale: recorded.image_guidance_scale,
    strength: recorded.strength,
  };
  const edited = await pictureInPage(app.page, {
    model: manifest.id,
    picture: await file(files.source),
    ...(files.mask === null ? {} : { mask: await file(files.mask) }),
    parameters: {
      prompt,
      num_inference_steps,
      guidance_scale,
      seed,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    },
  });
  const output = tensors.picture(recorded.resized_back ?? 'output_u8');
  expect([edited.picture.width, edited.picture.height]).toEqual([output.width, output.height]);
  return {
    ...edited,
    app,
    recorded,
    manifest,
    got: edited.picture.rgba,
    expected: output.data,
    source: tensors.picture('source_u8').data,
  };
}

for (const id of REPLAYED) {
  test(`${id}: from file to file what diffusers gave`, async ({ openApp }) => {
    const { app, recorded, report, got, expected, source } = await replay(openApp, id);
    const mask = recorded.files.mask === null ? undefined : readTrajectory(id).tensors.picture('mask_u8').data;
    // diffusers gives the whole decoded picture; outside the mask Tintype gives the source's own bytes.
    const wanted = expected.map((byte, at) => (mask && (mask[at - (at % 4)] ?? 0) < 128 ? (source[at] ?? 0) : byte));
    expect(largestDifference(got, wanted)).toBeLessThanOrEqual(1);
    if (mask) expect(largestDifference(got, source)).toBeGreaterThan(8);
    const [width, height] = recorded.work_size;
    expect(report).toMatchObject({
      outcome: 'done',
      device: 'wasm',
      dtype: 'f32',
      model: recorded.pipeline,
      steps: recorded.timesteps_run.length,
      workSize: { width, height },
      parameters: { seed: recorded.seed, guidance_scale: recorded.guidance_scale },
      warnings: id === 'img2img-long-prompt' ? [{ code: 'prompt-cut', name: 'prompt' }] : [],
    });
    // What had no effect is named to its end.
    if (report.warnings[0]) expect(report.warnings[0].message).toMatch(/and nothing else at the very end of it all$/);
    expect(app.foreignRequests).toEqual([]);
    expect(app.server.requests.filter(({ bodyBytes }) => bodyBytes > 0)).toEqual([]);
  });
}

test('what cannot work is refused before any work', async ({ openApp }) => {
  const names = ['img2img', 'inpaint', 'ip2p'];
  const { page, server } = await openApp({
    files: serveRepositories(Object.fromEntries(names.map((name) => [name, tinyPipeline(name)]))),
  });
  const manifests = [];
  for (const name of names) manifests.push(await readInPage(page, `models/${name}`));
  await openClient(page, manifests);
  const picture = await drawPng(page, { width: 16, height: 16 }, (x, y) => [x * 16, y * 16, 80, 255]);
  const refused = async (model: string, parameters: Readonly<Record<string, unknown>>) =>
    (await editInPage(page, { model, picture, parameters })).error;

  expect(await refused('img2img', { prompt: 'a dog', strength: 0.05, num_inference_steps: 4 })).toMatchObject({
    code: 'unsupported-parameter',
    phase: 'validate',
    details: { parameter: 'strength' },
  });
  expect(await refused('inpaint', { prompt: 'a dog' })).toMatchObject({
    code: 'unsupported-parameter',
    phase: 'validate',
    details: { parameter: 'mask_image' },
  });
  for (const parameters of [{}, { prompt: ' ' }]) {
    expect(await refused('ip2p', parameters)).toMatchObject({
      code: 'unsupported-parameter',
      phase: 'validate',
      details: { parameter: 'prompt' },
    });
  }
  // Reading asks for the length of graphs, by HEAD; nobody fetched one, and no worker was made.
  expect(server.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('.onnx'))).toEqual([]);
  expect(countRequests(server, /worker/)).toBe(0);
  expect(await page.evaluate(() => window.workers.length)).toBe(0);
});
