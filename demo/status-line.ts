import { byId, hideAround } from './page-elements.js';
import type { Problem } from './words.js';

/** The line below the picture: what came of it, or what went wrong. */
export interface StatusLine {
  /** A plain line; a problem that is shown stays. */
  say(line: string): void;
  /** @param retry What failed, once more. Without it there is nothing to try again. */
  showProblem(problem: Problem, retry?: () => void): void;
  clear(): void;
  /** Says a line to screen readers only. */
  announce(line: string): void;
}

export function createStatusLine(): StatusLine {
  const outcome = byId('outcome', HTMLElement);
  const problemBox = byId('problem', HTMLElement);
  const tryAgain = byId('try-again', HTMLButtonElement);
  const dismiss = byId('dismiss', HTMLButtonElement);
  const announcer = byId('announcer', HTMLElement);

  let again: (() => void) | undefined;

  function hideProblem(): void {
    again = undefined;
    hideAround(problemBox, byId('stage', HTMLElement));
  }
  dismiss.addEventListener('click', hideProblem);
  tryAgain.addEventListener('click', () => {
    const retry = again;
    hideProblem();
    retry?.();
  });

  return {
    clear() {
      outcome.textContent = '';
      announcer.textContent = '';
      hideProblem();
    },
    announce: (line) => {
      announcer.textContent = line;
    },
    say(line) {
      outcome.textContent = line;
      announcer.textContent = line;
    },
    showProblem({ title, text }, retry) {
      again = retry;
      // An alert is read by itself; an older line must not be found beside it.
      announcer.textContent = '';
      byId('problem-title', HTMLElement).textContent = title;
      byId('problem-text', HTMLElement).textContent = text;
      problemBox.hidden = false;
      if (retry === undefined) hideAround(tryAgain, dismiss);
      else tryAgain.hidden = false;
    },
  };
}
