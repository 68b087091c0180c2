import { ask } from './ask.js';
import { graphFiles } from './model-file.js';
import type { Settings, Side, SideResult } from './side.js';
import type { StagesAnswer } from './stages.worker.js';

/** A tensor as an engine of Tintype was given it. */
export interface RawTensor {
  readonly dtype: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** The inputs of one run, by name. */
export type RawInputs = Readonly<Record<string, RawTensor>>;

/** What {@link createStages} needs beside the common settings. */
export interface StagesSettings extends Settings {
  readonly picture: Blob;
  /** What Tintype's engine was given during one call, in order. */
  readonly runs: readonly RawInputs[];
  /** A result of Tintype, whose pixels are encoded. */
  readonly result: Blob;
}

/**
 * The parts that no prompted edit in the page can avoid, one after another in one worker: decode; the very same runs of the same
 * graphs through raw sessions of onnxruntime-web; encode. No tokenizer, noise, scheduler, guidance or hop between workers.
 */
export function createStages(): Side {
  let worker: Worker | undefined;
  return {
    name: 'stages',
    async prepare(settings) {
      const { model, runs, result, picture, output = 'image/png' } = settings as StagesSettings;
      worker = new Worker(new URL('./stages.worker.ts', import.meta.url), { type: 'module' });
      await ask(worker, { ask: 'prepare', graphs: await graphFiles(model), runs, result, output });
      await ask(worker, { ask: 'run', picture });
    },
    async run(picture): Promise<SideResult> {
      if (worker === undefined) throw new Error('Not prepared.');
      return ask<StagesAnswer>(worker, { ask: 'run', picture });
    },
    async dispose() {
      worker?.terminate();
    },
  };
}
