import { type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import type { PreviewEvent, ProgressEvent, TileEvent } from '../contract/progress.js';
import type { Delivery } from '../contract/worker-apis.js';

/** What a call listens to. */
export interface CallListeners {
  readonly signal: AbortSignal | undefined;
  onProgress(event: ProgressEvent): void;
  /** A model's bytes reached an engine; once per engine. */
  onDelivery(delivery: Delivery): void;
  onTile(tile: TileEvent): void;
  onPreview(preview: PreviewEvent): void;
  /** WebGPU failed for good; the call goes on with WASM. */
  onDeviceChanged(error: ErrorRecord): void;
}

/** How a call can end from outside. */
export interface Lifetime {
  /** Rejects with the signal's reason, or with what {@link fail} was given. Never resolves. */
  readonly ended: Promise<never>;
  /** Whether the call is over, by whatever end; nothing is told to its listeners any more. */
  readonly over: boolean;
  fail(error: unknown): void;
  close(): void;
}

/** A lifetime that the signal ends with its own reason. */
export function createLifetime(signal: AbortSignal | undefined): Lifetime {
  const listening = new AbortController();
  let over = false;
  let reject: (reason: unknown) => void = () => {};
  const ended = new Promise<never>((_, rejectEnded) => {
    reject = (reason) => {
      over = true;
      rejectEnded(reason);
    };
  });
  ended.catch(() => {});
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: listening.signal });
  return {
    ended,
    get over() {
      return over;
    },
    fail: (error) => reject(isRecord(error) ? new ImageToImageError(error) : error),
    close: () => {
      over = true;
      listening.abort();
    },
  };
}

function isRecord(error: unknown): error is ErrorRecord {
  return typeof error === 'object' && error !== null && 'code' in error && !(error instanceof Error);
}

/** The listeners, deaf once the call is over. */
export function whileAlive({ signal, ...listeners }: CallListeners, lifetime: Lifetime): CallListeners {
  const guarded =
    <T>(listener: (value: T) => void): ((value: T) => void) =>
    (value) => {
      if (!lifetime.over) listener(value);
    };
  return {
    signal,
    onProgress: guarded(listeners.onProgress),
    onDelivery: guarded(listeners.onDelivery),
    onTile: guarded(listeners.onTile),
    onPreview: guarded(listeners.onPreview),
    onDeviceChanged: guarded(listeners.onDeviceChanged),
  };
}

/** The listeners, with those left out that have nothing to hear. */
export function deafTo(listeners: Pick<CallListeners, 'signal' | 'onProgress' | 'onDelivery'>): CallListeners {
  return { ...listeners, onTile: () => {}, onPreview: () => {}, onDeviceChanged: () => {} };
}
