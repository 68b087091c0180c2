// The networks of a diffusion model behind one face each: whatever names, types and shapes an export chose, callers pass and get
// float32. Read from the graph's own ports, never from a list of models.

/** Float32 with its shape, row-major. */
export interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A text encoder. */
export interface TextEncoder {
  /** @param ids As many as the model takes (77). @returns `[1, ids.length, width]`. */
  encode(ids: readonly number[]): Promise<Floats>;
}

/** A VAE encoder. */
export interface VaeEncoder {
  /**
   * @param pixels `[1, 3, height, width]`, -1 to 1.
   * @returns Mean and standard deviation, each `[1, channels, height / downscale, width / downscale]`, not multiplied by the scaling
   * factor. `deviation` is missing where the graph draws a sample by itself (`mean` is then that sample, and no seed governs it).
   */
  encode(pixels: Floats): Promise<{ readonly mean: Floats; readonly deviation?: Floats }>;
}

/** What the U-Net is asked at one step. Rows have the same shape and are answered in the same order. */
export interface DenoiseRequest {
  readonly rows: readonly {
    /** `[1, channels, height, width]`. */
    readonly sample: Floats;
    /** `[1, tokens, width]`. */
    readonly embedding: Floats;
  }[];
  /** Rounded where the graph declares an integer. */
  readonly timestep: number;
  /** Guidance embedding `[timeCondProjDim]`, for graphs that take one. */
  readonly timestepCond?: Float32Array<ArrayBuffer>;
  /** `batch`: all rows in one run; `loop`: one run each, for less memory or several engines. A graph with a fixed batch decides by itself. */
  readonly as: 'batch' | 'loop';
}

/** A denoising U-Net. */
export interface Unet {
  /** @returns One output per row, each `[1, outChannels, height, width]`. */
  denoise(request: DenoiseRequest): Promise<readonly Floats[]>;
}

/** A VAE decoder. */
export interface VaeDecoder {
  /** @param latents Already divided by the scaling factor. @returns `[1, 3, height * downscale, width * downscale]`, about -1 to 1. */
  decode(latents: Floats): Promise<Floats>;
}
