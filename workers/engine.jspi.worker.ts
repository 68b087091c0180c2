import * as ort from 'onnxruntime-web/jspi';
import { exposeGpuEngine } from './expose-engine.js';

exposeGpuEngine('jspi', ort);
