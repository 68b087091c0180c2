import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

/** How a {@link serveFolder} server answers. */
export interface ServeOptions {
  /** Folder with a built application. */
  readonly folder: string;
  /** Sends the headers that make the page cross-origin isolated. @default false */
  readonly isIsolated?: boolean;
  /** Sends {@link STRICT_CSP} with every answer, workers' scripts included. @default false */
  readonly hasStrictCsp?: boolean;
  /** Files besides those of the folder, by path without the first slash. Looked up at each request: a test may take some away. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Lets pages of any origin read the answers (CORS). @default false */
  readonly allowsOrigins?: boolean;
  /** Answers paths that it does not have with the page, as servers of single-page applications do. @default false */
  readonly isSinglePage?: boolean;
}

/** What is to go wrong. The first fault whose pattern fits a path, and that has times left, is used. */
export interface Fault {
  readonly path: RegExp;
  /** How often; later requests are answered well. @default Infinity */
  readonly times?: number;
  /**
   * - a number: that status and a short text
   * - `flip`: one bit in the middle of the body is turned over, the length stays
   * - `html`: status 200 with a web page, as from a misconfigured host
   * - `cut`: half of the announced body, then the connection is closed
   * - `stall`: half of the body, then nothing until the server stops
   * - `prepend`: `text` before the body, for watching a worker from inside
   */
  readonly effect: number | 'flip' | 'html' | 'cut' | 'stall' | 'prepend';
  readonly text?: string;
}

/** One answered request. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** Bytes that the client sent as a body. */
  readonly bodyBytes: number;
}

/** A running server on 127.0.0.1. */
export interface TestServer {
  /** `http://127.0.0.1:port`, without a slash. */
  readonly origin: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Adds a fault. Faults that were added earlier come first. */
  addFault(fault: Fault): void;
  /** Takes all faults away. */
  heal(): void;
  /** Ends all connections, stalled ones included. */
  stop(): Promise<void>;
}

/** Scripts, workers and connections of the own origin only; no `blob:`, no `unsafe-eval`, nothing inline. */
const STRICT_CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:; style-src 'self'";

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
};

/** Serves a folder on a free port of 127.0.0.1, for one test. */
export async function serveFolder(options: ServeOptions): Promise<TestServer> {
  const requests: LoggedRequest[] = [];
  const faults: { readonly fault: Fault; left: number }[] = [];
  const sockets = new Set<Socket>();
  const takeFault = (path: string): Fault | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && fault.path.test(path));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const log = (bodyBytes: number): void => void requests.push({ method: request.method ?? '', path, bodyBytes });
    answer(request, response, { options, path, fault: takeFault(path), log }).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    addFault: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    heal: () => void faults.splice(0),
    stop: () => stopServer(server, sockets),
  };
}

interface Exchange {
  readonly options: ServeOptions;
  readonly path: string;
  readonly fault: Fault | undefined;
  readonly log: (bodyBytes: number) => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
  const { options, path, fault } = exchange;
  let bodyBytes = 0;
  for await (const chunk of request) bodyBytes += (chunk as Buffer).length;
  exchange.log(bodyBytes);
  for (const [name, value] of Object.entries(headersFor(options))) response.setHeader(name, value);
  if (typeof fault?.effect === 'number') {
    response.writeHead(fault.effect, { 'content-type': 'text/plain' }).end(`fault ${fault.effect}`);
    return;
  }
  if (fault?.effect === 'html') {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Not what you asked for</title>');
    return;
  }
  const body = await find(options, path);
  if (body === undefined && options.isSinglePage) {
    send(response, '/', (await find(options, '/')) ?? Buffer.alloc(0), undefined);
    return;
  }
  if (body === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  send(response, path, spoil(body, fault), fault?.effect);
}

function send(response: ServerResponse, path: string, body: Buffer, effect: Fault['effect'] | undefined): void {
  const type = MIME_TYPES[path.endsWith('/') ? '.html' : extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-length': body.length });
  if (effect !== 'cut' && effect !== 'stall') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, body.length >> 1), () => {
    // Time for the first half to arrive; a reset at once would throw away what is still on its way.
    if (effect === 'cut') setTimeout(() => response.socket?.destroy(), 20);
  });
}

function spoil(body: Buffer, fault: Fault | undefined): Buffer {
  if (fault?.effect === 'prepend') return Buffer.concat([Buffer.from(`${fault.text ?? ''}\n`), body]);
  if (fault?.effect !== 'flip') return body;
  const spoiled = Buffer.from(body);
  const middle = spoiled.length >> 1;
  spoiled.writeUInt8(spoiled.readUInt8(middle) ^ 1, middle);
  return spoiled;
}

function headersFor({ isIsolated, hasStrictCsp, allowsOrigins }: ServeOptions): Readonly<Record<string, string>> {
  return {
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    ...(isIsolated
      ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
      : {}),
    ...(hasStrictCsp ? { 'content-security-policy': STRICT_CSP } : {}),
    ...(allowsOrigins ? { 'access-control-allow-origin': '*' } : {}),
  };
}

async function find({ folder, files }: ServeOptions, path: string): Promise<Buffer | undefined> {
  const added = files?.get(decodeURIComponent(path).slice(1));
  return added === undefined ? await read(folder, path) : Buffer.from(added);
}

/** The file's bytes, or `undefined` where there is none or the path leads out of the folder. */
async function read(folder: string, path: string): Promise<Buffer | undefined> {
  const file = normalize(join(folder, decodeURIComponent(path.endsWith('/') ? `${path}index.html` : path)));
  if (!file.startsWith(normalize(folder) + sep)) return undefined;
  return await readFile(file).catch(() => undefined);
}

async function stopServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
