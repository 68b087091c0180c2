import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { ModelManifest, SchedulerConfig } from 'tintype';
import { fixturePath, readTrajectory, type TrajectoryCase } from '../fixtures/diffusion/read-fixtures.js';
import { expect, test } from './harness.js';
import { largestDifference } from './pixels.js';
import { blobInPage, type Edited, openClient, pictureInPage, readInPage } from './repository-page.js';
import { serveRepositories, tinyPipeline } from './repository-server.js';

/** The hosted parameters that a recorded run was made with; only those that it names. */
function parametersOf(recorded: TrajectoryCase): Readonly<Record<string, unknown>> {
  const { prompt, negative_prompt, num_inference_steps, guidance_scale, image_guidance_scale, strength, seed } = recorded;
  const named = { prompt, negative_prompt, num_inference_steps, guidance_scale, image_guidance_scale, strength, seed };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== null));
}

/** Reads the case's pipeline with the case's scheduler, and replays it. */
async function replay(page: Page, id: string, modelIndex: Readonly<Record<string, unknown>> = {}): Promise<Edited & { manifest: ModelManifest; expected: Uint8Array; got: Uint8Array }> {
  const { case: recorded, tensors } = readTrajectory(id);
  const manifest = await readInPage(page, `models/${recorded.pipeline}`, {
    configs: { scheduler: recorded.scheduler_config, model_index: modelIndex },
  });
  await openClient(page, [manifest]);
  const file = (name: string) => blobInPage(page, readFileSync(fixturePath(`trajectories/${id}/${name}`)));
  const edited = await pictureInPage(page, {
    model: manifest.id,
    picture: await file(recorded.files.source),
    ...(recorded.files.mask === null ? {} : { mask: await file(recorded.files.mask) }),
    parameters: parametersOf(recorded),
  });
  const expected = tensors.picture(recorded.resized_back ?? 'output_u8');
  expect([edited.picture.width, edited.picture.height]).toEqual([expected.width, expected.height]);
  return { ...edited, manifest, expected: expected.data, got: edited.picture.rgba };
}

for (const id of ['ip2p-eulera', 'img2img-pndm', 'img2img-odd-70x90', 'lcm-cond', 'inpaint9-s06', 'inpaint4-s06', 'img2img-long-prompt']) {
  test(`${id}`, async ({ openApp }) => {
    const { case: recorded } = readTrajectory(id);
    const app = await openApp({ files: serveRepositories({ [recorded.pipeline]: tinyPipeline(recorded.pipeline) }) });
    const r = await replay(app.page, id, recorded.task === 'inpaint' ? { _class_name: 'StableDiffusionInpaintPipeline' } : {});
    console.log(id, largestDifference(r.got, r.expected), JSON.stringify(r.report), r.phases);
    expect(app.foreignRequests).toEqual([]);
  });
}
