import { byId } from './page-elements.js';
import type { Problem } from './words.js';

/** The line below the picture: what came of it, or what went wrong. */
export interface StatusLine {
  /** A plain line; a problem that is shown stays. */
  say(line: string): void;
  showProblem(problem: Problem, canTryAgain: boolean): void;
  clear(): void;
  /** Says a line to screen readers only. */
  announce(line: string): void;
}

/** @param onTryAgain Called for the button beside a problem that may pass. */
export function createStatusLine(onTryAgain: () => void): StatusLine {
  const outcome = byId('outcome', HTMLElement);
  const problemBox = byId('problem', HTMLElement);
  const tryAgain = byId('try-again', HTMLButtonElement);
  const announcer = byId('announcer', HTMLElement);

  function clear(): void {
    outcome.textContent = '';
    problemBox.hidden = true;
  }
  byId('dismiss', HTMLButtonElement).addEventListener('click', () => {
    problemBox.hidden = true;
  });
  tryAgain.addEventListener('click', onTryAgain);

  return {
    clear,
    announce: (line) => {
      announcer.textContent = line;
    },
    say(line) {
      outcome.textContent = line;
      announcer.textContent = line;
    },
    showProblem({ title, text }, canTryAgain) {
      byId('problem-title', HTMLElement).textContent = title;
      byId('problem-text', HTMLElement).textContent = text;
      tryAgain.hidden = !canTryAgain;
      problemBox.hidden = false;
    },
  };
}
