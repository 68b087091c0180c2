import type { Dtype, RecommendedParameters, Stage } from '../contract/manifest.js';

/** How the files of a repository can be stored; `u8` is made by Tintype only. */
export type RepositoryDtype = Exclude<Dtype, 'u8'>;

/**
 * The configuration files that are read: `config.json` of each network, `model_index.json`, `scheduler/scheduler_config.json`,
 * `tokenizer/tokenizer_config.json`; `config.json` and `preprocessor_config.json` of a transformers.js repository.
 */
export type ConfigName = Stage | 'model_index' | 'scheduler' | 'tokenizer' | 'config' | 'preprocessor';

/** What {@link readRepository} may be told besides the place of the files. */
export interface RepositoryOptions {
  /** What `args.model` will name. @default the hub's `owner/name`, else the last folder of the URL or the folder handed in */
  readonly id?: string | undefined;
  /** Asks for files of one kind only, which spares the server questions. @default 'auto': all that are complete are offered */
  readonly dtype?: 'auto' | RepositoryDtype | undefined;
  /** Origins besides the page's own that files may come from, such as `https://models.example`. Redirects of theirs are followed. */
  readonly origins?: readonly string[] | undefined;
  /** Paths that differ from the usual layout, by the usual one: `{ 'unet/model.onnx': 'onnx/sd-unet.onnx' }`. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /**
   * Fields of configuration files, over those of the repository or instead of a file that it lacks:
   * `{ unet: { in_channels: 8, block_out_channels: [320, 640, 1280, 1280] } }`; or to put another scheduler in the place of one that
   * Tintype has not: `{ scheduler: { _class_name: 'EulerDiscreteScheduler' } }`.
   */
  readonly configs?: Readonly<Partial<Record<ConfigName, Readonly<Record<string, unknown>>>>> | undefined;
  /**
   * Values for parameters that callers leave out, over those of the repository's `recommended.json`. Distilled ("turbo") models do
   * not tell that they are: name `{ num_inference_steps: 2, guidance_scale: 0, strength: 0.5 }` for them.
   * @default 20 steps, guidance 7.5, image guidance 1.5, strength 0.8 (inpainting 1); with an LCM or TCD scheduler 4 steps and guidance
   * 1, or 8.5 where the U-Net takes it as an embedding
   */
  readonly recommended?: Partial<RecommendedParameters> | undefined;
  /** Pictures are worked on at no more pixels. @default 1.5 times those the U-Net was trained on, at least 512 * 512 */
  readonly maxWorkPixels?: number | undefined;
  /** Plain name for people. @default the id */
  readonly title?: string | undefined;
  /** One sentence: what for, and what not. @default a sentence on the kind of model */
  readonly summary?: string | undefined;
  /** SPDX id. @default 'NOASSERTION', for repositories say it in prose, if at all */
  readonly licence?: string | undefined;
  /** Whom to credit, in one line. @default the authors of the repository, by its name */
  readonly attribution?: string | undefined;
  /** Feed-forward only: context around a tile in input pixels, a whole number of at least 0. @default 32 */
  readonly overlapPx?: number | undefined;
  /** Feed-forward only: multiply-adds per input pixel. @default an upper estimate from the layer sizes in `config.json` */
  readonly macsPerPixel?: number | undefined;
  /** Feed-forward only: bytes of activations alive at once per input pixel. @default an upper estimate, as above */
  readonly activationBytesPerPixel?: number | undefined;
  /** Ends the reading: it rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Asks in place of the page's own `fetch`. Graphs are downloaded later, by a worker that does not use it. */
  readonly fetch?: typeof fetch | undefined;
}

/** @throws TypeError or RangeError naming the option that is wrong. */
export function validateRepositoryOptions(options: RepositoryOptions): void {
  for (const name of ['id', 'title', 'summary', 'licence', 'attribution'] as const) {
    const value = options[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new TypeError(`${name} must be a text that is not empty.`);
    }
  }
  positive('maxWorkPixels', options.maxWorkPixels);
  positive('macsPerPixel', options.macsPerPixel);
  positive('activationBytesPerPixel', options.activationBytesPerPixel);
  const { overlapPx } = options;
  if (overlapPx !== undefined && !(Number.isSafeInteger(overlapPx) && overlapPx >= 0)) {
    throw new RangeError(`overlapPx must be a whole number of at least 0; got ${overlapPx}.`);
  }
  for (const [name, value] of Object.entries(options.recommended ?? {})) {
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0)) continue;
    throw new RangeError(`recommended.${name} must be a finite number of at least 0; got ${String(value)}.`);
  }
}

function positive(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  throw new RangeError(`${name} must be a finite number above 0; got ${value}.`);
}
