// What leaves the page: a picture without its metadata, no larger than wished, from every kind of input.
import type { JSHandle } from '@playwright/test';
import type { RecordedRequest } from 'tintype/testing';
import { makePicture } from './harness.js';
import { callHosted, expect, type HostedApp, MODEL, test } from './hosted-page.js';
import { blobOf, bytesOf, CAMERA, PLACE, storedPng, withPlace } from './hosted-pictures.js';

const CALL = { consent: 'agrees', args: { model: MODEL }, options: { mode: 'remote-only' } } as const;

function submits(app: HostedApp): readonly RecordedRequest[] {
  return app.sent().filter(({ stage }) => stage === 'submit');
}

/** The picture of a submit, whichever form it has. */
function pictureOf(request: RecordedRequest | undefined): Buffer {
  const { inputs } = (request?.json ?? {}) as { readonly inputs?: string };
  return inputs === undefined ? Buffer.from(request?.body ?? []) : Buffer.from(inputs, 'base64');
}

async function photo({ page }: HostedApp, orientation: number): Promise<Buffer> {
  const jpeg = await makePicture(page, { width: 96, height: 64, type: 'image/jpeg' });
  return withPlace(await bytesOf(page, jpeg), orientation);
}

test('place and camera stay in the page; the orientation goes along, the pixels are untouched', async ({
  openHosted,
}) => {
  const app = await openHosted();
  const file = await photo(app, 6);
  expect(file.includes(PLACE) && file.includes(CAMERA)).toBe(true);
  const inputs = await blobOf(app.page, file, 'image/jpeg');
  for (const parameters of [undefined, { prompt: 'darker' }]) {
    app.fake.reset();
    const args = { ...CALL.args, ...(parameters === undefined ? {} : { parameters }) };
    const { blob, asked, report } = await callHosted(app, { ...CALL, args, inputs });
    const [submit, ...more] = submits(app);
    expect(more).toEqual([]);
    const sent = pictureOf(submit);
    for (const secret of [PLACE, CAMERA, CAMERA.slice(0, 12)]) expect(sent.includes(secret)).toBe(false);
    // The entropy-coded data, by the last of it.
    expect(sent.subarray(-200).equals(file.subarray(-200))).toBe(true);
    // The fake sends back what it got: a decoder turns it upright.
    expect(blob).toMatchObject({ type: 'image/jpeg', width: 64, height: 96 });
    expect(asked).toMatchObject([{ width: 64, height: 96, sizeBytes: sent.length }]);
    expect(report.input).toEqual({ width: 64, height: 96, type: 'image/jpeg' });
  }
});

test('maxUploadPixels scales down what is sent, upright and without metadata', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await blobOf(app.page, await photo(app, 6));
  const call = { ...CALL, inputs };
  const limited = (maxUploadPixels: number) =>
    callHosted(app, { ...call, options: { mode: 'remote-only', hosted: { maxUploadPixels } } });
  const small = await limited(24 * 36);
  expect(small.blob).toMatchObject({ type: 'image/jpeg', width: 24, height: 36 });
  expect(small.asked).toMatchObject([{ width: 24, height: 36 }]);
  expect(pictureOf(submits(app)[0]).includes(CAMERA)).toBe(false);
  // One pixel less does not fit.
  const cut = await limited(24 * 36 - 1);
  expect((cut.blob?.width ?? 99) * (cut.blob?.height ?? 99)).toBeLessThan(24 * 36);
  expect((await limited(96 * 64)).blob).toMatchObject({ width: 64, height: 96 });
});

test('pixels without a file are sent as PNG, and stay the caller’s', async ({ openHosted }) => {
  const app = await openHosted();
  const made: readonly (readonly [string, JSHandle])[] = [
    ['ImageBitmap', await app.page.evaluateHandle(() => createImageBitmap(new ImageData(20, 10)))],
    ['ImageData', await app.page.evaluateHandle(() => new ImageData(20, 10))],
    [
      'OffscreenCanvas',
      await app.page.evaluateHandle(() => {
        const canvas = new OffscreenCanvas(20, 10);
        canvas.getContext('2d')?.fillRect(0, 0, 5, 5);
        return canvas;
      }),
    ],
    [
      'canvas',
      await app.page.evaluateHandle(() => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 20, height: 10 });
        canvas.getContext('2d')?.fillRect(0, 0, 5, 5);
        return canvas;
      }),
    ],
  ];
  for (const [kind, inputs] of made) {
    const { blob, asked } = await callHosted(app, { ...CALL, inputs });
    expect(blob, kind).toMatchObject({ type: 'image/png', width: 20, height: 10 });
    expect(asked, kind).toMatchObject([{ width: 20, height: 10 }]);
    expect(submits(app).at(-1)?.headers['content-type'], kind).toBe('image/png');
    expect(await app.page.evaluate((input) => (input as ImageBitmap).width, inputs), kind).toBe(20);
  }
  const buffer = await app.page.evaluateHandle(
    (blob) => blob.arrayBuffer(),
    await makePicture(app.page, { width: 7, height: 5 }),
  );
  expect((await callHosted(app, { ...CALL, inputs: buffer })).blob).toMatchObject({ width: 7, height: 5 });
  expect(submits(app).at(-1)?.headers['content-type']).toBe('image/png');
});

