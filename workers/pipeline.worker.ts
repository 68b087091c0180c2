import * as Comlink from 'comlink';
import type { EngineRunApi, PipelineApi } from '../src/contract/worker-apis.js';
import { createPipelineApi } from './api/pipeline-api.js';
import { browserCodec } from './codec.js';
import { exposeWorker } from './expose.js';

/** Tiles are handed over to the engine, not copied. */
function connect(port: MessagePort): EngineRunApi {
  const engine = Comlink.wrap<EngineRunApi>(port);
  return {
    run: (key, inputs) => {
      const buffers = Object.values(inputs).map((tensor) => tensor.data.buffer);
      return engine.run(key, Comlink.transfer(inputs, buffers));
    },
  };
}

exposeWorker<PipelineApi>(
  createPipelineApi({
    codec: browserCodec,
    connect,
  }),
);
