import type { ConsentRequest, ImageToImageArgs } from 'tintype';
import { byId, make } from '../page-elements.js';
import { consentInWords } from './hosting-words.js';

/**
 * Asks the owner whether a picture may leave the page.
 * @param args Of the call: what would go along.
 * @param signal Ends the question; the answer is then no.
 */
export type AskOwner = (request: ConsentRequest, args: ImageToImageArgs, signal: AbortSignal) => Promise<boolean>;

/** The dialog begins on the safe answer; whatever else closes it (Escape, another run) is that answer too. */
export function createConsentDialog(): AskOwner {
  const dialog = byId('consent', HTMLDialogElement);
  const keep = byId('consent-keep', HTMLButtonElement);
  let answer: ((isYes: boolean) => void) | undefined;

  function settle(isYes: boolean): void {
    const told = answer;
    answer = undefined;
    dialog.close();
    told?.(isYes);
  }
  byId('consent-send', HTMLButtonElement).addEventListener('click', () => settle(true));
  keep.addEventListener('click', () => settle(false));
  // For Escape. The event comes late: by then another question may be open.
  dialog.addEventListener('close', () => {
    if (!dialog.open) settle(false);
  });

  return (request, args, signal) => {
    if (signal.aborted) return Promise.resolve(false);
    byId('consent-title', HTMLElement).textContent = `Send this picture to ${request.host}?`;
    const rows = consentInWords(request, args).map(([name, value]) =>
      make('div', {}, make('dt', {}, name), make('dd', {}, value)),
    );
    byId('consent-facts', HTMLElement).replaceChildren(...rows);
    const stop = () => settle(false);
    signal.addEventListener('abort', stop, { once: true });
    dialog.showModal();
    keep.focus();
    return new Promise((resolve) => {
      answer = (isYes) => {
        signal.removeEventListener('abort', stop);
        resolve(isYes);
      };
    });
  };
}
