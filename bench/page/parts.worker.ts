import { answer, ask, type Channel } from './ask.js';
import { decode } from './decode.js';
import type { RawTile } from './raw-engine.worker.js';

/** What the worker that decodes, hands out tiles and encodes is asked. */
export type PartsQuestion =
  | {
      readonly ask: 'prepare';
      readonly model: ArrayBuffer;
      readonly input: string;
      /** Width and height of each tile, in the order in which they are run. */
      readonly tiles: readonly (readonly [number, number])[];
      readonly picture: Blob;
      /** What is to be encoded: it is put on the canvas now, so that filling it costs nothing later. */
      readonly result: Blob;
      readonly output: string;
      readonly quality: number;
    }
  | { readonly ask: 'run'; readonly picture: Blob };

/** Milliseconds of each part, and the file. */
export interface PartsAnswer {
  readonly blob: Blob;
  readonly timingsMs: { readonly decode: number; readonly tiles: number; readonly encode: number };
}

/** One port per raw engine. */
let engines: readonly MessagePort[] = [];
let tileCount = 0;
let canvas = new OffscreenCanvas(1, 1);
let encoding: ImageEncodeOptions = {};

async function prepare(question: Extract<PartsQuestion, { ask: 'prepare' }>): Promise<void> {
  const { model, input, picture, result, output, quality } = question;
  const pixels = await decode(picture);
  const tiles = question.tiles.map(([width, height], index) => cut(pixels, width, height, index));
  tileCount = tiles.length;
  for (const engine of engines) {
    await ask(engine, { ask: 'open', model, input });
    await ask(engine, { ask: 'keep', tiles });
  }
  const bitmap = await createImageBitmap(result);
  canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d', { willReadFrequently: true, alpha: false })?.drawImage(bitmap, 0, 0);
  bitmap.close();
  encoding = { type: output, quality };
}

async function run(picture: Blob): Promise<PartsAnswer> {
  const started = performance.now();
  await decode(picture);
  const decoded = performance.now();
  await runTiles();
  const ran = performance.now();
  const blob = await canvas.convertToBlob(encoding);
  const timingsMs = { decode: decoded - started, tiles: ran - decoded, encode: performance.now() - ran };
  return { blob, timingsMs };
}

/** One queue for all engines, so that none idles while a tile waits. The inputs lie in every engine already. */
async function runTiles(): Promise<void> {
  let next = 0;
  const work = async (engine: MessagePort): Promise<void> => {
    while (next < tileCount) await ask(engine, { ask: 'run', tile: next++ });
  };
  await Promise.all(engines.map(work));
}

/** A part of the picture of the tile's size, somewhere: tiles are known by size only, and their content is to be like theirs. */
function cut(
  { data, width: rowPixels, height: rows }: ImageData,
  width: number,
  height: number,
  index: number,
): RawTile {
  const tile = new Uint8Array(width * height * 4);
  const left = (index * 97) % Math.max(1, rowPixels - width + 1);
  const top = (index * 61) % Math.max(1, rows - height + 1);
  for (let y = 0; y < height; y++) {
    const from = (Math.min(top + y, rows - 1) * rowPixels + left) * 4;
    tile.set(data.subarray(from, from + Math.min(width, rowPixels) * 4), y * width * 4);
  }
  return { dims: [1, height, width, 4], data: tile };
}

answer<PartsQuestion | { readonly ask: 'connect' }>(globalThis as unknown as Channel, async (question, ports) => {
  if (question.ask === 'run') return run(question.picture);
  if (question.ask === 'prepare') return prepare(question);
  engines = ports;
  for (const port of ports) port.start();
});
