import * as Comlink from 'comlink';
import type { EngineRunApi, PipelineApi } from '../src/contract/worker-apis.js';
import { createPipelineApi } from './api/pipeline-api.js';
import { browserCodec } from './codec.js';
import { exposeWorker } from './expose.js';

exposeWorker<PipelineApi>(
  createPipelineApi({
    codec: browserCodec,
    connect: (port) => Comlink.wrap<EngineRunApi>(port),
  }),
);
