import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { DiffusionManifest } from '../contract/manifest.js';
import { readRepository } from './read-repository.js';
import { createUrlSource } from './url-source.js';

const TINY = fileURLToPath(new URL('../../fixtures/diffusion/tiny-pipelines/', import.meta.url));

/** What a server does with a request; false leaves it to the next. */
type Quirk = (request: IncomingMessage, response: ServerResponse, body: Buffer | undefined) => boolean;

const running: Server[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Site {
  readonly origin: string;
  /** `METHOD /path` of every request, in order. */
  readonly log: string[];
}

/** Serves files under /repo/ as static hosts do; `quirks` come first. */
async function serve(files: ReadonlyMap<string, Buffer>, ...quirks: Quirk[]): Promise<Site> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url}`);
    const path = new URL(request.url ?? '', 'http://x').pathname.replace('/repo/', '');
    const body = files.get(path);
    if (!quirks.some((quirk) => quirk(request, response, body))) answer(request, response, body);
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer | undefined): void {
  if (!body) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>');
    return;
  }
  const headers = { 'content-type': 'application/octet-stream', etag: `"${body.length}-a"` };
  if (request.headers.range === 'bytes=0-0') {
    const contentRange = `bytes 0-0/${body.length}`;
    response
      .writeHead(206, { ...headers, 'content-length': 1, 'content-range': contentRange })
      .end(body.subarray(0, 1));
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': body.length }).end(request.method === 'HEAD' ? '' : body);
}

const spaFallback: Quirk = (_request, response, body) => {
  if (body) return false;
  const page = '<!doctype html><title>App</title>';
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }).end(page);
  return true;
};

const refuseHead =
  (status: number): Quirk =>
  (request, response) => {
    if (request.method !== 'HEAD') return false;
    response.writeHead(status).end();
    return true;
  };

async function tinyFiles(pipeline: string): Promise<Map<string, Buffer>> {
  const index = JSON.parse(await readFile(`${TINY}index.json`, 'utf8'));
  const paths = Object.entries<string>(index.pipelines[pipeline].files);
  return new Map(await Promise.all(paths.map(async ([path, at]) => [path, await readFile(TINY + at)] as const)));
}

async function readTiny(pipeline: string, ...quirks: Quirk[]): Promise<{ manifest: DiffusionManifest; site: Site }> {
  const site = await serve(await tinyFiles(pipeline), ...quirks);
  const manifest = await readRepository(`${site.origin}/repo/`, { origins: [site.origin], dtype: 'f32' });
  return { manifest: manifest as DiffusionManifest, site };
}

function sourceOn(site: Site, folder = '/repo'): ReturnType<typeof createUrlSource> {
  return createUrlSource(new URL(folder, site.origin));
}

describe('a repository behind a URL', () => {
  test('is read whole: addresses, exact lengths, versions', async () => {
    const files = await tinyFiles('ip2p');
    const { manifest, site } = await readTiny('ip2p');
    expect(manifest).toMatchObject({
      id: 'repo',
      family: 'instruct-pix2pix',
      made: `As found in ${site.origin}/repo/`,
    });
    const graphs = manifest.variants[0]?.files;
    const length = files.get('unet/model.onnx')?.length;
    expect(graphs?.unet).toEqual({
      url: `${site.origin}/repo/unet/model.onnx`,
      sizeBytes: length,
      version: `"${length}-a"`,
    });
    expect(manifest.tokenizer.files['tokenizer.json']?.sizeBytes).toBe(files.get('tokenizer/tokenizer.json')?.length);
  });

  test('no graph is downloaded, and with one dtype named none of the others is asked for', async () => {
    const { site } = await readTiny('ip2p');
    const graphs = site.log.filter((line) => line.includes('.onnx'));
    expect(graphs.filter((line) => !line.startsWith('HEAD '))).toEqual([]);
    expect(graphs.filter((line) => /_fp16|_quantized|_q4/.test(line))).toEqual([]);
    expect(graphs).toContain('HEAD /repo/unet/model.onnx');
  });

  test('another origin is refused before any request', async () => {
    const site = await serve(await tinyFiles('ip2p'));
    await expect(readRepository(`${site.origin}/repo/`)).rejects.toThrow(RangeError);
    expect(site.log).toEqual([]);
  });

  test.each([405, 403, 501])('a server that answers HEAD with %i is asked for one byte', async (status) => {
    const { manifest: expected } = await readTiny('lcm');
    const { manifest } = await readTiny('lcm', refuseHead(status));
    expect(manifest.variants[0]?.files.unet.sizeBytes).toBe(expected.variants[0]?.files.unet.sizeBytes);
  });

  test('the page that development servers answer for missing files is no file', async () => {
    const { manifest } = await readTiny('img2img', spaFallback);
    expect(manifest.variants.map(({ dtype }) => dtype)).toEqual(['f32']);
    expect(manifest.variants[0]?.files.unet.externalData).toBeUndefined();
    const files = await tinyFiles('img2img');
    files.delete('model_index.json');
    const site = await serve(files, spaFallback);
    const reading = readRepository(`${site.origin}/repo/`, { origins: [site.origin] });
    await expect(reading).rejects.toMatchObject({ code: 'model-unavailable', phase: 'validate' });
    await expect(reading).rejects.toThrow(/Neither model_index.json nor config.json/);
  });

  test('a query is sent with every request, kept in the manifest, and in no message', async () => {
    const site = await serve(await tinyFiles('ip2p'));
    const options = { origins: [site.origin], dtype: 'f32' } as const;
    const manifest = (await readRepository(`${site.origin}/repo?sig=secret`, options)) as DiffusionManifest;
    expect(site.log.every((line) => line.endsWith('?sig=secret'))).toBe(true);
    expect(manifest.variants[0]?.files.unet.url).toBe(`${site.origin}/repo/unet/model.onnx?sig=secret`);
    expect(manifest.made).not.toContain('secret');
    const failing = readRepository(`${site.origin}/nothing?sig=secret`, options);
    await expect(failing).rejects.toThrow(/^(?!.*secret)/);
  });

  test('external data is found by its names, in all its parts', async () => {
    const files = await tinyFiles('ip2p');
    const part = Buffer.from('weights');
    const names = [
      'unet/model.onnx_data',
      'unet/model.onnx_data_1',
      'text_encoder/weights.pb',
      'vae_decoder/model.onnx.data',
    ];
    for (const name of names) files.set(name, part);
    const site = await serve(files);
    const options = { origins: [site.origin], dtype: 'f32' } as const;
    const manifest = (await readRepository(`${site.origin}/repo/`, options)) as DiffusionManifest;
    const graphs = manifest.variants[0]?.files;
    expect(graphs?.unet.externalData).toEqual([
      { path: 'model.onnx_data', url: `${site.origin}/repo/unet/model.onnx_data`, sizeBytes: 7, version: '"7-a"' },
      { path: 'model.onnx_data_1', url: `${site.origin}/repo/unet/model.onnx_data_1`, sizeBytes: 7, version: '"7-a"' },
    ]);
    expect(graphs?.text_encoder.externalData?.map(({ path }) => path)).toEqual(['weights.pb']);
    expect(graphs?.vae_decoder.externalData?.map(({ path }) => path)).toEqual(['model.onnx.data']);
    expect(graphs?.vae_encoder.externalData).toBeUndefined();
  });

  test('an abort rejects with its own reason, also while a server is silent', async () => {
    const site = await serve(await tinyFiles('ip2p'), (request) => request.url?.includes('scheduler') ?? false);
    const reason = new Error('enough');
    const controller = new AbortController();
    const reading = readRepository(`${site.origin}/repo/`, { origins: [site.origin], signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(reading).rejects.toBe(reason);
    await expect(readRepository('x', { signal: controller.signal })).rejects.toBe(reason);
  });

  test('a failing or absent server is said to be that, and may be tried again', async () => {
    const failing = await serve(new Map(), (_request, response) => {
      response.writeHead(503).end();
      return true;
    });
    const reading = readRepository(`${failing.origin}/repo/`, { origins: [failing.origin] });
    await expect(reading).rejects.toMatchObject({ code: 'model-unavailable', phase: 'download', retryable: true });
    await expect(reading).rejects.toThrow(/answered 503/);
    const away = readRepository('http://127.0.0.1:1/', { origins: ['http://127.0.0.1:1'] });
    await expect(away).rejects.toThrow(/could not be reached/);
  });
});

describe('createUrlSource', () => {
  const files = new Map([['a.json', Buffer.from('{"a": 1}'.repeat(50))]]);

  test('a length that HEAD does not tell is learned from one byte', async () => {
    const site = await serve(files, (request, response) => {
      if (request.method !== 'HEAD') return false;
      response.writeHead(200, { 'last-modified': 'Sat, 01 Aug 2026 00:00:00 GMT' }).end();
      return true;
    });
    expect(await sourceOn(site).describe('a.json', 'told')).toMatchObject({ sizeBytes: 400 });
    expect(site.log).toEqual(['HEAD /repo/a.json', 'GET /repo/a.json']);
  });

  test('the length of compressed answers is not taken for the file’s: small files are counted, graphs refused', async () => {
    const site = await serve(files, (request, response, body) => {
      if (!body) return false;
      const zipped = gzipSync(body);
      const headers = { 'content-encoding': 'gzip', 'content-length': zipped.length };
      response.writeHead(200, headers).end(request.method === 'HEAD' ? '' : zipped);
      return true;
    });
    expect((await sourceOn(site).describe('a.json', 'count'))?.sizeBytes).toBe(400);
    const refused = sourceOn(site).describe('a.json', 'told');
    await expect(refused).rejects.toThrow(/does not tell the length of a.json/);
  });

  test('a file without ETag has its date for a version, or none', async () => {
    const dated: Quirk = (_request, response, body) => {
      const headers = { 'content-length': body?.length ?? 0, 'last-modified': 'Sat, 01 Aug 2026 00:00:00 GMT' };
      response.writeHead(200, headers).end();
      return true;
    };
    const bare: Quirk = (_request, response, body) => {
      response.writeHead(200, { 'content-length': body?.length ?? 0 }).end();
      return true;
    };
    const versionOn = async (quirk: Quirk) => sourceOn(await serve(files, quirk)).describe('a.json', 'told');
    expect((await versionOn(dated))?.version).toBe('Sat, 01 Aug 2026 00:00:00 GMT');
    expect(await versionOn(bare)).not.toHaveProperty('version');
  });

  test('a store that says 403 for keys that it does not have has no such file', async () => {
    const site = await serve(files, (_request, response, body) => {
      if (body) return false;
      response.writeHead(403).end('<Error/>');
      return true;
    });
    expect(await sourceOn(site).describe('b.json', 'told')).toBeUndefined();
    expect(await sourceOn(site).readText('b.json')).toBeUndefined();
  });

  test('paths that lead out of the folder are refused', async () => {
    const site = await serve(files);
    const source = sourceOn(site);
    for (const path of ['../a.json', '/a.json', 'https://evil.example/a.json', '//evil.example/a.json']) {
      await expect(source.describe(path, 'told')).rejects.toThrow(RangeError);
    }
    expect(site.log).toEqual([]);
  });

  test('the name is the hub’s, or the last folder', () => {
    const nameOf = (url: string): string => createUrlSource(new URL(url)).name;
    expect(nameOf('https://huggingface.co/ann/tiny-sd/resolve/main/')).toBe('ann/tiny-sd');
    expect(nameOf('https://models.example/sd%20tiny')).toBe('sd tiny');
    expect(nameOf('https://models.example/100%/')).toBe('100%');
    expect(nameOf('https://models.example/')).toBe('models.example');
  });

  test('requests are made with the caller’s fetch', async () => {
    const asked: string[] = [];
    const own = async (url: unknown): Promise<Response> => {
      asked.push(String(url));
      return new Response('text');
    };
    const source = createUrlSource(new URL('https://models.example/sd/'), { fetch: own as typeof fetch });
    expect(await source.readText('a.json')).toBe('text');
    expect(asked).toEqual(['https://models.example/sd/a.json']);
  });
});
