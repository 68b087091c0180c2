import * as ort from 'onnxruntime-web/wasm';
import { answer, type Channel } from './ask.js';

/** A tile's input as the graph takes it: uint8 `[1, height, width, 4]`. */
export interface RawTile {
  readonly dims: readonly [number, number, number, number];
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a raw engine is asked. */
export type RawQuestion =
  | { readonly ask: 'open'; readonly model: ArrayBuffer; readonly input: string }
  | { readonly ask: 'keep'; readonly tiles: readonly RawTile[] }
  | { readonly ask: 'run'; readonly tile: number };

// The same settings as Tintype's engines: one thread, for the cores are used by several workers.
ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

let session: ort.InferenceSession | undefined;
let inputName = '';
let tiles: readonly RawTile[] = [];

async function handle(question: RawQuestion): Promise<number> {
  const started = performance.now();
  if (question.ask === 'open') {
    session = await ort.InferenceSession.create(question.model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
    inputName = question.input;
  } else if (question.ask === 'keep') {
    tiles = question.tiles;
  } else {
    const tile = tiles[question.tile];
    if (session === undefined || tile === undefined) throw new Error('Asked to run before it was prepared.');
    await session.run({ [inputName]: new ort.Tensor('uint8', tile.data, tile.dims) });
  }
  return performance.now() - started;
}

// From the page directly, or from another worker through a port that the page sends.
answer<RawQuestion | { readonly ask: 'connect' }>(globalThis as unknown as Channel, async (question, [port]) => {
  if (question.ask !== 'connect') return handle(question);
  if (port === undefined) throw new Error('No port was sent.');
  answer<RawQuestion>(port, handle);
  port.start();
  return 0;
});
