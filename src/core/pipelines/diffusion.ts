import type { DiffusionManifest, Stage } from '../../contract/manifest.js';
import type { Picture } from '../../contract/picture.js';
import type { DiffusionSettings } from '../../contract/worker-apis.js';
import { adaptTextEncoder, adaptUnet, adaptVaeDecoder, adaptVaeEncoder } from '../diffusion/adapt-networks.js';
import { chooseConditioning } from '../diffusion/conditioning.js';
import { type DenoiseOptions, denoise } from '../diffusion/denoise.js';
import { guidanceRows } from '../diffusion/guidance.js';
import { guidanceEmbedding } from '../diffusion/guidance-embedding.js';
import { assertDims, latentDims, unscaleLatents } from '../diffusion/latents.js';
import type { Floats, VaeDecoder } from '../diffusion/networks.js';
import { assertFinite } from '../diffusion/not-finite.js';
import { pixelsToPicture } from '../diffusion/pixels.js';
import { embedPrompt } from '../diffusion/prompt-embeddings.js';
import { schedulerFor } from '../diffusion/scheduler-for.js';
import { prepareStart, type Start } from '../diffusion/start.js';
import type { Graph } from '../engine.js';
import { createTorchRandom } from '../random/torch-normal.js';
import type { Scheduler } from '../schedulers/scheduler.js';

/** One picture through one diffusion model. */
export interface DiffusionOptions {
  readonly model: Pick<DiffusionManifest, 'family' | 'scheduler' | 'vae' | 'unet'>;
  /** `eta`: share of fresh noise per step, for DDIM and TCD; the scheduler's default where it is left out. */
  readonly settings: DiffusionSettings & { readonly eta?: number | undefined };
  /** At the working size, both sides multiples of the model's `sizeMultiple`; alpha is ignored. */
  readonly picture: Picture;
  /** At the working size; where its grey is 128 and above, pixels may change. Families without a mask never get one. */
  readonly mask?: Picture | undefined;
  /** Token ids, already cut and padded. */
  readonly tokens: { readonly prompt: readonly number[]; readonly negative: readonly number[] };
  /** Whether guided rows go through the U-Net at once. */
  readonly rows: 'batch' | 'loop';
  /** Embeddings of earlier calls, by token ids; added to. */
  readonly embeddings: Map<string, Floats>;
  /** Opens the graph of a stage. Asked once per stage, in the order of use; with previews the decoder is asked for early. */
  open(stage: Stage): Promise<Graph>;
  /** Throws when the job was cancelled; asked before and after each opening and each run of a graph. */
  throwIfCancelled(): void;
  /** In order; `begun` comes before the opening. Nothing is told of the text encoder where all embeddings are known. */
  onStage(stage: Stage, state: 'begun' | 'done'): void;
  /** Before the first step of the U-Net, and after each; `total` is not always `steps`. */
  onStep(done: number, total: number): void;
  /** The picture as foreseen after a step, save the last one, which the result follows. Costs a run of the decoder each. */
  onPreview?: ((step: number, picture: Picture) => void) | undefined;
  /** The graph of the VAE encoder draws random numbers by itself, so the seed does not govern all of them. */
  onEncoderDraws?: (() => void) | undefined;
}

/**
 * Runs the whole model. A graph is used only until the next one is asked for, save that previews keep the U-Net and the decoder
 * side by side. The numbers drawn from a seed are those of diffusers on a CPU.
 * @returns The edited picture at the working size, alpha 255.
 * @throws ImageToImageError `inference-failed` when a network gave NaN or Inf; what `open` or a run throws. TypeError when an
 * inpainting model got no mask, RangeError when the picture's or the mask's size does not fit.
 */
