import { byId } from './page-elements.js';

/** A picture as its owner gave it. */
export interface SourcePicture {
  readonly blob: Blob;
  /** A file name, for the name of the result. */
  readonly name: string;
}

/** Who hears of pictures, and of things that are none. */
export interface PictureListeners {
  onPicture(picture: SourcePicture): void;
  onNothingUsable(what: string): void;
}

/** Takes pictures from everywhere a person may put one: the file button, a drop anywhere on the page, the clipboard. */
export function listenForPictures(listeners: PictureListeners): void {
  listenToFileButtons(listeners);
  listenToDrops(listeners);
  document.addEventListener('paste', (event) => {
    const items = event.clipboardData;
    if (items === null || items.files.length === 0) return;
    event.preventDefault();
    take(items.files, 'The clipboard', listeners);
  });
}

function listenToFileButtons(listeners: PictureListeners): void {
  const input = byId('file', HTMLInputElement);
  for (const id of ['choose', 'choose-another']) {
    byId(id, HTMLButtonElement).addEventListener('click', () => input.click());
  }
  input.addEventListener('change', () => {
    if (input.files !== null && input.files.length > 0) take(input.files, 'The file', listeners);
    // The same file chosen again must fire again.
    input.value = '';
  });
}

function listenToDrops(listeners: PictureListeners): void {
  const cover = byId('drop-cover', HTMLElement);
  // dragenter and dragleave come for each element passed over; only their balance says whether the page was left.
  let depth = 0;
  const show = (shown: boolean) => {
    if (!shown) depth = 0;
    cover.hidden = !shown;
  };
  window.addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth++;
    show(true);
  });
  window.addEventListener('dragleave', (event) => {
    if (holdsFiles(event) && --depth <= 0) show(false);
  });
  window.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  window.addEventListener('drop', (event) => {
    show(false);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) take(event.dataTransfer.files, 'What was dropped', listeners);
  });
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true;
}

/** The first picture wins. A file of unknown kind is handed on: the library looks at the bytes, not at the name. */
function take(files: FileList, what: string, listeners: PictureListeners): void {
  const all = [...files];
  const file = all.find(({ type }) => type.startsWith('image/')) ?? all[0];
  if (file === undefined) listeners.onNothingUsable(`${what} holds no picture.`);
  else listeners.onPicture({ blob: file, name: file.name });
}
