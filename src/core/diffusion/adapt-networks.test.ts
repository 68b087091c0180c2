import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { isImageToImageError } from '../../contract/errors.js';
import type { GraphPort, Tensor, TensorData, TensorDtype } from '../../contract/tensor.js';
import type { Graph, Tensors } from '../engine.js';
import { adaptTextEncoder, adaptUnet, adaptVaeDecoder, adaptVaeEncoder } from './adapt-networks.js';
import { float16ToFloat32 } from './float16.js';
import type { DenoiseRequest, Floats } from './networks.js';

const VARIANTS = new URL('../../../fixtures/diffusion/tiny-pipelines/dtype-variants/', import.meta.url);

interface Recorded {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Variant {
  readonly file: string;
  readonly kind: 'unet' | 'text_encoder' | 'vae_encoder' | 'vae_decoder';
  readonly inputs: Readonly<Record<string, Recorded & { readonly declared_shape: readonly (number | string)[] }>>;
  readonly output: Recorded;
}

const index = JSON.parse(readFileSync(new URL('index.json', VARIANTS), 'utf8')) as {
  readonly timestep: number;
  readonly variants: readonly Variant[];
};

const ofKind = (kind: Variant['kind']): readonly (readonly [string, Variant])[] =>
  index.variants.filter((variant) => variant.kind === kind).map((variant) => [variant.file, variant]);

/**
 * A graph in onnxruntime-node. Each run asks for its inputs twice and takes the buffers of the first ones away, as a run does whose
 * engine died.
 */
async function openGraph(file: string): Promise<Graph> {
  const session = await ort.InferenceSession.create(fileURLToPath(new URL(file, VARIANTS)), { logSeverityLevel: 3 });
  const ports = (metadata: readonly ort.InferenceSession.ValueMetadata[]): readonly GraphPort[] =>
    metadata.map((port) => {
      if (!port.isTensor) throw new Error(`${port.name} is no tensor`);
      return { name: port.name, dtype: port.type as TensorDtype, dims: port.shape };
    });
  return {
    ports: { inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) },
    async run(makeInputs) {
      const lost = Object.values(makeInputs()).map(({ data }) => data.buffer);
      structuredClone(lost, { transfer: lost });
      const feeds = Object.entries(makeInputs()).map(([name, { dtype, data, dims }]) => [
        name,
        new ort.Tensor(dtype as 'float32', data as Float32Array, dims),
      ]);
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [name, plain(type as TensorDtype, dims, data)]),
      );
    },
  };
}

/** Newer versions of node give halves as Float16Array; the contract has their bits. */
function plain(dtype: TensorDtype, dims: readonly number[], data: ort.Tensor['data']): Tensor {
  const view = data as Float32Array<ArrayBuffer>;
  return { dtype, dims, data: dtype === 'float16' ? new Uint16Array(view.buffer, view.byteOffset, view.length) : view };
}

/** Rows of a recorded batch. */
function rowsOf({ shape, data }: Recorded): readonly Floats[] {
  const [rows = 0, ...sizes] = shape;
  const length = data.length / rows;
  return Array.from({ length: rows }, (_, at) => ({
    dims: [1, ...sizes],
    data: Float32Array.from(data.slice(at * length, (at + 1) * length)),
  }));
}

function rowOf(recorded: Recorded | undefined, at: number): Floats {
  if (!recorded) throw new Error('not recorded');
  const rows = rowsOf(recorded);
  return rows[at % rows.length] as Floats;
}

function expectAlike(got: Floats | undefined, wanted: Floats): void {
  expect(got?.dims).toEqual(wanted.dims);
  const worst = Math.max(...wanted.data.map((value, at) => Math.abs(value - (got?.data[at] ?? Number.NaN))));
  expect(worst).toBeLessThanOrEqual(1e-6);
}

function requestFor(variant: Variant, which: readonly number[], as: DenoiseRequest['as']): DenoiseRequest {
  const { sample, encoder_hidden_states: embedding, timestep_cond: condition } = variant.inputs;
  return {
    rows: which.map((at) => ({ sample: rowOf(sample, at), embedding: rowOf(embedding, at) })),
    timestep: index.timestep,
    ...(condition ? { timestepCond: rowOf(condition, 0).data } : {}),
    as,
  };
}