export async function runDiffusion(options: DiffusionOptions): Promise<Picture> {
  const { model, mask, picture, settings } = options;
  const conditioning = chooseConditioning(model, mask !== undefined);
  const dims = latentDims(model.vae, picture);
  const random = createTorchRandom(settings.seed);
  const length = dims.reduce((product, side) => product * side, 1);
  const scheduler = schedulerFor(model, settings);
  const draw = () => random.normal(length);
  const run: Run = {
    options,
    dims,
    scheduler,
    draw,
    openDecoder: once(async () => adaptVaeDecoder(await openGraph(options, 'vae_decoder'))),
  };
  const rows = await embedRows(options);
  const start = await inStage(options, 'vae_encoder', async () => {
    const encoder = adaptVaeEncoder(await openGraph(options, 'vae_encoder'), model.vae.latentChannels);
    const { strength } = settings;
    const { onEncoderDraws } = options;
    return prepareStart({
      conditioning,
      vae: model.vae,
      encoder,
      scheduler,
      picture,
      mask,
      strength,
      draw,
      onEncoderDraws,
    });
  });
  const latents = await inStage(options, 'unet', () => runUnet(run, start, rows));
  return inStage(options, 'vae_decoder', async () => {
    const pixels = await decode(run, latents);
    assertFinite(pixels.data, 'vae_decoder');
    return pixelsToPicture(pixels);
  });
}

/** What stays the same during one call. */
interface Run {
  readonly options: DiffusionOptions;
  /** Shape of the latents. */
  readonly dims: readonly number[];
  readonly scheduler: Scheduler;
  draw(): Floats['data'];
  /** The same decoder each time. */
  openDecoder(): Promise<VaeDecoder>;
}

async function embedRows(options: DiffusionOptions): Promise<DenoiseOptions['rows']> {
  const { model, settings, tokens, embeddings } = options;
  let begun = false;
  const open = once(async () => {
    begun = true;
    options.onStage('text_encoder', 'begun');
    return adaptTextEncoder(await openGraph(options, 'text_encoder'));
  });
  const rows: DenoiseOptions['rows'][number][] = [];
  for (const kind of guidanceRows(model, settings)) {
    const ids = kind === 'text' ? tokens.prompt : tokens.negative;
    rows.push({ kind, embedding: await embedPrompt(ids, embeddings, open) });
  }
  if (begun) options.onStage('text_encoder', 'done');
  return rows;
}

async function runUnet(run: Run, start: Start, rows: DenoiseOptions['rows']): Promise<Floats['data']> {
  const { options, scheduler } = run;
  const { model, settings, onPreview } = options;
  const unet = adaptUnet(await openGraph(options, 'unet'));
  const total = scheduler.timesteps.length;
  const previews = onPreview !== undefined && total > 1;
  if (previews) await run.openDecoder();
  const { timeCondProjDim } = model.unet;
  options.onStep(0, total);
  return denoise({
    unet,
    scheduler,
    start,
    dims: run.dims,
    rows,
    scales: settings,
    timestepCond: timeCondProjDim === null ? undefined : guidanceEmbedding(settings.guidanceScale, timeCondProjDim),
    as: options.rows,
    draw: run.draw,
    async afterStep(done, foreseen) {
      options.onStep(done, total);
      if (previews && done < total) onPreview(done, pixelsToPicture(await decode(run, foreseen)));
    },
  });
}

async function decode({ options, dims, openDecoder }: Run, latents: Floats['data']): Promise<Floats> {
  const { vae } = options.model;
  const decoder = await openDecoder();
  const pixels = await decoder.decode(unscaleLatents(latents, dims, vae));
  const { width, height } = options.picture;
  assertDims(pixels, [1, 3, height, width], "The VAE decoder's output");
  return pixels;
}

async function inStage<T>(options: DiffusionOptions, stage: Stage, work: () => Promise<T>): Promise<T> {
  options.onStage(stage, 'begun');
  const result = await work();
  options.onStage(stage, 'done');
  return result;
}

/** Opens a graph that asks before and after each of its runs whether the job was cancelled. */
async function openGraph(options: DiffusionOptions, stage: Stage): Promise<Graph> {
  options.throwIfCancelled();
  const graph = await options.open(stage);
  options.throwIfCancelled();
  return {
    ports: graph.ports,
    async run(makeInputs) {
      options.throwIfCancelled();
      const outputs = await graph.run(makeInputs);
      options.throwIfCancelled();
      return outputs;
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
