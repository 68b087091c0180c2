import type { GraphPorts, Tensor } from '../contract/tensor.js';

/** Named tensors, as a graph takes and gives them. */
export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The one seam to a runtime: a pipeline asks `run` and does not know whether one engine answers or a pool of them.
 */
export interface EngineSession {
  /** How many runs can make progress at once just now; at least 1. Pipelines keep about this many in flight. */
  readonly parallelism: number;
  /**
   * Runs the graph once. Cannot be interrupted once begun. Outputs are fresh and nobody else's.
   * @param makeInputs Called when an engine is free, and again if that engine dies: what it returns is handed over, not copied.
   * @throws ImageToImageError `inference-failed`, `out-of-memory`, `worker-crashed` or `deadline-exceeded`.
   */
  run(makeInputs: () => Tensors): Promise<Tensors>;
}

/** One graph of a model of several, open and ready. */
export interface Graph extends Pick<EngineSession, 'run'> {
  readonly ports: GraphPorts;
}