test('the runtime tells ports as the files declare them', async () => {
  for (const { file, inputs } of index.variants) {
    const graph = await openGraph(file);
    const declared = Object.entries(inputs).map(([name, { declared_shape }]) => [name, declared_shape]);
    expect(graph.ports.inputs.map(({ name, dims }) => [name, dims])).toEqual(declared);
  }
});

describe.each(ofKind('text_encoder'))('%s', (file, variant) => {
  test('gives the recorded embeddings', async () => {
    const encoder = adaptTextEncoder(await openGraph(file));
    for (const [at, wanted] of rowsOf(variant.output).entries()) {
      expectAlike(await encoder.encode([...rowOf(variant.inputs.input_ids, at).data]), wanted);
    }
  });
});

describe.each(ofKind('unet'))('%s', (file, variant) => {
  // The guidance embedding is one for all rows, but the recorded batch has another in its second row: that row is not asked for.
  const rows = variant.inputs.timestep_cond ? [0, 0, 0] : [0, 1, 0];

  test.each(['batch', 'loop'] as const)('gives the recorded predictions, rows as %s', async (as) => {
    const unet = adaptUnet(await openGraph(file));
    for (const count of [1, 2, 3]) {
      const which = rows.slice(0, count);
      const answers = await unet.denoise(requestFor(variant, which, as));
      expect(answers).toHaveLength(count);
      for (const [at, row] of which.entries()) expectAlike(answers[at], rowOf(variant.output, row));
    }
  });
});

describe.each(ofKind('vae_encoder'))('%s', (file, variant) => {
  test('gives the recorded mean, and the deviation unless the graph draws by itself', async () => {
    const encoder = adaptVaeEncoder(await openGraph(file), 4);
    for (const [at, wanted] of rowsOf(variant.output).entries()) {
      const { mean, deviation } = await encoder.encode(rowOf(variant.inputs.sample, at));
      const [, channels, ...plane] = wanted.dims;
      const dims = [1, 4, ...plane];
      const split = 4 * (plane[0] ?? 0) * (plane[1] ?? 0);
      expectAlike(mean, { dims, data: wanted.data.slice(0, split) });
      expect(deviation === undefined).toBe(channels === 4);
      if (deviation)
        expectAlike(deviation, { dims, data: wanted.data.slice(split).map((value) => Math.exp(value / 2)) });
    }
  });
});

describe.each(ofKind('vae_decoder'))('%s', (file, variant) => {
  test('gives the recorded picture', async () => {
    const decoder = adaptVaeDecoder(await openGraph(file));
    const [latents] = Object.values(variant.inputs);
    for (const [at, wanted] of rowsOf(variant.output).entries()) {
      expectAlike(await decoder.decode(rowOf(latents, at)), wanted);
    }
  });
});

// From here on, graphs that are nothing but their ports and an answer.

type Answer = (inputs: Tensors) => Tensors;

function port(name: string, dtype: TensorDtype, dims: readonly (number | string)[]): GraphPort {
  return { name, dtype, dims };
}

function fake(
  inputs: readonly GraphPort[],
  outputs: readonly GraphPort[],
  answer: Answer = () => ({}),
): Graph & { runs: Tensors[] } {
  const runs: Tensors[] = [];
  return {
    runs,
    ports: { inputs, outputs },
    async run(makeInputs) {
      const fed = makeInputs();
      runs.push(fed);
      return answer(fed);
    },
  };
}

function floats(dims: readonly number[], value = 0): Floats {
  return { dims, data: new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(value) };
}

function tensor(dims: readonly number[], data: TensorData, dtype: TensorDtype = 'float32'): Tensor {
  return { dtype, dims, data };
}

