import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphPort, Tensor as PlainTensor, TensorDtype } from '../../src/contract/tensor.ts';
import type { Graph } from '../../src/core/engine.ts';

/** Opens an ONNX file on onnxruntime's native build, with the face that pipelines know. One thread: tests run side by side. */
export async function openNodeGraph(file: Uint8Array | string): Promise<Graph> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  };
  const session =
    typeof file === 'string'
      ? await InferenceSession.create(file, options)
      : await InferenceSession.create(file, options);
  return {
    ports: { inputs: session.inputMetadata.map(toPort), outputs: session.outputMetadata.map(toPort) },
    async run(makeInputs) {
      const feeds = Object.entries(makeInputs()).map(([name, { dtype, data, dims }]): [string, Tensor] => [
        name,
        new Tensor(dtype, data, dims),
      ]);
      const results = Object.entries(await session.run(Object.fromEntries(feeds)));
      return Object.fromEntries(results.map(([name, result]) => [name, toPlain(result)]));
    },
  };
}

function toPort(value: InferenceSession.ValueMetadata): GraphPort {
  if (!value.isTensor) throw new Error(`${value.name} is no tensor.`);
  return { name: value.name, dtype: value.type as TensorDtype, dims: value.shape };
}

function toPlain({ type, dims, data }: Tensor): PlainTensor {
  return { dtype: type as TensorDtype, dims, data: data as PlainTensor['data'] };
}
