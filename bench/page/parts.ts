import { ask } from './ask.js';
import { modelFile } from './model-file.js';
import type { PartsAnswer } from './parts.worker.js';
import type { Settings, Side, SideResult } from './side.js';

/** What {@link createParts} needs beside the common settings. */
export interface PartsSettings extends Settings {
  readonly picture: Blob;
  readonly dtype: string;
  /** Width and height of each tile that Tintype's engines were given. */
  readonly tiles: readonly (readonly [number, number])[];
  /** A result of Tintype, whose pixels are encoded. */
  readonly result: Blob;
}

/**
 * The parts that no enlarger in the page can avoid, one after another: decode; the very same tiles through raw sessions of
 * onnxruntime-web, as many workers as Tintype used; encode. No planning, cutting, joining, checking or reporting.
 */
export function createParts(): Side {
  const workers: Worker[] = [];
  let parts: Worker | undefined;
  return {
    name: 'parts',
    async prepare(settings) {
      const { model, dtype, engines, tiles, picture, result, output = 'image/png' } = settings as PartsSettings;
      parts = new Worker(new URL('./parts.worker.ts', import.meta.url), { type: 'module' });
      workers.push(parts);
      const ports: MessagePort[] = [];
      for (let index = 0; index < engines; index++) {
        const engine = new Worker(new URL('./raw-engine.worker.ts', import.meta.url), { type: 'module' });
        workers.push(engine);
        const { port1, port2 } = new MessageChannel();
        await ask(engine, { ask: 'connect' }, [port1]);
        ports.push(port2);
      }
      await ask(parts, { ask: 'connect' }, ports);
      const { bytes, input } = await modelFile(model, dtype);
      const question = { ask: 'prepare', model: bytes, input, tiles, picture, result, output, quality: 0.92 };
      await ask(parts, question);
      await ask(parts, { ask: 'run', picture });
    },
    async run(picture): Promise<SideResult> {
      if (parts === undefined) throw new Error('Not prepared.');
      return ask<PartsAnswer>(parts, { ask: 'run', picture });
    },
    async dispose() {
      for (const worker of workers.splice(0)) worker.terminate();
    },
  };
}