const SAMPLE = port('sample', 'float32', ['batch', 4, 'height', 'width']);
const TIMESTEP = port('timestep', 'float32', []);
const EMBEDDING = port('encoder_hidden_states', 'float32', ['batch', 'sequence', 8]);
const PREDICTION = port('out_sample', 'float32', ['batch', 4, 'height', 'width']);
/** Answers with the latents it was given. */
const echo: Answer = (inputs) => ({
  out_sample: Object.values(inputs).find(({ dims }) => dims.length === 4) as Tensor,
});
const request: DenoiseRequest = {
  rows: [1, 2, 3].map((value) => ({ sample: floats([1, 4, 2, 2], value), embedding: floats([1, 3, 8], value) })),
  timestep: 946.6,
  as: 'batch',
};

describe('ports with other names', () => {
  test('are told by type and rank', async () => {
    const graph = fake(
      [port('c', 'float16', ['b', 's', 8]), port('b', 'int64', [1]), port('a', 'float32', ['b', 4, 'h', 'w'])],
      [port('y', 'float32', ['b', 4, 'h', 'w'])],
      ({ a }) => ({ y: a as Tensor }),
    );
    const answers = await adaptUnet(graph).denoise(request);
    expect(answers.map(({ data }) => data[0])).toEqual([1, 2, 3]);
    expect(graph.runs[0]?.c).toMatchObject({ dtype: 'float16', dims: [3, 3, 8] });
  });

  test('a known name goes before type and rank', async () => {
    // Either could be the picture by its rank; the one called "sample" is, so the other one is too much.
    const graph = fake([port('noise', 'float32', [1, 4, 8, 8]), port('sample', 'float32', ['b', 3, 'h', 'w'])], []);
    expect(() => adaptVaeEncoder(graph, 4)).toThrow(/input "noise" that Tintype cannot fill/);
  });

  test('an attention mask lets all tokens through', async () => {
    const graph = fake(
      [port('attention_mask', 'int64', ['b', 's']), port('input_ids', 'int32', ['b', 's'])],
      [port('last_hidden_state', 'float32', ['b', 's', 2])],
      () => ({ last_hidden_state: tensor([1, 3, 2], new Float32Array(6)) }),
    );
    await adaptTextEncoder(graph).encode([7, 8, 9]);
    expect(graph.runs).toEqual([
      {
        attention_mask: tensor([1, 3], BigInt64Array.of(1n, 1n, 1n), 'int64'),
        input_ids: tensor([1, 3], Int32Array.of(7, 8, 9), 'int32'),
      },
    ]);
  });
});

describe('a timestep', () => {
  const cases: readonly (readonly [string, GraphPort, Tensor])[] = [
    [
      'is rounded where integers are declared',
      port('timestep', 'int64', [1]),
      tensor([1], BigInt64Array.of(947n), 'int64'),
    ],
    ['goes to each row', port('timestep', 'int32', ['batch']), tensor([3], Int32Array.of(947, 947, 947), 'int32')],
    [
      'is one where its axis is not that of the rows',
      port('timestep', 'float32', ['steps']),
      tensor([1], Float32Array.of(946.6)),
    ],
    ['keeps its fraction in halves', port('timestep', 'float16', []), tensor([], Uint16Array.of(0x6365), 'float16')],
  ];

  test.each(cases)('%s', async (_, timestep, wanted) => {
    const graph = fake([SAMPLE, timestep, EMBEDDING], [PREDICTION], echo);
    await adaptUnet(graph).denoise(request);
    expect(graph.runs[0]?.timestep).toEqual(wanted);
    if (wanted.dtype === 'float16')
      expect(float16ToFloat32(wanted.data as Uint16Array<ArrayBuffer>)).toEqual(Float32Array.of(946.5));
  });

  test('of two elements means a batch of two', async () => {
    const graph = fake([SAMPLE, port('timestep', 'int64', [2]), EMBEDDING], [PREDICTION], echo);
    const answers = await adaptUnet(graph).denoise(request);
    expect(answers.map(({ data }) => data[0])).toEqual([1, 2, 3]);
    expect(graph.runs.map((fed) => fed.sample?.dims[0])).toEqual([2, 2]);
  });
});

