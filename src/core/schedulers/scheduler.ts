/** How a schedule is to be run. */
export interface SchedulerOptions {
  /** `num_inference_steps`: a whole number of at least 1. */
  readonly steps: number;
  /**
   * How much of the schedule is run, above 0 to 1: its last `trunc(steps * strength)` steps (image to image).
   * @default 1
   */
  readonly strength?: number | undefined;
  /**
   * What `strength` cuts. `begin-index`: the timesteps. `training-grid`: with LCM and TCD the list they pick timesteps from, so that all
   * steps are run, over less noise; this is what LatentConsistencyModelImg2ImgPipeline does. Other schedulers know only the former.
   * @default 'begin-index'
   */
  readonly cut?: 'begin-index' | 'training-grid' | undefined;
  /** Share of fresh noise per step, 0 to 1: DDIM (default 0) and TCD (default 0.3). Others ignore it. */
  readonly eta?: number | undefined;
  /** Shift of FlowMatchEuler's sigmas with `use_dynamic_shifting`. */
  readonly mu?: number | undefined;
  /**
   * What FlowMatchEuler's sigmas are before any shift: the class's own, or `linspace(1, 1 / steps, steps)`, which most pipelines give it.
   * @default 'config'
   */
  readonly flowSigmas?: 'config' | 'linspace' | undefined;
}

/**
 * What one step takes. All vectors have the latents' length. They stay as they are: multistep schedulers keep them until the run ends.
 */
export interface SchedulerStep {
  /** Index into {@link Scheduler.timesteps}; steps are taken in order, each once. */
  readonly index: number;
  /** What the network gave, after guidance. */
  readonly output: Float32Array<ArrayBuffer>;
  /** The latents before the step; not changed. */
  readonly sample: Float32Array<ArrayBuffer>;
  /** Draws fresh standard normal numbers; called exactly as often as diffusers would draw. */
  noise(): Float32Array<ArrayBuffer>;
}

/** What one step gives. To be read only, neither written to nor transferred: the scheduler may need it again. */
export interface SchedulerResult {
  /** The latents after the step. */
  readonly sample: Float32Array<ArrayBuffer>;
  /** The picture's latents as foreseen at this step, for previews. Every scheduler here gives them. */
  readonly original?: Float32Array<ArrayBuffer>;
  /** LCM: what the consistency function gave, before noise is added again. After the last step the same as `sample`. */
  readonly denoised?: Float32Array<ArrayBuffer>;
}

/**
 * One run of a diffusion schedule, after diffusers. Sums are done in double precision and stored as float32. Made for one call:
 * multistep schedulers keep earlier outputs.
 */
export interface Scheduler {
  /** The timesteps to run, in order, after `strength`; fractional for some. PNDM has one more, unless `steps` is 1. */
  readonly timesteps: readonly number[];
  /** Noise is multiplied by this where a run starts from noise alone. */
  readonly initNoiseSigma: number;
  /** The latents as the network wants them at this step. A fresh vector, or the same one where nothing is to be scaled. */
  scaleModelInput(sample: Float32Array<ArrayBuffer>, index: number): Float32Array<ArrayBuffer>;
  /** Noise added to clean latents, as it is at this step. */
  addNoise(
    original: Float32Array<ArrayBuffer>,
    noise: Float32Array<ArrayBuffer>,
    index: number,
  ): Float32Array<ArrayBuffer>;
  step(step: SchedulerStep): SchedulerResult;
}
