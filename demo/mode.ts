import type { ImageToImageParameters, ModelInfo, TargetSize } from 'tintype';
import type { SourcePicture } from './picture-source.js';
import type { Size } from './picture-viewport.js';
import type { RunPlan, RunResult } from './runner.js';

/** What a mode wants of the library, as its controls stand. */
export interface RunWish {
  readonly model: ModelInfo;
  /** All but the sizes and the mask. */
  readonly parameters: ImageToImageParameters;
  /** Size of the result to ask for; undefined leaves it to the model, which by itself gives `own`. */
  target(own: Size): TargetSize | undefined;
  /** White where the picture may change. Drawn only when the call is made. */
  readonly mask?: (() => Promise<Blob>) | undefined;
}

/** A run that gave a result, and what it was made from. */
export interface FinishedRun extends RunResult {
  readonly source: SourcePicture;
  readonly plan: RunPlan;
}

/** One of the ways to work on the picture. A mode has the controls; the picture, the run and the view of both are the page's. */
export interface Mode {
  /** Whether a new picture, and another choice, is run by itself if that is quick. */
  readonly isEager: boolean;
  show(shown: boolean): void;
  /** The catalogue, or a newer state of it (what is stored). */
  update(models: readonly ModelInfo[]): void;
  /**
   * @param isNewPicture The picture is not on the stage yet: what was said of the one before (an exact size, a mask) does not count.
   * @throws Error if the catalogue has no model for this
   */
  wish(isNewPicture: boolean): RunWish;
  /** Whether a run can be asked for; if not, what is wrong is shown. Never moves the keyboard's place. */
  isValid(): boolean;
  /** Takes the person to the first thing that is wrong. */
  complain(): void;
  /** Said when there is a picture and nothing runs by itself. */
  invitation(): string;
  /** Another picture is on the stage; `size` is its own. */
  pictureChanged(size: Size): void;
  /** What a run would be was computed. */
  planned(plan: RunPlan): void;
  runBegins(): void;
  /** Its result is about to be shown. */
  runFinished(run: FinishedRun): void;
  /** No result is shown any more, whichever mode it was of. */
  resultGone(): void;
  /** How a result of this mode is described. */
  describe(run: FinishedRun): ResultWords;
}

/** A result in words. */
export interface ResultWords {
  /** What the name of its file gains. */
  readonly fileSuffix: string;
  /** How it was made, in one line, where that cannot be seen from the controls any more. */
  readonly note?: string;
}
