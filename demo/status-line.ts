import { byId, hideAround } from './page-elements.js';
import type { Problem } from './problem-words.js';

/** The line below the picture: what came of it, or what went wrong. */
export interface StatusLine {
  /** A plain line; a problem that is shown stays. */
  say(line: string): void;
  /** @param action What may help. Without it the problem can only be dismissed. */
  showProblem(problem: Problem, action?: ProblemAction): void;
  clear(): void;
  /** Says a line to screen readers only. */
  announce(line: string): void;
}

/** A button beside a problem. */
export interface ProblemAction {
  readonly label: string;
  run(): void;
}

export function createStatusLine(): StatusLine {
  const outcome = byId('outcome', HTMLElement);
  const problemBox = byId('problem', HTMLElement);
  const act = byId('try-again', HTMLButtonElement);
  const dismiss = byId('dismiss', HTMLButtonElement);
  const announcer = byId('announcer', HTMLElement);

  let offered: ProblemAction | undefined;

  function hideProblem(): void {
    offered = undefined;
    hideAround(problemBox, byId('stage', HTMLElement));
  }
  dismiss.addEventListener('click', hideProblem);
  act.addEventListener('click', () => {
    const accepted = offered;
    hideProblem();
    accepted?.run();
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
    showProblem({ title, text, isCalm }, action) {
      offered = action;
      // An alert is read by itself; an older line must not be found beside it.
      announcer.textContent = '';
      byId('problem-title', HTMLElement).textContent = title;
      byId('problem-text', HTMLElement).textContent = text;
      problemBox.classList.toggle('calm', isCalm === true);
      problemBox.hidden = false;
      if (action === undefined) hideAround(act, dismiss);
      else {
        act.textContent = action.label;
        act.hidden = false;
      }
      // The control that brought it about may be far below.
      problemBox.scrollIntoView({ block: 'nearest' });
    },
  };
}
