import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { repositoryRoot } from '../../tools/repository.js';

/** Width and height of what is run. */
export type Size = readonly [number, number];

/** A network of ours on the processor itself, without a browser. */
export interface NodeSession {
  /** Runs pictures of these sizes one after another, and gives the milliseconds of the runs alone. */
  time(sizes: readonly Size[]): Promise<number>;
  release(): Promise<void>;
}

/** Opens the file that the package ships. @param threads All of them work on one run. */
export async function openNodeSession(model: string, dtype: string, threads: number): Promise<NodeSession> {
  const session = await ort.InferenceSession.create(
    readFileSync(join(repositoryRoot, 'models', model, `${dtype}.onnx`)),
    {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    },
  );
  const input = session.inputNames[0] ?? '';
  const feeds = new Map<string, ort.Tensor>();
  const feedOf = ([width, height]: Size): ort.Tensor => {
    const key = `${width}x${height}`;
    const known = feeds.get(key) ?? new ort.Tensor('uint8', noise(width * height * 4), [1, height, width, 4]);
    feeds.set(key, known);
    return known;
  };
  return {
    async time(sizes) {
      const tensors = sizes.map(feedOf);
      const started = performance.now();
      for (const tensor of tensors) await session.run({ [input]: tensor });
      return performance.now() - started;
    },
    release: () => session.release(),
  };
}

/** Bytes without a pattern that matters: what convolutions cost does not depend on them. */
function noise(length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => (at * 2_654_435_761) >>> 24);
}