test('a batch that is fixed goes for encoders and decoders too', async () => {
  const latents = port('latent_sample', 'float32', [2, 4, 1, 1]);
  const graph = fake([latents], [port('sample', 'float32', [2, 3, 1, 1])], () => ({
    sample: tensor([2, 3, 1, 1], Float32Array.of(1, 2, 3, 4, 5, 6)),
  }));
  const decoded = await adaptVaeDecoder(graph).decode({ dims: [1, 4, 1, 1], data: Float32Array.of(5, 6, 7, 8) });
  expect(decoded).toEqual({ dims: [1, 3, 1, 1], data: Float32Array.of(1, 2, 3) });
  expect(graph.runs[0]?.latent_sample?.data).toEqual(Float32Array.of(5, 6, 7, 8, 5, 6, 7, 8));
});

test('rows go through one run or one run each, as asked', async () => {
  for (const [as, batches] of [
    ['batch', [3]],
    ['loop', [1, 1, 1]],
  ] as const) {
    const graph = fake([SAMPLE, TIMESTEP, EMBEDDING], [PREDICTION], echo);
    await adaptUnet(graph).denoise({ ...request, as });
    expect(graph.runs.map((fed) => fed.sample?.dims[0])).toEqual(batches);
  }
});

test('rows have buffers of their own', async () => {
  const answers = await adaptUnet(fake([SAMPLE, TIMESTEP, EMBEDDING], [PREDICTION], echo)).denoise(request);
  expect(new Set(answers.map(({ data }) => data.buffer)).size).toBe(3);
});

test('the log variance is clamped', async () => {
  const graph = fake(
    [port('sample', 'float32', ['b', 3, 'h', 'w'])],
    [port('moments', 'float32', ['b', '', 'h', 'w'])],
    () => ({
      moments: tensor([1, 4, 1, 1], Float32Array.of(0.5, -0.5, -1000, 1000)),
    }),
  );
  const { mean, deviation } = await adaptVaeEncoder(graph, 2).encode(floats([1, 3, 4, 4]));
  expect(mean.data).toEqual(Float32Array.of(0.5, -0.5));
  expect(deviation?.data).toEqual(Float32Array.of(Math.exp(-15), Math.exp(10)));
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a graph that does not fit is refused when it is opened', () => {
  const hidden = port('last_hidden_state', 'float32', ['b', 's', 8]);
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'an input is missing',
      () => adaptUnet(fake([SAMPLE, TIMESTEP], [PREDICTION])),
      /U-Net has no input for the text embedding \(mostly named "encoder_hidden_states"\)\. It takes "sample" float32\[batch, 4, height, width\], "timestep" float32\[\]\./,
    ],
    [
      'two inputs might be it',
      () => adaptTextEncoder(fake([port('a', 'int64', ['', '']), port('b', 'int64', ['', ''])], [hidden])),
      /no input for the token ids .* It takes "a" int64\[\?, \?\], "b" int64\[\?, \?\]\./,
    ],
    [
      'an input is too much',
      () =>
        adaptUnet(
          fake(
            [SAMPLE, TIMESTEP, EMBEDDING, port('time_ids', 'float32', ['b', 6]), port('x', 'float32', ['b', 6])],
            [PREDICTION],
          ),
        ),
      /has an input "time_ids" that Tintype cannot fill/,
    ],
    [
      'an input wants bytes',
      () => adaptVaeDecoder(fake([port('latent', 'uint8', [1, 4, 8, 8])], [])),
      /takes the latents as uint8/,
    ],
    [
      'an output is missing',
      () => adaptTextEncoder(fake([port('input_ids', 'int32', [1, 77])], [port('pooler_output', 'float32', ['b', 8])])),
      /text encoder has no output for the hidden states .* It gives "pooler_output" float32\[b, 8\]\./,
    ],
    [
      'there is no output at all',
      () => adaptVaeDecoder(fake([port('latent', 'float32', [1, 4, 8, 8])], [])),
      /It gives nothing\./,
    ],
    [
      'the latents have other channels',
      () =>
        adaptVaeEncoder(
          fake([port('sample', 'float32', [1, 3, 8, 8])], [port('latent_sample', 'float32', [1, 16, 1, 1])]),
          4,
        ),
      /gives "latent_sample" float32\[1, 16, 1, 1\]; wanted are 4 or 8 channels/,
    ],
    [
      'the inputs disagree about the batch',
      () =>
        adaptUnet(
          fake(
            [port('sample', 'float32', [2, 4, 8, 8]), TIMESTEP, port('encoder_hidden_states', 'float32', [1, 77, 8])],
            [PREDICTION],
          ),
        ),
      /disagree about the batch/,
    ],
  ];

  test.each(cases)('%s', (_, action, message) => {
    const error = caught(action);
    expect(isImageToImageError(error, 'model-unavailable')).toBe(true);
    expect(error).toMatchObject({ phase: 'compile', message: expect.stringMatching(message) });
  });
});

