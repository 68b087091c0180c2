import { byId, hideAround } from './page-elements.js';

const REPAINT_MS = 80;
/** Screen readers read every change aloud; more often than this is noise. */
const ANNOUNCE_MS = 4_000;

/** One step forward, for people. */
export interface ProgressStep {
  /** Share of the whole, 0 to 1. The bar never goes back. */
  readonly share: number;
  readonly words: string;
}

/** The one progress bar, its label and the cancel button. */
export interface ProgressLine {
  begin(): void;
  show(step: ProgressStep): void;
  end(): void;
}

/**
 * @param onCancel Called for the button, and for Escape while the bar is shown and no dialog is open.
 * @param announce Says a line to screen readers.
 */
export function createProgressLine(onCancel: () => void, announce: (line: string) => void): ProgressLine {
  const line = byId('progress', HTMLElement);
  const label = byId('progress-label', HTMLElement);
  const bar = byId('progress-bar', HTMLProgressElement);
  let latest: ProgressStep | undefined;
  let repaint: ReturnType<typeof setTimeout> | undefined;
  let announcedAt = 0;

  byId('cancel', HTMLButtonElement).addEventListener('click', onCancel);
  document.addEventListener('keydown', (event) => {
    // In a dialog the key closes that, and no more.
    if (event.key === 'Escape' && !line.hidden && !document.querySelector('dialog[open]')) onCancel();
  });

  function paint(): void {
    repaint = undefined;
    if (latest === undefined) return;
    const { share, words } = latest;
    label.textContent = words;
    bar.value = Math.max(bar.value, share);
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
    show(step) {
      latest = step;
      repaint ??= setTimeout(paint, REPAINT_MS);
    },
    end() {
      clearTimeout(repaint);
      repaint = undefined;
      hideAround(line, byId('run', HTMLButtonElement));
    },
  };
}
