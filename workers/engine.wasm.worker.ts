import * as Comlink from 'comlink';
import * as ort from 'onnxruntime-web/wasm';
import type { EngineApi } from '../src/contract/worker-apis.js';
import { createEngineApi } from './api/engine-api.js';
import { exposeOnPort, exposeWorker } from './expose.js';
import { configureOrt, openSession } from './ort-engine.js';

exposeWorker<EngineApi>(
  createEngineApi({
    configure: (options) => configureOrt(ort, options),
    open: (bytes) => openSession(ort, bytes, 'wasm'),
    expose: exposeOnPort,
    transfer: Comlink.transfer,
  }),
);