test('BMP and AVIF, whose metadata cannot be told apart, are encoded anew', async ({ openHosted }) => {
  const app = await openHosted();
  const { fixture } = await import('./pixels.js');
  for (const name of ['rgb.bmp', 'rgb.avif']) {
    const { blob } = await callHosted(app, { ...CALL, inputs: await fixture(app.page, name) });
    expect(blob?.type, name).toBe('image/png');
  }
});

test('a mask goes along, stripped like the picture, and counts in what the owner is told', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, { width: 40, height: 30 });
  const file = await photo(app, 1);
  const mask = await blobOf(app.page, file);
  const { asked, blob } = await callHosted(app, {
    ...CALL,
    inputs,
    mask,
    args: { model: MODEL, parameters: { prompt: 'x' } },
  });
  expect(blob).toMatchObject({ width: 40, height: 30 });
  const { inputs: picture, parameters } = (submits(app)[0]?.json ?? { inputs: '', parameters: {} }) as {
    readonly inputs: string;
    readonly parameters: Readonly<Record<string, string>>;
  };
  const sentMask = Buffer.from(parameters.mask_image ?? '', 'base64');
  expect(sentMask.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  expect(sentMask.includes(CAMERA)).toBe(false);
  expect(parameters.prompt).toBe('x');
  expect(asked[0]?.sizeBytes).toBe(Buffer.from(picture, 'base64').length + sentMask.length);
});

test('a bad mask never leaves the page either', async ({ openHosted }) => {
  const app = await openHosted();
  const inputs = await makePicture(app.page, { width: 40, height: 30 });
  const mask = await app.page.evaluateHandle(() => new Blob(['no picture']));
  expect((await callHosted(app, { ...CALL, inputs, mask })).error).toMatchObject({ code: 'unsupported-type' });
  expect(app.fake.requests).toEqual([]);
});

/** Watches whatever makes base64 in the page. */
interface Encoding {
  /** Turns of the event loop in which some was made. */
  turns: number;
  /** Bytes that were encoded at once, at most. */
  largest: number;
}

test('a picture of 20 MB becomes JSON in small pieces, between which the page has its turn', async ({
  openHosted,
}, testInfo) => {
  const file = storedPng(2700, 2500);
  expect(file.length).toBeGreaterThan(20_000_000);
  const app = await openHosted({}, { files: new Map([['large.png', file]]) });
  const inputs = await app.page.evaluateHandle(async () => (await fetch('/large.png')).blob());
  const encoding = await app.page.evaluateHandle(() => {
    const seen: Encoding = { turns: 0, largest: 0 };
    const { port1, port2 } = new MessageChannel();
    let isNoted = false;
    port1.onmessage = () => {
      isNoted = false;
    };
    const note = (sizeBytes: number): void => {
      seen.largest = Math.max(seen.largest, sizeBytes);
      if (isNoted) return;
      isNoted = true;
      seen.turns += 1;
      port2.postMessage(undefined);
    };
    const { btoa } = window;
    window.btoa = (text) => {
      note(text.length);
      return btoa(text);
    };
    const bytes = Uint8Array.prototype as Uint8Array & { toBase64?: () => string };
    const { toBase64 } = bytes;
    if (toBase64 === undefined) return seen;
    bytes.toBase64 = function () {
      note(this.length);
      return toBase64.call(this);
    };
    return seen;
  });
  const { blob, longestTaskMs, error } = await callHosted(app, {
    ...CALL,
    inputs,
    args: { model: MODEL, parameters: { prompt: 'darker' } },
  });
  expect(error).toBeUndefined();
  expect(blob).toMatchObject({ width: 2700, height: 2500 });
  expect(pictureOf(submits(app)[0]).length).toBe(file.length);
  const { turns, largest } = await encoding.jsonValue();
  expect(largest).toBeLessThanOrEqual(2 ** 20);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(file.length / 2 ** 20));
  testInfo.annotations.push({ type: 'longest task of the main thread', description: `${longestTaskMs} ms` });
});
