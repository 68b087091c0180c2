import { describe, expect, test } from 'vitest';
import { type EndpointRequest, readEndpointRequest } from './endpoint-request.js';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff, 0x00);
const BASE64 = Buffer.from(PNG).toString('base64');

function read(body: BodyInit, headers: Readonly<Record<string, string>> = {}): Promise<EndpointRequest> {
  return readEndpointRequest(new Request('https://example.com', { method: 'POST', body, headers }));
}

const readJson = (body: unknown, headers = {}): Promise<EndpointRequest> => read(JSON.stringify(body), headers);

describe('the picture', () => {
  test.each(['image/png', 'image / png', 'application/octet-stream', 'text/plain', ''])(
    'raw, as "%s"',
    async (type) => {
      const { picture, parameters } = await read(new Blob([PNG], { type }));
      expect(picture).toEqual(PNG);
      expect(parameters).toBeUndefined();
    },
  );

  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/x-www-form-urlencoded'])(
    'base64 in JSON, as "%s"',
    async (type) => {
      const body = JSON.stringify({ inputs: BASE64, parameters: { prompt: 'x' } });
      const headers = { 'content-type': type };
      const { picture, parameters } = await read(` \n${body}`, headers);
      expect(picture).toEqual(PNG);
      expect(parameters).toEqual({ prompt: 'x' });
    },
  );

  test('a data: URL, and base64 with line breaks or without padding', async () => {
    expect((await readJson({ inputs: `data:image / png;base64,${BASE64}` })).picture).toEqual(PNG);
    expect((await readJson({ inputs: `${BASE64.slice(0, 4)}\n${BASE64.slice(4)}` })).picture).toEqual(PNG);
    expect((await readJson({ inputs: 'AQ' })).picture).toEqual(Uint8Array.of(1));
  });

  test.each([
    ['{"inputs": ', /not valid JSON/],
    ['{}', /`inputs` is missing/],
    ['{"inputs": ""}', /`inputs` is missing/],
    ['{"inputs": 7}', /`inputs` is missing/],
    ['{"inputs": "%%"}', /`inputs` is not base64/],
    ['{"inputs": "https://example.com/a.png"}', /addresses are not fetched/],
    ['{"inputs": "data:text/plain,abc"}', /`inputs` is not base64/],
    [`{"inputs": "${BASE64}", "parameters": [1]}`, /parameters must be a JSON object/],
    [`{"inputs": "${BASE64}", "options": "x"}`, /options must be a JSON object/],
  ])('%s is refused', async (body, message) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringMatching(message) });
  });

  test.each(['', '[]', 'null', '"x"', 'abc'])('JSON by its type, but no object: %s', async (body) => {
    const reading = read(body, { 'content-type': 'application/json' });
    await expect(reading).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

test('parameters are passed on by their hosted names; null and a seed of -1 mean none', async () => {
  const kept = {
    prompt: 'x',
    negative_prompt: ['a', 'b'],
    target_size: { width: 8, height: 8 },
    mask_image: 'AQ==',
    my: 1,
  };
  const { parameters } = await readJson({ inputs: BASE64, parameters: { ...kept, seed: -1, guidance_scale: null } });
  expect(parameters).toEqual(kept);
  expect((await readJson({ inputs: BASE64, parameters: { seed: 0 } })).parameters).toEqual({ seed: 0 });
  expect((await readJson({ inputs: BASE64, parameters: {} })).parameters).toEqual({});
  expect((await readJson({ inputs: BASE64, parameters: null })).parameters).toBeUndefined();
});

test('cache and waiting: headers, the oldest form in the body, or not said', async () => {
  const said = async (body: BodyInit, headers = {}): Promise<unknown> => {
    const { usesCache, waitsForModel } = await read(body, headers);
    return { usesCache, waitsForModel };
  };
  expect(await said(PNG)).toEqual({ usesCache: undefined, waitsForModel: undefined });
  const headers = { 'X-Use-Cache': 'false', 'X-Wait-For-Model': 'true' };
  expect(await said(PNG, headers)).toEqual({ usesCache: false, waitsForModel: true });
  expect(await said(PNG, { 'x-use-cache': '1', 'x-wait-for-model': '0' })).toEqual({
    usesCache: true,
    waitsForModel: false,
  });
  const body = JSON.stringify({ inputs: BASE64, options: { use_cache: true, wait_for_model: false } });
  expect(await said(body)).toEqual({ usesCache: true, waitsForModel: false });
  expect(await said(body, headers)).toEqual({ usesCache: false, waitsForModel: true });
});