describe('a run that cannot be right is refused', () => {
  const decoder = (inputs: readonly (number | string)[], output: Tensors = {}) =>
    adaptVaeDecoder(
      fake([port('latent', 'float32', inputs)], [port('image', 'float32', ['b', 3, 'h', 'w'])], () => output),
    );
  const unet = (inputs: readonly GraphPort[]) =>
    adaptUnet(fake([SAMPLE, TIMESTEP, EMBEDDING, ...inputs], [PREDICTION], echo));
  const latents = floats([1, 4, 8, 8]);
  const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      'sizes other than the fixed ones',
      () => decoder([1, 4, 64, 64]).decode(latents),
      /VAE decoder takes "latent" float32\[1, 4, 64, 64\], but was given \[1, 4, 8, 8\]/,
    ],
    ['another rank', () => decoder(['b', 4, 'h']).decode(latents), /but was given \[1, 4, 8, 8\]/],
    [
      'other tokens than the fixed ones',
      () =>
        adaptTextEncoder(fake([port('input_ids', 'int32', [1, 77])], [port('y', 'float32', [1, 77, 8])])).encode([
          1, 2,
        ]),
      /text encoder takes "input_ids" int32\[1, 77\], but was given \[1, 2\]/,
    ],
    ['no output', () => decoder(['b', 4, 'h', 'w']).decode(latents), /gave nothing for "image"/],
    [
      'an output of another type',
      () => decoder(['b', 4, 'h', 'w'], { image: tensor([1, 1, 1, 1], Uint8Array.of(1), 'uint8') }).decode(latents),
      /gave uint8\[1, 1, 1, 1\] of 1 for "image"/,
    ],
    [
      'an output of another batch',
      () => decoder(['b', 4, 'h', 'w'], { image: tensor([2, 1, 1, 1], new Float32Array(2)) }).decode(latents),
      /gave float32\[2, 1, 1, 1\] of 2 for "image" float32\[b, 3, h, w\] with a batch of 1/,
    ],
    [
      'latents of other channels than the model has',
      () =>
        adaptVaeEncoder(
          fake(
            [port('sample', 'float32', ['b', 3, 'h', 'w'])],
            [port('latents', 'float32', ['b', 'c', 'h', 'w'])],
            () => ({
              latents: tensor([1, 3, 1, 1], new Float32Array(3)),
            }),
          ),
          4,
        ).encode(floats([1, 3, 8, 8])),
      /wanted are 4 or 8 channels/,
    ],
    [
      'a guidance embedding that nobody gives',
      () => unet([port('timestep_cond', 'float32', ['batch', 16])]).denoise(request),
      /takes "timestep_cond" float32\[batch, 16\], but the model's configuration has no time_cond_proj_dim/,
    ],
    [
      'a guidance embedding that the graph does not take',
      () => unet([]).denoise({ ...request, timestepCond: new Float32Array(16) }),
      /has no input "timestep_cond"/,
    ],
    [
      'a guidance embedding of another length',
      () =>
        unet([port('timestep_cond', 'float32', ['batch', 16])]).denoise({
          ...request,
          timestepCond: new Float32Array(8),
        }),
      /but was given \[1, 8\]/,
    ],
  ];

  test.each(cases)('%s', async (_, action, message) => {
    const error = await action().catch((reason: unknown) => reason);
    expect(isImageToImageError(error, 'inference-failed')).toBe(true);
    expect(error).toMatchObject({ phase: 'run', message: expect.stringMatching(message) });
  });
});
