import * as ort from 'onnxruntime-web/webgpu';
import { exposeGpuEngine } from './expose-engine.js';

exposeGpuEngine('asyncify', ort);
