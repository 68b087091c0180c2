// Hugging Face's own client, unchanged, with `createInPageFetch` as its fetch: the same pictures as from a direct call, and nothing
// leaves the page.
import type { JSHandle, Page } from '@playwright/test';
import type { Report } from 'tintype';
import { expect, makePicture, type OpenedApp, test } from './harness.js';
import { drawScene, EDITOR } from './prompted-scene.js';

const ENLARGER = 'tintype-sr-x2';
const HOSTED_EDITOR = 'timbrooks/instruct-pix2pix';
const ROUTER = 'https://router.huggingface.co/hf-inference/models';
const LEGACY = 'https://api-inference.huggingface.co/models';
const SIZE = { width: 70, height: 50 };

/** How the official client is called. */
interface OfficialCall {
  readonly model?: string;
  readonly provider?: 'auto' | 'hf-inference';
  readonly endpointUrl?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What came of it. */
interface OfficialResult {
  readonly isBlob: boolean;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
}

declare global {
  interface Window {
    /** Made once by {@link setUp}. */
    inPage: {
      readonly fetch: typeof fetch;
      readonly official: InstanceType<Awaited<ReturnType<Window['importOfficialClient']>>['InferenceClient']>;
      readonly client: InstanceType<Window['tintype']['InferenceClient']>;
      readonly reports: Report[];
      /** Of every answer, in order. */
      readonly answers: { readonly status: number; readonly computeType: string | null }[];
      examine(blob: Blob): Promise<OfficialResult>;
    };
  }
}

async function setUp(page: Page, options: { readonly waitForModel?: boolean } = {}): Promise<void> {
  await page.evaluate(
    async ({ options, aliases }) => {
      const [{ createInPageFetch }, { InferenceClient }] = await Promise.all([
        window.importEndpoint(),
        window.importOfficialClient(),
      ]);
      const reports: Report[] = [];
      const client = new window.tintype.InferenceClient(undefined, { onReport: (report) => reports.push(report) });
      const inPageFetch = createInPageFetch(client, { ...options, aliases });
      const answers: Window['inPage']['answers'][number][] = [];
      const told: typeof fetch = async (input, init) => {
        const answer = await inPageFetch(input, init);
        answers.push({ status: answer.status, computeType: answer.headers.get('x-compute-type') });
        return answer;
      };
      window.inPage = {
        client,
        reports,
        answers,
        fetch: told,
        official: new InferenceClient('hf_token', { fetch: told }),
        examine: async (blob) => {
          const { width, height } = await createImageBitmap(blob);
          const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
          const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
          return { isBlob: blob instanceof Blob, type: blob.type, width, height, sha256 };
        },
      };
    },
    { options, aliases: { [HOSTED_EDITOR]: EDITOR } },
  );
}

/** @param type What the picture claims to be. @default its own type */
function callOfficial(page: Page, picture: JSHandle<Blob>, call: OfficialCall, type?: string): Promise<OfficialResult> {
  return page.evaluate(
    async ({ picture, call, type }) => {
      const { official, examine } = window.inPage;
      const inputs = type === undefined ? picture : new Blob([picture], { type });
      return examine(await official.imageToImage({ ...call, inputs }));
    },
    { picture, call, type },
  );
}

function callDirectly(
  page: Page,
  picture: JSHandle<Blob>,
  model: string,
  parameters?: Readonly<Record<string, unknown>>,
): Promise<OfficialResult> {
  return page.evaluate(
    async ({ picture, model, parameters }) => {
      const { client, examine } = window.inPage;
      const args = { inputs: picture, model, ...(parameters === undefined ? {} : { parameters }) };
      return examine(await client.imageToImage(args));
    },
    { picture, model, parameters },
  );
}

function expectSilence({ server, foreignRequests }: OpenedApp): void {
  expect(foreignRequests).toEqual([]);
  expect(server.requests.filter(({ method, bodyBytes }) => method !== 'GET' || bodyBytes > 0)).toEqual([]);
}

test('the official client enlarges in the page: every form of its call gives the bytes of a direct one', async ({
  openApp,
}) => {
  const app = await openApp({ hasStrictCsp: true });
  const { page } = app;
  await setUp(page);
  const picture = await makePicture(page, SIZE);
  const direct = await callDirectly(page, picture, ENLARGER);
  expect(direct).toMatchObject({ isBlob: true, type: 'image/png', width: 140, height: 100 });
  const calls: readonly OfficialCall[] = [
    { model: ENLARGER },
    { model: ENLARGER, provider: 'auto' },
    { model: ENLARGER, provider: 'hf-inference' },
    { endpointUrl: `${ROUTER}/${ENLARGER}` },
    { endpointUrl: `${LEGACY}/${ENLARGER}` },
  ];
  for (const call of calls) {
    expect(await callOfficial(page, picture, call), JSON.stringify(call)).toEqual(direct);
    const ignored = { ...call, parameters: { prompt: "elmo's lecture", num_inference_steps: 25, seed: -1 } };
    expect(await callOfficial(page, picture, ignored), JSON.stringify(ignored)).toEqual(direct);
  }
  for (const type of ['image / png', 'application/octet-stream', '']) {
    expect(await callOfficial(page, picture, { model: ENLARGER }, type), type).toEqual(direct);
    expect(await callOfficial(page, picture, { model: ENLARGER, parameters: {} }, type), type).toEqual(direct);
  }
  const target_size = { width: 99, height: 33 };
  const resized = await callOfficial(page, picture, { model: ENLARGER, parameters: { target_size } });
  expect(resized).toEqual(await callDirectly(page, picture, ENLARGER, { target_size }));
  expect(resized).toMatchObject(target_size);
  // Of all these calls only those with new parameters were worked on: the direct ones, raw, ignored, and with a size.
  expect(await page.evaluate(() => window.inPage.reports.length)).toBe(5);
  expectSilence(app);
});

test('the official client edits by words with a hosted id, and its parameters are honoured', async ({ openApp }) => {
  const app = await openApp({ hasStrictCsp: true });
  const { page } = app;
  await setUp(page);
  const picture = await drawScene(page, SIZE);
  const plain = { prompt: 'add film grain', seed: 7, num_inference_steps: 3 };
  const direct = await callDirectly(page, picture, EDITOR, plain);
  expect(direct).toMatchObject(SIZE);
  const model = HOSTED_EDITOR;
  expect(await callOfficial(page, picture, { model, parameters: plain })).toEqual(direct);
  const endpointUrl = `${ROUTER}/${encodeURIComponent(model)}`;
  expect(await callOfficial(page, picture, { endpointUrl, parameters: plain })).toEqual(direct);

  const negative_prompt = ['fog', 'snow'];
  const rich = { ...plain, negative_prompt, guidance_scale: 3, image_guidance_scale: 1.2, unheard_of: 1 };
  const edited = await callOfficial(page, picture, { model, parameters: rich });
  expect(edited).toEqual(await callDirectly(page, picture, EDITOR, { ...rich, negative_prompt: 'fog, snow' }));
  expect(edited.sha256).not.toBe(direct.sha256);

  const random = { model, parameters: { prompt: 'add film grain', seed: -1 } };
  await callOfficial(page, picture, random);
  await callOfficial(page, picture, random);
  const reports = await page.evaluate(() => window.inPage.reports);
  const steps = reports.map(({ parameters }) => parameters?.num_inference_steps);
  // The endpointUrl's call came from memory.
  expect(steps).toEqual([3, 3, 3, 3, 4, 4]);
  expect(reports[2]?.warnings).toMatchObject([{ code: 'parameter-unknown', name: 'unheard_of' }]);
  const seeds = reports.slice(4).map(({ parameters }) => parameters?.seed ?? -1);
  expect(Math.min(...seeds)).toBeGreaterThanOrEqual(0);
  expect(seeds[0]).not.toBe(seeds[1]);
  expectSilence(app);
});

test('the same call again comes from memory, unless it asks for a fresh one', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  await setUp(page);
  const picture = await makePicture(page, SIZE);
  const answers = await page.evaluate(
    async ({ picture, url }) => {
      const said: [number, string | null, string][] = [];
      for (const headers of [{}, {}, { 'x-use-cache': 'false' }, { 'x-use-cache': 'true' }]) {
        const answer = await window.inPage.fetch(url, { method: 'POST', body: picture, headers });
        const { sha256 } = await window.inPage.examine(await answer.blob());
        said.push([window.inPage.reports.length, answer.headers.get('x-compute-type'), sha256]);
      }
      return said;
    },
    { picture, url: `${ROUTER}/${ENLARGER}` },
  );
  expect(answers.map(([reports]) => reports)).toEqual([1, 1, 2, 2]);
  expect(answers.map(([, computeType]) => computeType)).toEqual([null, 'cache', null, 'cache']);
  expect(new Set(answers.map(([, , sha256]) => sha256)).size).toBe(1);
  expectSilence(app);
});

