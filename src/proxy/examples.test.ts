import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TOKEN = 'hf_canaryCanaryCanary';
const SESSION_KEY = 'key of the sessions';
const PATH = '/api/hf/models/timbrooks/instruct-pix2pix';
const PICTURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

/** Of an upload. */
const PIECE = new Uint8Array(1024 * 1024);

const urlOf = (path: string) => new URL(`../../${path}`, import.meta.url).href;
const moduleOf = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;

let upstream: Server;
let seen: { readonly path: string; readonly token: string | undefined; readonly bytes: number }[];

beforeAll(async () => {
  upstream = createServer(async (incoming, outgoing) => {
    let bytes = 0;
    for await (const piece of incoming) bytes += (piece as Buffer).length;
    seen.push({ path: incoming.url ?? '', token: incoming.headers.authorization, bytes });
    outgoing.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

/**
 * Runs an example as it stands, in a process of its own, where the package's name leads to the sources and the router's
 * to the fake one.
 */
function start(entry: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const { port } = upstream.address() as AddressInfo;
  const hook = moduleOf(`export const resolve = (name, context, next) =>
    next(name === 'tintype/proxy' ? ${JSON.stringify(urlOf('src/proxy/index.ts'))} : name, context);`);
  const preload = moduleOf(`import { register } from 'node:module';
    register(${JSON.stringify(hook)});
    const real = globalThis.fetch;
    globalThis.fetch = (url, init) =>
      real(String(url).replace('https://router.huggingface.co', 'http://127.0.0.1:${port}'), init);`);
  return spawn(process.execPath, ['--import', 'tsx', '--import', preload, ...entry], {
    cwd: fileURLToPath(urlOf('.')),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The first line that fits; fails when the process ends without one. */
async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('The child has no output.');
  for await (const line of createInterface(child.stdout)) {
    const found = pattern.exec(line);
    if (found) return found[1] ?? '';
  }
  throw new Error('The child ended.');
}

describe('the Node server', () => {
  let child: ChildProcess;
  let address: string;

  beforeAll(async () => {
    child = start([fileURLToPath(urlOf('docs/examples/proxy-node.mjs'))], { HF_TOKEN: TOKEN, PORT: '0' });
    address = await lineOf(child, /(http:\/\/\S+)/);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
  });

  const post = (path: string, body: BodyInit) =>
    fetch(address + path, { method: 'POST', headers: { 'content-type': 'image/png' }, body });

  it('answers a call with the picture', async () => {
    seen = [];
    const answer = await post(PATH, new Uint8Array(3_000_000));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(PICTURE);
    expect(seen).toEqual([
      { path: '/hf-inference/models/timbrooks/instruct-pix2pix', token: `Bearer ${TOKEN}`, bytes: 3_000_000 },
    ]);
  });

  it('refuses a chunked upload over the cap so that its sender reads why, and serves the next one', async () => {
    seen = [];
    const { port, hostname } = new URL(address);
    const socket = connect(Number(port), hostname);
    const head = `POST ${PATH} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n`;
    socket.write(head);
    // Like many clients it reads nothing before it has sent everything.
    for (let piece = 0; piece < 64; piece++) {
      socket.write(`${PIECE.length.toString(16)}\r\n`);
      socket.write(PIECE);
      await new Promise<void>((resolve, reject) =>
        socket.write('\r\n', (failed) => (failed ? reject(failed) : resolve())),
      );
    }
    socket.write('0\r\n\r\n');
    let text = '';
    for await (const piece of socket) {
      text += piece;
      if (text.includes('}')) break;
    }
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(text).toContain('{"error":"The request is larger than 20971520 bytes.');
    expect(seen).toEqual([]);
    expect((await post(PATH, PICTURE)).status).toBe(200);
  });

  it('answers what it does not serve', async () => {
    seen = [];
    expect((await post('/api/hf/models/owner/other', PICTURE)).status).toBe(403);
    expect((await fetch(address + PATH)).status).toBe(405);
    expect((await fetch(address, { method: 'OPTIONS' })).status).toBe(404);
    expect((await post('//', PICTURE)).status).toBe(400);
    expect(seen).toEqual([]);
  });

  it('stops serving everybody after 30 calls in a minute', async () => {
    seen = [];
    for (let call = 0; call < 30; call++) await (await post(PATH, PICTURE)).arrayBuffer();
    const answer = await post(PATH, PICTURE);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
    expect(seen.length).toBeLessThan(30);
  });
});

describe('the edge function', () => {
  const session = (expiry: number, key = SESSION_KEY) => {
    const signed = `user-1.${expiry}`;
    return `session=${signed}.${createHmac('sha256', key).update(signed).digest('hex')}`;
  };
  const future = Math.ceil(Date.now() / 1000) + 3600;

  it('serves signed sessions and nobody else', async () => {
    seen = [];
    const cookies = [
      `a=b; ${session(future)}; c=d`,
      '',
      session(1),
      session(future, 'another key'),
      session(future).replace('user-1', 'user-2'),
      session(future).slice(0, -1),
    ];
    const driver =
      moduleOf(`const { default: edge } = await import(${JSON.stringify(urlOf('docs/examples/proxy-edge.mjs'))});
      const env = { HF_TOKEN: ${JSON.stringify(TOKEN)}, SESSION_KEY: ${JSON.stringify(SESSION_KEY)} };
      const statuses = [];
      for (const cookie of ${JSON.stringify(cookies)}) {
        const headers = { cookie, 'content-type': 'image/png' };
        const body = new Uint8Array(5);
        const request = new Request('https://app.example${PATH}', { method: 'POST', headers, body });
        statuses.push((await edge.fetch(request, env)).status);
      }
      console.log('statuses ' + JSON.stringify(statuses));`);
    const child = start(['--import', driver, '--eval', ''], {});
    // Nobody read the answers; all the same nothing keeps the process.
    const ended = new Promise((resolve) => child.once('exit', resolve));
    expect(JSON.parse(await lineOf(child, /statuses (.*)/))).toEqual([200, 401, 401, 401, 401, 401]);
    expect(await ended).toBe(0);
    expect(seen).toEqual([
      { path: '/hf-inference/models/timbrooks/instruct-pix2pix', token: `Bearer ${TOKEN}`, bytes: 5 },
    ]);
  });
});
