import { createServer, type Server, type Socket } from 'node:net';

/** Stands where every name of the internet leads to. */
export interface Canary {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** What the connections of hosted services began with: a TLS greeting, which names the host in plain letters. */
  readonly greetings: readonly string[];
  stop(): Promise<void>;
}

/** Hosts that a hosted call may have to do with. Browsers have errands of their own elsewhere. */
const HOSTED = /huggingface|hf\.co|fal\.(run|media)|replicate|wavespeed|together|example\.(com|org)/;

/** Listens on a free port; hangs up as soon as a connection has said whom it wants. */
export async function startCanary(): Promise<Canary> {
  const greetings: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let heard = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      const text = heard.toString('latin1');
      if (HOSTED.test(text)) greetings.push(text);
    });
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      if (isWhole(heard)) socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The canary has no port.');
  return { port: address.port, greetings, stop: () => stop(server, sockets) };
}

/** A first TLS record, or the head of a plain request. */
function isWhole(heard: Buffer): boolean {
  if (heard[0] !== 0x16) return heard.includes('\r\n\r\n');
  return heard.length >= 5 && heard.length >= 5 + heard.readUInt16BE(3);
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
