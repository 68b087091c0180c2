/**
 * What a call is doing. `queued` waits for earlier calls of the same client; `measure` times a tile on each device. A prompted model
 * runs `text-encoder`, `vae-encoder`, `denoise` and `vae-decoder` in place of `tiles`. On the hosted side: `upload`, then `queued`,
 * `loading-model`, `retrying` and `running` in any order and number, then `download` of the result.
 */
export type ProgressPhase =
  | 'queued'
  | 'download'
  | 'verify'
  | 'compile'
  | 'measure'
  | 'decode'
  | 'text-encoder'
  | 'vae-encoder'
  | 'denoise'
  | 'vae-decoder'
  | 'tiles'
  | 'resize'
  | 'encode'
  | 'upload'
  | 'loading-model'
  | 'retrying'
  | 'running';

/** One step forward. In the page events of one phase never go back; phases that need no work are left out. */
export interface ProgressEvent {
  readonly phase: ProgressPhase;
  /** Done so far, in `unit`. */
  readonly done: number;
  /** All there is, in `unit`. May be 0 when nothing is to do. */
  readonly total: number;
  /** `bytes` while downloading, as one sum over all files; `tiles` while running; else `steps`. */
  readonly unit: 'bytes' | 'tiles' | 'steps';
  /** Estimated rest of the phase in milliseconds, from what was measured in this call; absent until there is a measure. */
  readonly remainingMs?: number;
  /** Hosted side, `queued`: calls before this one, where the provider tells. */
  readonly position?: number;
  /** Hosted side, `retrying`: which attempt comes next. */
  readonly attempt?: number;
  /** Hosted side, `retrying`: why. */
  readonly reason?: string;
}

/** A finished part of the model's output, delivered while the rest still runs. Tiles cover the picture exactly once. */
export interface TileEvent {
  /** Left edge in output pixels. */
  readonly x: number;
  /** Top edge in output pixels. */
  readonly y: number;
  /** Size in output pixels. */
  readonly width: number;
  /** Size in output pixels. */
  readonly height: number;
  /** `height * width * 4` bytes, RGBA rows, alpha not premultiplied. Yours: nothing else holds it. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** Size of the whole output, before any `target_size` resampling. */
  readonly outputWidth: number;
  readonly outputHeight: number;
}

/** The picture as a prompted model foresees it after a step. */
export interface PreviewEvent {
  /** Steps done, 1 to `total`. */
  readonly step: number;
  readonly total: number;
  /** Size that the model works at, in pixels; mostly smaller than the result. */
  readonly width: number;
  readonly height: number;
  /** `height * width * 4` bytes, RGBA rows, alpha 255. Yours: nothing else holds it. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}
