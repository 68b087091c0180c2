import type { GraphPort } from '../../contract/tensor.js';
import type { Graph } from '../engine.js';
import { describePort, isFloatOfRank, misfit, type PortRoles, resolveInputs, resolveOutput } from './graph-ports.js';
import { fillTensor, fixedBatch, requireSizes, stackRows, unfit, unstackRows } from './graph-rows.js';
import type { DenoiseRequest, Floats, TextEncoder, Unet, VaeDecoder, VaeEncoder } from './networks.js';

/** As diffusers clamps it, so that the deviation neither vanishes nor overflows. */
const LOG_VARIANCE_RANGE = { least: -30, most: 20 };

/** Rank 2 and whole numbers. */
function isIds({ dims, dtype }: GraphPort): boolean {
  return dims.length === 2 && (dtype === 'int32' || dtype === 'int64');
}

const TEXT_INPUTS = {
  ids: { what: 'the token ids', names: ['input_ids', 'tokens'], fits: isIds },
  mask: { what: 'the attention mask', names: ['attention_mask'], fits: () => false, optional: true },
} as const satisfies PortRoles;

/**
 * A text encoder over its graph. An attention mask, where the graph takes one, lets every token through, padding too, which is what
 * diffusers does for CLIP.
 * @throws ImageToImageError `model-unavailable` where the graph lacks an input or output, or has one more than is known.
 */
export function adaptTextEncoder(graph: Graph): TextEncoder {
  const network = 'text encoder';
  const { ids: port, mask } = resolveInputs(network, graph.ports.inputs, TEXT_INPUTS);
  const output = resolveOutput(network, graph.ports.outputs, {
    what: 'the hidden states',
    names: ['last_hidden_state', 'hidden_states', 'encoder_hidden_states', 'text_embeddings'],
    fits: (candidate) => isFloatOfRank(candidate, 3),
  });
  const batch = fixedBatch(network, mask ? [port, mask] : [port]) ?? 1;
  return {
    async encode(ids) {
      const row: Floats = { dims: [1, ids.length], data: Float32Array.from(ids) };
      const ones: Floats = { dims: row.dims, data: new Float32Array(ids.length).fill(1) };
      requireSizes(network, port, row);
      if (mask) requireSizes(network, mask, ones);
      const outputs = await graph.run(() => ({
        [port.name]: stackRows(port, [row], batch),
        ...(mask ? { [mask.name]: stackRows(mask, [ones], batch) } : {}),
      }));
      return first(unstackRows(network, output, outputs, batch));
    },
  };
}

/**
 * A VAE encoder over its graph: mean and log variance in twice the channels, else a sample that the graph drew.
 * @param latentChannels Of the latents that the U-Net works on; mostly 4.
 * @throws ImageToImageError `model-unavailable` where the graph's ports do not fit.
 */
export function adaptVaeEncoder(graph: Graph, latentChannels: number): VaeEncoder {
  const network = 'VAE encoder';
  const { output, run } = planesToPlanes(network, graph, {
    what: 'the picture',
    from: ['sample', 'pixel_values', 'image', 'images', 'input'],
    to: ['latent_parameters', 'moments', 'latent_sample', 'latent', 'latents'],
    result: 'the latents',
  });
  const refusal = `The ${network} gives ${describePort(output)}; wanted are ${latentChannels} or ${2 * latentChannels} channels.`;
  const declared = output.dims[1];
  if (typeof declared === 'number' && declared !== latentChannels && declared !== 2 * latentChannels) {
    throw misfit(network, refusal, { output: output.name, channels: declared });
  }
  return {
    async encode(pixels) {
      const latents = await run(pixels);
      const [, channels = 0] = latents.dims;
      if (channels === latentChannels) return { mean: latents };
      if (channels === 2 * latentChannels) return splitParameters(latents);
      throw unfit(network, refusal, { output: output.name, channels });
    },
  };
}

function splitParameters({ dims, data }: Floats): { readonly mean: Floats; readonly deviation: Floats } {
  const [, channels = 0, ...plane] = dims;
  const half = [1, channels / 2, ...plane];
  const { least, most } = LOG_VARIANCE_RANGE;
  return {
    mean: { dims: half, data: data.slice(0, data.length / 2) },
    // Only where it is asked for: InstructPix2Pix takes the mean.
    get deviation() {
      const deviation = data.slice(data.length / 2);
      for (let at = 0; at < deviation.length; at++) {
        deviation[at] = Math.exp(0.5 * Math.min(most, Math.max(least, deviation[at] as number)));
      }
      return { dims: half, data: deviation };
    },
  };
}

/**
 * A VAE decoder over its graph.
 * @throws ImageToImageError `model-unavailable` where the graph's ports do not fit.
 */
export function adaptVaeDecoder(graph: Graph): VaeDecoder {
  const { run } = planesToPlanes('VAE decoder', graph, {
    what: 'the latents',
    from: ['latent_sample', 'latent', 'latents', 'z', 'sample'],
    to: ['sample', 'image', 'images', 'output'],
    result: 'the picture',
  });
  return { decode: run };
}