test('where the application does not wait: 503 while the model loads, the official client comes again', async ({
  openApp,
}) => {
  const app = await openApp();
  const { page } = app;
  await setUp(page, { waitForModel: false });
  const picture = await makePicture(page, SIZE);
  const first = await page.evaluate(
    async ({ picture, url }) => {
      const answer = await window.inPage.fetch(url, { method: 'POST', body: picture });
      return { status: answer.status, body: (await answer.json()) as { error: string; estimated_time: number } };
    },
    { picture, url: `${LEGACY}/${ENLARGER}` },
  );
  expect(first).toMatchObject({ status: 503, body: { error: `Model ${ENLARGER} is currently loading` } });
  expect(first.body.estimated_time).toBeGreaterThan(0);
  const result = await callOfficial(page, picture, { endpointUrl: `${ROUTER}/${ENLARGER}` });
  expect(result).toMatchObject({ width: 140, height: 100 });
  const statuses = await page.evaluate(() => window.inPage.answers.map(({ status }) => status));
  expect(statuses.at(-1)).toBe(200);
  expect(new Set(statuses.slice(0, -1))).toEqual(new Set([503]));
  expect(await page.evaluate(() => window.inPage.reports.length)).toBe(1);
  expectSilence(app);
});

test('refusals reach the application as errors of the official client, aborts as AbortError', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  await setUp(page);
  const picture = await drawScene(page, SIZE);
  const errors = await page.evaluate(
    async ({ picture, model, enlarger }) => {
      const { official } = window.inPage;
      const told = (call: Promise<unknown>) =>
        call.then(
          () => 'no error',
          ({ name, message, httpResponse }: Error & { httpResponse?: { status: number } }) =>
            `${name} ${httpResponse?.status ?? ''} ${message}`,
        );
      const controller = new AbortController();
      const running = official.imageToImage(
        { inputs: picture, model, parameters: { prompt: 'add fog', target_size: { width: 1024, height: 1024 } } },
        { signal: controller.signal },
      );
      setTimeout(() => controller.abort(), 50);
      return {
        aborted: await told(running),
        noPrompt: await told(official.imageToImage({ inputs: picture, model })),
        noPicture: await told(official.imageToImage({ inputs: new Blob(['<html>']), model: enlarger })),
        misuse: await told(official.imageToImage({ inputs: picture, model, parameters: { prompt: 'x', strength: 7 } })),
        unknown: await told(official.imageToImage({ inputs: picture, model: 'owner/other' })),
        elsewhere: await told(official.imageToImage({ inputs: picture, model: enlarger, provider: 'fal-ai' })),
      };
    },
    { picture, model: HOSTED_EDITOR, enlarger: ENLARGER },
  );
  expect(errors.aborted).toMatch(/^AbortError /);
  expect(errors.noPrompt).toMatch(/^ProviderApiError 422 .*needs a prompt/);
  expect(errors.noPicture).toMatch(/^ProviderApiError 400 /);
  expect(errors.misuse).toMatch(/^ProviderApiError 400 .*strength/);
  expect(errors.unknown).toMatch(
    /^HubApiError 404 .*tintype-sr-x2.*timbrooks\/instruct-pix2pix is instruct-pix2pix-micro/,
  );
  expect(errors.elsewhere).toMatch(/^InputError /);
  expectSilence(app);
});
