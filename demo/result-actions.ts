import { whyThere } from './device-words.js';
import { badgeInWords } from './hosting/hosting-words.js';
import { whereItRan } from './hosting/where-it-ran.js';
import type { FinishedRun, ResultWords } from './mode.js';
import { byId, make } from './page-elements.js';
import type { SourcePicture } from './picture-source.js';
import { problemInWords } from './problem-words.js';
import { resultFacts, resultWarnings } from './result-facts.js';
import { bytesInWords, sizeInWords, spanInWords, typeInWords } from './words.js';

/** A finished result and what is known of it. */
export interface Result {
  readonly run: FinishedRun;
  readonly words: ResultWords;
}

/** The panel of the result. */
export interface ResultPanel {
  show(result: Result): void;
  hide(): void;
  isShown(): boolean;
}

/** What the page does for the panel. */
export interface ResultListeners {
  /** Given the result as a picture to go on with. */
  onUseAsInput(picture: SourcePicture): void;
  /** Given a line for the person to read. */
  onNews(line: string): void;
}

/** Everything that can be done with a result, below its picture. */
export function createResultPanel({ onUseAsInput, onNews }: ResultListeners): ResultPanel {
  const panel = byId('result', HTMLElement);
  const link = byId('download', HTMLAnchorElement);
  let current: Result | undefined;

  byId('copy', HTMLButtonElement).addEventListener('click', () => {
    if (current === undefined) return;
    const copied = current;
    const tell = (line: string) => {
      // Writing a large PNG takes its time; by then there may be another result.
      if (copied === current) onNews(line);
    };
    copyPicture(copied.run.blob).then(
      () => tell('Copied to the clipboard.'),
      (caught: unknown) => tell(`It could not be copied: ${problemInWords(caught).text}`),
    );
  });
  byId('use-as-input', HTMLButtonElement).addEventListener('click', () => {
    if (current) onUseAsInput({ blob: current.run.blob, name: fileName(current) });
  });

  function hide(): void {
    current = undefined;
    panel.hidden = true;
    byId('show-report', HTMLElement).hidden = true;
    byId('warnings', HTMLElement).hidden = true;
    byId('report', HTMLElement).hidePopover();
    if (link.href.startsWith('blob:')) URL.revokeObjectURL(link.href);
    link.removeAttribute('href');
  }

  return {
    hide,
    isShown: () => current !== undefined,
    show(result) {
      hide();
      current = result;
      const { blob, report, sent, size: pixels } = result.run;
      link.href = URL.createObjectURL(blob);
      link.download = fileName(result);
      const time = report.timingsMs.total === undefined ? '' : ` · ${spanInWords(report.timingsMs.total)}`;
      byId('result-facts', HTMLElement).textContent =
        `${sizeInWords(pixels)} px · ${typeInWords(blob.type)} · ${bytesInWords(blob.size)}${time}`;
      const note = byId('result-note', HTMLElement);
      note.textContent = result.words.note ?? '';
      note.hidden = result.words.note === undefined;
      const badge = byId('sent-badge', HTMLElement);
      badge.textContent = badgeInWords(sent, report.where === 'in-page') ?? '';
      badge.hidden = badge.textContent === '';
      showWarnings(result.run);
      showReport(result.run);
      panel.hidden = false;
      byId('show-report', HTMLElement).hidden = false;
      onNews(whereItRan(report, sent));
    },
  };
}

/** "photo-tintype-sr-x2.png" for the result of "photo.jpg". */
function fileName({ run: { blob, source }, words }: Result): string {
  const base = source.name.replace(/\.[^.]*$/, '') || 'picture';
  const extension = blob.type.replace(/^image\//, '').replace('jpeg', 'jpg');
  return `${base}-${words.fileSuffix}.${extension}`;
}

function showWarnings(run: FinishedRun): void {
  const list = byId('warnings', HTMLUListElement);
  const warnings = resultWarnings(run);
  list.replaceChildren(...warnings.map((words) => make('li', {}, words)));
  list.hidden = warnings.length === 0;
}

function showReport(run: FinishedRun): void {
  const rows = resultFacts(run).flatMap(([name, value]) =>
    value === undefined ? [] : [make('div', {}, make('dt', {}, name), make('dd', {}, value))],
  );
  byId('report-facts', HTMLElement).replaceChildren(...rows);
  byId('report-device', HTMLElement).textContent = whyThere(run.report) ?? '';
  byId('report-note', HTMLElement).hidden = run.report.where === 'hosted';
}

/** Browsers take PNG on the clipboard and little else; another type is handed over as a promise of its PNG. */
async function copyPicture(blob: Blob): Promise<void> {
  if (typeof ClipboardItem !== 'function') throw new Error('this browser cannot copy pictures. Use Download instead.');
  const png = blob.type === 'image/png' ? blob : asPng(blob);
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
}

async function asPng(blob: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/png' });
}
