import type { ProgressEvent, ProgressPhase } from './contract/progress.js';

const ORDER: readonly ProgressPhase[] = [
  'queued',
  'decode',
  'download',
  'verify',
  'compile',
  'measure',
  'text-encoder',
  'vae-encoder',
  'denoise',
  'vae-decoder',
  'tiles',
  'resize',
  'encode',
];

/**
 * A listener that only hears of progress: several workers report at once, so phases that are already over and counts that
 * fall back are dropped.
 */
export function forwardOnly(listener: ((event: ProgressEvent) => void) | undefined): (event: ProgressEvent) => void {
  const tell = quietly(listener);
  if (!tell) return () => {};
  let phaseAt = -1;
  let done = -1;
  return (event) => {
    const at = ORDER.indexOf(event.phase);
    if (at < phaseAt || (at === phaseAt && event.done <= done)) return;
    phaseAt = at;
    done = event.done;
    tell(event);
  };
}

/** The listener, made harmless: what it throws is reported to the page like any uncaught error, and the call goes on. */
export function quietly<T>(listener: ((value: T) => void) | undefined): ((value: T) => void) | undefined {
  // Misuse is refused elsewhere; the report of that refusal must not fail on it.
  if (typeof listener !== 'function') return undefined;
  return (value) => {
    try {
      listener(value);
    } catch (caught) {
      if (typeof reportError === 'function') reportError(caught);
      else console.error(caught);
    }
  };
}
