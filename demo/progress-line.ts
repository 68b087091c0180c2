import type { ProgressEvent, ProgressPhase } from 'tintype';
import { byId, hideAround } from './page-elements.js';
import { progressInWords } from './words.js';

/** Where each phase begins and ends on the one bar. Running the tiles is nearly all of the work. */
const SPANS: Readonly<Record<ProgressPhase, readonly [number, number]>> = {
  queued: [0, 0],
  decode: [0, 0.04],
  download: [0.04, 0.14],
  verify: [0.14, 0.15],
  compile: [0.15, 0.18],
  tiles: [0.18, 0.94],
  resize: [0.94, 0.96],
  encode: [0.96, 1],
};
const REPAINT_MS = 80;
/** Screen readers read every change aloud; more often than this is noise. */
const ANNOUNCE_MS = 4_000;

/** The one progress bar, its label and the cancel button. */
export interface ProgressLine {
  begin(): void;
  show(event: ProgressEvent): void;
  end(): void;
}

/**
 * @param onCancel Called for the button, and for Escape while the bar is shown.
 * @param announce Says a line to screen readers.
 */
export function createProgressLine(onCancel: () => void, announce: (line: string) => void): ProgressLine {
  const line = byId('progress', HTMLElement);
  const label = byId('progress-label', HTMLElement);
  const bar = byId('progress-bar', HTMLProgressElement);
  let latest: ProgressEvent | undefined;
  let repaint: ReturnType<typeof setTimeout> | undefined;
  let announcedAt = 0;

  byId('cancel', HTMLButtonElement).addEventListener('click', onCancel);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !line.hidden) onCancel();
  });

  function paint(): void {
    repaint = undefined;
    if (latest === undefined) return;
    const words = progressInWords(latest);
    label.textContent = words;
    bar.value = Math.max(bar.value, onTheBar(latest));
    if (performance.now() - announcedAt < ANNOUNCE_MS) return;
    announcedAt = performance.now();
    announce(words);
  }

  return {
    begin() {
      latest = undefined;
      label.textContent = 'Starting';
      bar.value = 0;
      line.hidden = false;
      announcedAt = performance.now();
    },
    show(event) {
      latest = event;
      repaint ??= setTimeout(paint, REPAINT_MS);
    },
    end() {
      clearTimeout(repaint);
      repaint = undefined;
      hideAround(line, byId('run', HTMLButtonElement));
    },
  };
}

function onTheBar({ phase, done, total }: ProgressEvent): number {
  const [from, to] = SPANS[phase];
  return from + (to - from) * (total === 0 ? 1 : Math.min(1, done / total));
}
