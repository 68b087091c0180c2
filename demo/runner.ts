import type { Estimate, ImageToImageArgs, InferenceClient, ModelInfo, Report } from 'tintype';
import type { CompareView } from './compare-view.js';
import type { DeviceWish } from './device-choice.js';
import type { Hosting } from './hosting/hosting.js';
import type { Sent } from './hosting/traffic.js';
import type { RunWish } from './mode.js';
import type { OutputChoices } from './output-choices.js';
import type { SourcePicture } from './picture-source.js';
import type { Size } from './picture-viewport.js';
import type { ProgressLine } from './progress-line.js';
import { createRunProgress } from './run-progress.js';

/** A call that can be made, and what it would cost. */
export interface RunPlan {
  readonly model: ModelInfo;
  /** All but the mask. */
  readonly args: ImageToImageArgs;
  readonly mask: RunWish['mask'];
  readonly device: DeviceWish;
  readonly output: OutputChoices;
  readonly estimate: Estimate;
  /** Size of the picture. */
  readonly inputSize: Size;
  /** Size that the model gives by itself. */
  readonly own: Size;
}

/** What counts for every run, whatever it does. */
export interface RunSettings {
  readonly device: DeviceWish;
  readonly output: OutputChoices;
}

/** What a run gave. */
export interface RunResult {
  readonly blob: Blob;
  readonly report: Report;
  /** What left the page for it. */
  readonly sent: Sent;
  /** Of the result; a service may give another one than the page would. */
  readonly size: Size;
}

/** At most one call at a time: a new one ends the one before. */
export interface Runner {
  /** Ends what runs and makes room for the next call, which must heed the signal. */
  next(): AbortSignal;
  /** Ends what runs, if anything does. */
  stop(): void;
  isBusy(): boolean;
  /** To be called when the work of that signal is over; without effect if it was superseded. */
  finished(signal: AbortSignal): void;
  /**
   * Reads the picture's header and computes what the call would cost. Nothing is decoded: a picture that is too large is refused here.
   * @throws ImageToImageError `invalid-input`, `unsupported-type` or `image-too-large`; `environment-unsupported` for a device that
   *   cannot be had here
   */
  plan(picture: SourcePicture, wish: RunWish, settings: RunSettings): Promise<RunPlan>;
  /** Makes the call and shows it while it runs. @throws ImageToImageError, or the signal's reason */
  run(plan: RunPlan, signal: AbortSignal): Promise<RunResult>;
}

/** What a run shows itself on. */
export interface RunnerParts {
  readonly view: CompareView;
  readonly progress: ProgressLine;
  readonly hosting: Hosting;
  onBusy(isBusy: boolean): void;
}

export function createRunner(
  client: Pick<InferenceClient, 'estimate' | 'imageToImage'>,
  { view, progress, hosting, onBusy }: RunnerParts,
): Runner {
  let current: AbortController | undefined;

  function stop(): void {
    if (current === undefined) return;
    current.abort();
    current = undefined;
    progress.end();
    view.abandon();
    onBusy(false);
  }

  return {
    stop,
    next() {
      stop();
      current = new AbortController();
      onBusy(true);
      return current.signal;
    },
    finished(signal) {
      if (current?.signal !== signal) return;
      current = undefined;
      onBusy(false);
    },
    isBusy: () => current !== undefined,
    async plan({ blob }, { model, parameters, target, mask }, { device, output }) {
      const args = { model: model.id, inputs: blob, parameters };
      const estimate = await client.estimate(args, { device });
      const own = estimate.output;
      const inputSize = { width: own.width / model.scale, height: own.height / model.scale };
      const plan = { model, args, mask, device, output, estimate, inputSize, own };
      const wished = target(own);
      if (wished === undefined) return plan;
      const aimed = { ...args, parameters: { ...parameters, target_size: wished } };
      return { ...plan, args: aimed, estimate: await client.estimate(aimed, { device }) };
    },
    async run({ model, args, mask, device, output, estimate }, signal) {
      progress.begin();
      view.begin(estimate.output);
      const stepOf = createRunProgress();
      let report: Report | undefined;
      try {
        const call = hosting.prepare(mask ? await withMask(args, mask) : args, signal, () =>
          progress.show({ share: 0, words: 'Waiting for your answer' }),
        );
        const blob = await client.imageToImage(call.args, {
          ...call.options,
          signal,
          device,
          onProgress: (event) => !signal.aborted && progress.show(stepOf(event)),
          // Only what the model can give: the report warns of the other.
          ...(model.task === 'prompted-editing'
            ? { onPreview: (preview) => !signal.aborted && view.preview(preview) }
            : { onTile: (tile) => !signal.aborted && view.paint(tile) }),
          onReport: (told) => {
            report = told;
          },
          output: { type: output.type, quality: output.quality },
          metadata: output.metadata,
        });
        if (report === undefined) throw new Error('The call gave no report.');
        const size = report.where === 'hosted' ? await sizeOf(blob) : estimate.output;
        await view.showResult(blob, size);
        return { blob, report, sent: call.sent(), size };
      } catch (caught) {
        if (!signal.aborted) view.abandon();
        throw caught;
      } finally {
        if (!signal.aborted) progress.end();
      }
    },
  };
}

async function withMask(args: ImageToImageArgs, mask: () => Promise<Blob>): Promise<ImageToImageArgs> {
  return { ...args, parameters: { ...args.parameters, mask_image: await mask() } };
}

async function sizeOf(picture: Blob): Promise<Size> {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}
