import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { readOpTypes } from './onnx-file.ts';

/**
 * How often each operator is in a graph after onnxruntime's own optimiser, for processors in general. The native build writes its
 * result to a file, which the web build does not do well; the optimiser is the same code.
 */
export async function optimisedOps(path: string): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-graph-'));
  const optimisedModelFilePath = join(folder, 'optimised.onnx');
  try {
    const session = await InferenceSession.create(path, {
      // Not `all`: that adds layouts for the instruction set of this very machine, which WebAssembly has not.
      graphOptimizationLevel: 'extended',
      optimizedModelFilePath: optimisedModelFilePath,
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
    });
    await session.release();
    const counts: Record<string, number> = {};
    for (const op of readOpTypes(readFileSync(optimisedModelFilePath))) counts[op] = (counts[op] ?? 0) + 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
