import { InferenceClient } from 'tintype';
import { Studio } from './studio.js';

new Studio(new InferenceClient(undefined, { idleMs: 60_000 })).open();
