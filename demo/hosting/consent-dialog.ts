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
  let answer = (_isYes: boolean): void => {};

  byId('consent-send', HTMLButtonElement).addEventListener('click', () => dialog.close('send'));
  keep.addEventListener('click', () => dialog.close('keep'));
  dialog.addEventListener('close', () => answer(dialog.returnValue === 'send'));

  return (request, args, signal) => {
    if (signal.aborted) return Promise.resolve(false);
    byId('consent-title', HTMLElement).textContent = `Send this picture to ${request.host}?`;
    const rows = consentInWords(request, args).map(([name, value]) =>
      make('div', {}, make('dt', {}, name), make('dd', {}, value)),
    );
    byId('consent-facts', HTMLElement).replaceChildren(...rows);
    // Escape leaves it as it is.
    dialog.returnValue = 'keep';
    const stop = () => dialog.close('keep');
    signal.addEventListener('abort', stop, { once: true });
    dialog.showModal();
    keep.focus();
    return new Promise((resolve) => {
      answer = (isYes) => {
        signal.removeEventListener('abort', stop);
        resolve(isYes && !signal.aborted);
      };
    });
  };
}
