import * as ort from 'onnxruntime-web/wasm';
import { answer, type Channel } from './ask.js';
import { decode } from './decode.js';
import type { RawInputs } from './stages.js';

/** What the worker that decodes, runs all graphs and encodes is asked. */
export type StagesQuestion =
  | {
      readonly ask: 'prepare';
      readonly graphs: readonly ArrayBuffer[];
      /** In the order in which they are run; each goes to the graph whose inputs have these names. */
      readonly runs: readonly RawInputs[];
      /** What is to be encoded: it is put on the canvas now, so that filling it costs nothing later. */
      readonly result: Blob;
      readonly output: string;
    }
  | { readonly ask: 'run'; readonly picture: Blob };

/** Milliseconds of each part, and the file. */
export interface StagesAnswer {
  readonly blob: Blob;
  readonly timingsMs: { readonly decode: number; readonly runs: number; readonly encode: number };
}

// The same settings as Tintype's engines.
ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

let runs: readonly (readonly [ort.InferenceSession, RawInputs])[] = [];
let canvas = new OffscreenCanvas(1, 1);
let encoding: ImageEncodeOptions = {};

async function prepare(question: Extract<StagesQuestion, { ask: 'prepare' }>): Promise<void> {
  const sessions: ort.InferenceSession[] = [];
  for (const graph of question.graphs) {
    const options = { executionProviders: ['wasm'], logSeverityLevel: 3 } as const;
    sessions.push(await ort.InferenceSession.create(graph, options));
  }
  runs = question.runs.map((inputs) => [sessionFor(sessions, inputs), inputs]);
  const bitmap = await createImageBitmap(question.result);
  canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  // Without an alpha channel, as Tintype writes opaque results: encoding is faster so.
  canvas.getContext('2d', { willReadFrequently: true, alpha: false })?.drawImage(bitmap, 0, 0);
  bitmap.close();
  encoding = { type: question.output, quality: 0.92 };
}

function sessionFor(sessions: readonly ort.InferenceSession[], inputs: RawInputs): ort.InferenceSession {
  const names = Object.keys(inputs).sort().join();
  const [session, another] = sessions.filter(({ inputNames }) => inputNames.toSorted().join() === names);
  if (session === undefined || another !== undefined) throw new Error(`Not exactly one graph takes ${names}.`);
  return session;
}

async function run(picture: Blob): Promise<StagesAnswer> {
  const started = performance.now();
  await decode(picture);
  const decoded = performance.now();
  for (const [session, inputs] of runs) await session.run(feedsOf(inputs));
  const ran = performance.now();
  const blob = await canvas.convertToBlob(encoding);
  const timingsMs = { decode: decoded - started, runs: ran - decoded, encode: performance.now() - ran };
  return { blob, timingsMs };
}

function feedsOf(inputs: RawInputs): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, dims, data }]) => [
      name,
      // The two types go together, as an engine was given them.
      new ort.Tensor(dtype as 'float32', data as Float32Array, dims),
    ]),
  );
}

answer<StagesQuestion>(globalThis as unknown as Channel, async (question) =>
  question.ask === 'run' ? run(question.picture) : prepare(question),
);
