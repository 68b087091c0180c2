import type { Tensor } from '../contract/tensor.js';

/**
 * The one seam to a runtime: a pipeline asks `run` and does not know whether one engine answers or a pool of them.
 */
export interface EngineSession {
  /** How many runs can make progress at once just now; at least 1. Pipelines keep about this many in flight. */
  readonly parallelism: number;
  /**
   * Runs the graph once. Inputs stay the caller's; outputs are fresh and nobody else's. Cannot be interrupted once begun.
   * @throws ImageToImageError `inference-failed`, `out-of-memory`, `worker-crashed` or `deadline-exceeded`.
   */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
