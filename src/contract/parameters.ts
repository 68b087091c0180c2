/**
 * The hosted image-to-image call's own arguments, names verbatim (snake_case where the hosted API has it).
 * Source: https://huggingface.co/docs/inference-providers/tasks/image-to-image and `@huggingface/tasks`.
 */
export interface ImageToImageArgs {
  /** The picture. Never detached, never changed: the caller keeps it. See {@link PictureInput}. */
  readonly inputs: PictureInput;
  /**
   * Id of a model of the embedded catalogue, or of one passed in `options.models`.
   * @default 'tintype-sr-x2'
   */
  readonly model?: string | undefined;
  /** `'in-page'` names us. Any other name, `'auto'` included, is an explicit wish for the hosted side. */
  readonly provider?: string | undefined;
  /** An explicit wish for the hosted side, at this URL. */
  readonly endpointUrl?: string | undefined;
  /** Token for the hosted side. Never read while the call stays in the page. */
  readonly accessToken?: string | undefined;
  readonly parameters?: ImageToImageParameters | undefined;
  /** The generated hosted types carry an index signature; unknown names are reported as warnings, not refused. */
  readonly [property: string]: unknown;
}

/**
 * Everything a picture may come as. Strings are `data:` URLs or bare base64, never addresses: fetching is the
 * page's own decision.
 */
export type PictureInput =
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | ImageBitmap
  | ImageData
  | OffscreenCanvas
  | HTMLCanvasElementLike
  | HTMLImageElementLike
  | VideoFrameLike
  | string;

/** An `HTMLCanvasElement`, described without the DOM library so that workers can share this file. */
export interface HTMLCanvasElementLike {
  /** Pixels across; above 0. */
  readonly width: number;
  /** Pixels down; above 0. */
  readonly height: number;
  /** What tells it from other things with a width; never called. */
  toBlob(callback: (blob: Blob | null) => void, type?: string, quality?: number): void;
}

/** An `HTMLImageElement`, described without the DOM library. It must have finished loading from a readable origin. */
export interface HTMLImageElementLike {
  /** Pixels across; 0 until loaded. */
  readonly naturalWidth: number;
  /** Pixels down; 0 until loaded. */
  readonly naturalHeight: number;
  /** Awaited before the picture is read. */
  decode(): Promise<void>;
}

/** A WebCodecs `VideoFrame`, described structurally because not every TypeScript library version knows it. */
export interface VideoFrameLike {
  /** Pixels across, as shown. */
  readonly displayWidth: number;
  /** Pixels down, as shown. */
  readonly displayHeight: number;
  /** Microseconds; not used. */
  readonly timestamp: number;
  /** The caller's to call, after the promise has settled. */
  close(): void;
}

/** What the hosted API calls `parameters`. What a model cannot honour is a warning in the report, never silence. */
export interface ImageToImageParameters {
  /** Text that guides the edit. Honoured by prompted models only. */
  readonly prompt?: string | undefined;
  /** What to keep out of the picture. A list means the same as its items joined with `", "`. */
  readonly negative_prompt?: string | readonly string[] | undefined;
  /** How closely to follow the prompt; a finite number of at least 0. Honoured by prompted models only. */
  readonly guidance_scale?: number | undefined;
  /** Number of denoising steps; a positive integer. Honoured by prompted models only. */
  readonly num_inference_steps?: number | undefined;
  /** Exact size of the result in pixels. The model's output is resampled to it; the sides' ratio may change. */
  readonly target_size?: TargetSize | undefined;
  /** How far to move away from the source, 0 to 1. */
  readonly strength?: number | undefined;
  /** Seed of the random numbers; an integer from 0 to 2^53 - 1. */
  readonly seed?: number | undefined;
  /** How closely to keep to the source picture (InstructPix2Pix); a finite number of at least 0. */
  readonly image_guidance_scale?: number | undefined;
  /** White where the picture may change. */
  readonly mask_image?: PictureInput | undefined;
  /** The generated hosted types carry an index signature; unknown names are reported as warnings, not refused. */
  readonly [property: string]: unknown;
}

/** Width and height in whole pixels, at least 1. */
export interface TargetSize {
  /** Pixels across, 1 to 65535. */
  readonly width: number;
  /** Pixels down, 1 to 65535. */
  readonly height: number;
  readonly [property: string]: unknown;
}

/** A parameter that Tintype knows; any other name earns the warning `parameter-unknown`. */
export type ParameterName =
  | 'prompt'
  | 'negative_prompt'
  | 'guidance_scale'
  | 'num_inference_steps'
  | 'target_size'
  | 'strength'
  | 'seed'
  | 'image_guidance_scale'
  | 'mask_image';

/** All of them, for checks at run time. */
export const PARAMETER_NAMES: readonly ParameterName[] = [
  'prompt',
  'negative_prompt',
  'guidance_scale',
  'num_inference_steps',
  'target_size',
  'strength',
  'seed',
  'image_guidance_scale',
  'mask_image',
];
