import { byId } from '../page-elements.js';

/** The buttons below the table, and the JSON that they give away. */
export interface ResultsActions {
  /** @param json Copied, downloaded and shown from now on. */
  update(json: string): void;
}

/** @param onNews Given a line for the visitor to read. */
export function createResultsActions(onNews: (line: string) => void): ResultsActions {
  const text = byId('json', HTMLElement);
  const link = byId('download-json', HTMLAnchorElement);
  let json = '';

  byId('copy-json', HTMLButtonElement).addEventListener('click', () => {
    navigator.clipboard.writeText(json).then(
      () => onNews('Copied to the clipboard.'),
      () => onNews('The browser did not allow copying. Use Download, or mark the text under Show the JSON.'),
    );
  });
  // Made when it is wanted: an object URL for each finished row would have to be given back each time.
  link.addEventListener('click', () => {
    if (link.href.startsWith('blob:')) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  });

  return {
    update(newest) {
      json = newest;
      text.textContent = newest;
      byId('results', HTMLElement).hidden = false;
    },
  };
}
