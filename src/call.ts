import type { CallListeners } from './bridge/lifetime.js';
import type { Workshop } from './bridge/workshop.js';
import type { ModelManifest } from './contract/manifest.js';
import type { ImageToImageArgs } from './contract/parameters.js';
import type { FeedForwardJob } from './contract/worker-apis.js';
import type { Devices } from './devices.js';
import type { CallOptions, Estimate, ImageToImageOptions } from './options.js';
import type { ReportDraft } from './report-draft.js';

/** What the calls of one client share. */
export interface CallContext {
  readonly workshop: Workshop;
  readonly devices: Devices;
  readonly maxInputPixels: number;
  readonly maxEngines: number;
  /** Multiply-adds per second of one engine as measured, by device, and by model where they differ much. */
  readonly speeds: Map<string, number>;
  /** Marks files as being loaded or run while `work` goes on. */
  using<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** One validated call. */
export interface Call<Manifest extends ModelManifest> {
  readonly manifest: Manifest;
  readonly args: ImageToImageArgs;
  readonly options: ImageToImageOptions;
  readonly context: CallContext;
  readonly draft: ReportDraft;
  /** All but `onDeviceChanged` are told as they are. */
  readonly listeners: CallListeners;
}

/** A model that is to be made ready. */
export interface Loading<Manifest extends ModelManifest> {
  readonly manifest: Manifest;
  readonly options: CallOptions;
  readonly context: CallContext;
  readonly listeners: CallListeners;
}

/** A call whose cost is asked. */
export interface Estimating<Manifest extends ModelManifest> {
  readonly manifest: Manifest;
  readonly args: ImageToImageArgs;
  readonly options: ImageToImageOptions;
  readonly context: CallContext;
  /** Of the picture, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

/** What is done with the models of one kind. */
export interface CallKind<Manifest extends ModelManifest> {
  run(call: Call<Manifest>): Promise<Blob>;
  load(loading: Loading<Manifest>): Promise<void>;
  estimate(estimating: Estimating<Manifest>): Promise<Estimate>;
}

/** The part of a job that every kind has. */
export function outputOf(
  args: ImageToImageArgs,
  options: ImageToImageOptions,
): Pick<FeedForwardJob, 'targetSize' | 'output' | 'metadata'> {
  const target = args.parameters?.target_size;
  return {
    ...(target === undefined ? {} : { targetSize: { width: target.width, height: target.height } }),
    output: {
      type: options.output?.type ?? 'image/png',
      quality: options.output?.quality ?? 0.92,
      background: options.output?.background ?? '#ffffff',
    },
    metadata: options.metadata ?? 'strip',
  };
}

/** Gives back what was never handed over (an abort in the queue); after that it does nothing. */
export function closePictures(...pictures: readonly (Blob | ImageBitmap | undefined)[]): void {
  for (const picture of pictures) {
    if (picture && !(picture instanceof Blob)) picture.close();
  }
}
