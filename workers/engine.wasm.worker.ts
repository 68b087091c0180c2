import * as ort from 'onnxruntime-web/wasm';
import { exposeWasmEngine } from './expose-engine.js';

exposeWasmEngine(ort);
