import type { Scenario } from './scenario.js';
import { overhead } from './scenarios/a-overhead.js';
import { upscalerjs } from './scenarios/b-upscalerjs.js';
import { transformers } from './scenarios/c-transformers.js';
import { node } from './scenarios/d-node.js';
import { tilePrice } from './scenarios/e-tile-price.js';
import { coldStart } from './scenarios/f-cold-start.js';
import { memory } from './scenarios/g-memory.js';
import { growth } from './scenarios/h-growth.js';
import { loopCost } from './scenarios/i-loop-cost.js';

/** Every scenario, in the order of their letters. */
export const SCENARIOS: readonly Scenario[] = [
  overhead,
  upscalerjs,
  transformers,
  node,
  tilePrice,
  coldStart,
  memory,
  growth,
  loopCost,
];

/** Those that need the peers' files, which take a while to build. */
export const PEER_SCENARIOS: readonly Scenario[] = [upscalerjs, transformers];