const UNET_INPUTS = {
  sample: {
    what: 'the noisy latents',
    names: ['sample', 'latent_model_input', 'latent', 'latents'],
    fits: (port) => isFloatOfRank(port, 4),
  },
  timestep: { what: 'the timestep', names: ['timestep', 'timesteps', 't'], fits: (port) => port.dims.length < 2 },
  embedding: {
    what: 'the text embedding',
    names: ['encoder_hidden_states', 'text_embeddings', 'prompt_embeds', 'context'],
    fits: (port) => isFloatOfRank(port, 3),
  },
  condition: {
    what: 'the guidance embedding',
    names: ['timestep_cond'],
    fits: (port) => isFloatOfRank(port, 2),
    optional: true,
  },
} as const satisfies PortRoles;

/**
 * A U-Net over its graph. Where the graph's batch is fixed, rows are run in groups of that size, side by side where there are engines for it, the last one filled up by repetition.
 * @throws ImageToImageError `model-unavailable` where the graph lacks an input or output, or has one more than is known (SDXL).
 */
export function adaptUnet(graph: Graph): Unet {
  const network = 'U-Net';
  const ports = resolveInputs(network, graph.ports.inputs, UNET_INPUTS);
  const { sample, timestep, embedding, condition } = ports;
  const output = resolveOutput(network, graph.ports.outputs, {
    what: 'the prediction',
    names: ['out_sample', 'noise_pred', 'sample', 'output', 'latent'],
    fits: (port) => isFloatOfRank(port, 4),
  });
  // One timestep goes for any number of rows; two and more are one for each.
  const perRow = [sample, embedding, condition, timestep.dims[0] === 1 ? undefined : timestep];
  const batch = fixedBatch(
    network,
    perRow.filter((port) => port !== undefined),
  );

  async function runGroup(
    group: DenoiseRequest['rows'],
    size: number,
    request: DenoiseRequest,
  ): Promise<readonly Floats[]> {
    const guidance = guidanceRow(network, condition, request.timestepCond);
    for (const row of group) {
      requireSizes(network, sample, row.sample);
      requireSizes(network, embedding, row.embedding);
    }
    const outputs = await graph.run(() => ({
      [sample.name]: stackRows(
        sample,
        group.map((row) => row.sample),
        size,
      ),
      [timestep.name]: fillTensor(timestep, request.timestep, size, sample.dims[0]),
      [embedding.name]: stackRows(
        embedding,
        group.map((row) => row.embedding),
        size,
      ),
      ...(condition && guidance ? { [condition.name]: stackRows(condition, [guidance], size) } : {}),
    }));
    return unstackRows(network, output, outputs, size).slice(0, group.length);
  }

  return {
    async denoise(request) {
      const { rows } = request;
      const size = batch ?? (request.as === 'batch' ? rows.length : 1);
      const groups = Array.from({ length: Math.ceil(rows.length / size) }, (_, at) =>
        runGroup(rows.slice(at * size, (at + 1) * size), size, request),
      );
      // Several engines may share them. All have settled when this does, so that nothing runs on behind an error.
      const answers = await Promise.allSettled(groups);
      return answers.flatMap((answer) => {
        if (answer.status === 'rejected') throw answer.reason;
        return answer.value;
      });
    },
  };
}

/** The guidance embedding as a row, where graph and caller agree that there is one. */
function guidanceRow(
  network: string,
  port: GraphPort | undefined,
  embedding: Float32Array<ArrayBuffer> | undefined,
): Floats | undefined {
  if (!port && !embedding) return undefined;
  if (!port || !embedding) {
    const message = port
      ? `The ${network} takes ${describePort(port)}, but the model's configuration has no time_cond_proj_dim.`
      : `The model's configuration has a time_cond_proj_dim, but its ${network} has no input "timestep_cond".`;
    throw unfit(network, message, { input: port?.name ?? 'timestep_cond' });
  }
  const row = { dims: [1, embedding.length], data: embedding };
  requireSizes(network, port, row);
  return row;
}

/** The two halves of a VAE: one input, one output, both of rank 4. */
function planesToPlanes(
  network: string,
  graph: Graph,
  names: {
    readonly what: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly result: string;
  },
): { readonly output: GraphPort; run(planes: Floats): Promise<Floats> } {
  const fits = (port: GraphPort): boolean => isFloatOfRank(port, 4);
  const { input } = resolveInputs(network, graph.ports.inputs, {
    input: { what: names.what, names: names.from, fits },
  });
  const output = resolveOutput(network, graph.ports.outputs, { what: names.result, names: names.to, fits });
  const batch = fixedBatch(network, [input]) ?? 1;
  return {
    output,
    async run(planes) {
      requireSizes(network, input, planes);
      const outputs = await graph.run(() => ({ [input.name]: stackRows(input, [planes], batch) }));
      return first(unstackRows(network, output, outputs, batch));
    },
  };
}

function first(rows: readonly Floats[]): Floats {
  return rows[0] as Floats;
}
