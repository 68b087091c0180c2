import type { Scheduler } from '../schedulers/scheduler.js';
import { combineRows, type GuidanceRow, type GuidanceScales } from './guidance.js';
import { assertDims, blendLatents, concatChannels } from './latents.js';
import type { Floats, Unet } from './networks.js';
import { assertFinite } from './not-finite.js';
import type { Start } from './start.js';

/** One run of a schedule. */
export interface DenoiseOptions {
  readonly unet: Unet;
  readonly scheduler: Scheduler;
  readonly start: Start;
  /** Shape of the latents. */
  readonly dims: readonly number[];
  /** What each step asks for, in order. */
  readonly rows: readonly { readonly kind: GuidanceRow; readonly embedding: Floats }[];
  readonly scales: GuidanceScales;
  /** Guidance embedding, for graphs that take one. */
  readonly timestepCond?: Floats['data'] | undefined;
  readonly as: 'batch' | 'loop';
  /** Standard normal numbers, as many as the latents have. */
  draw(): Floats['data'];
  /** Awaited after each step. @param done Steps so far. @param foreseen The final latents as foreseen at this step. */
  afterStep(done: number, foreseen: Floats['data']): Promise<void>;
}

/**
 * Steps through the whole schedule.
 * @returns The final latents, still multiplied by the scaling factor.
 * @throws ImageToImageError `inference-failed` at the first step whose numbers are not finite.
 */
export async function denoise(options: DenoiseOptions): Promise<Floats['data']> {
  const { scheduler, start, draw } = options;
  const { blend } = start;
  const total = scheduler.timesteps.length;
  let { latents } = start;
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    const output = await predict(options, latents, index, timestep);
    assertFinite(output, 'unet');
    const result = scheduler.step({ index, output, sample: latents, noise: draw });
    const next = index + 1;
    latents = next === total ? (result.denoised ?? result.sample) : result.sample;
    let foreseen = result.original ?? latents;
    if (blend !== undefined) {
      const { mask, original, noise } = blend;
      latents = blendLatents(mask, next === total ? original : scheduler.addNoise(original, noise, next), latents);
      foreseen = blendLatents(mask, original, foreseen);
    }
    await options.afterStep(next, foreseen);
  }
  return latents;
}

/** The U-Net's answer after guidance. */
async function predict(
  options: DenoiseOptions,
  latents: Floats['data'],
  index: number,
  timestep: number,
): Promise<Floats['data']> {
  const { unet, scheduler, start, dims, rows, scales, timestepCond, as } = options;
  const scaled: Floats = { dims, data: scheduler.scaleModelInput(latents, index) };
  const outputs = await unet.denoise({
    rows: rows.map(({ kind, embedding }) => ({
      sample: concatChannels([scaled, ...start.channelsOf(kind)]),
      embedding,
    })),
    timestep,
    ...(timestepCond === undefined ? {} : { timestepCond }),
    as,
  });
  for (const output of outputs) assertDims(output, dims, "The U-Net's output");
  return combineRows(
    rows.map(({ kind }) => kind),
    outputs.map(({ data }) => data),
    scales,
  );
}
