import type { Report } from 'tintype';
import { measuredInWords, whyThere } from './device-words.js';
import type { ResultWords } from './mode.js';
import { byId, make } from './page-elements.js';
import type { SourcePicture } from './picture-source.js';
import {
  bytesInWords,
  deviceInWords,
  problemInWords,
  sizeInWords,
  spanInWords,
  typeInWords,
  whereItRan,
} from './words.js';

/** A finished result and what is known of it. */
export interface Result {
  readonly blob: Blob;
  readonly report: Report;
  /** Name of the picture it was made from. */
  readonly sourceName: string;
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
    copyPicture(copied.blob).then(
      () => tell('Copied to the clipboard.'),
      (caught: unknown) => tell(`It could not be copied: ${problemInWords(caught).text}`),
    );
  });
  byId('use-as-input', HTMLButtonElement).addEventListener('click', () => {
    if (current) onUseAsInput({ blob: current.blob, name: fileName(current) });
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
      const { blob, report } = result;
      link.href = URL.createObjectURL(blob);
      link.download = fileName(result);
      const size = report.output === undefined ? '' : `${sizeInWords(report.output)} px · `;
      const time = report.timingsMs.total === undefined ? '' : ` · ${spanInWords(report.timingsMs.total)}`;
      byId('result-facts', HTMLElement).textContent =
        `${size}${typeInWords(blob.type)} · ${bytesInWords(blob.size)}${time}`;
      const note = byId('result-note', HTMLElement);
      note.textContent = result.words.note ?? '';
      note.hidden = result.words.note === undefined;
      showWarnings(report);
      showReport(report);
      panel.hidden = false;
      byId('show-report', HTMLElement).hidden = false;
      onNews(whereItRan(report));
    },
  };
}

/** "photo-tintype-sr-x2.png" for the result of "photo.jpg". */
function fileName({ blob, words, sourceName }: Result): string {
  const base = sourceName.replace(/\.[^.]*$/, '') || 'picture';
  const extension = blob.type.replace(/^image\//, '').replace('jpeg', 'jpg');
  return `${base}-${words.fileSuffix}.${extension}`;
}

function showWarnings({ warnings }: Report): void {
  const list = byId('warnings', HTMLUListElement);
  list.replaceChildren(...warnings.map(({ message }) => make('li', {}, message)));
  list.hidden = warnings.length === 0;
}

function showReport(report: Report): void {
  const { model, device, dtype, engines, tiles, steps, workSize, input, output, timingsMs, bytes } = report;
  const span = (ms: number | undefined) => (ms === undefined ? undefined : spanInWords(ms));
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Model', dtype === undefined ? model : `${model} (${dtype})`],
    ['Device', device && deviceInWords(device)],
    ['Processor, timed', measuredInWords(report, 'wasm')],
    ['Graphics, timed', measuredInWords(report, 'webgpu')],
    ['Engines', engines?.toString()],
    ['Tiles', tiles?.toString()],
    ['Steps', steps?.toString()],
    ['Worked at', workSize && sizeInWords(workSize)],
    ['Picture', input && `${sizeInWords(input)}, ${typeInWords(input.type)}`],
    ['Result', output && `${sizeInWords(output)}, ${typeInWords(output.type)}`],
    ['Comparing devices', span(timingsMs.measure)],
    ['Loading', span(timingsMs.load)],
    ['Reading', span(timingsMs.decode)],
    ['Tiles took', span(timingsMs.tiles)],
    ['Prompt took', span(timingsMs['text-encoder'])],
    ['Encoding took', span(timingsMs['vae-encoder'])],
    ['Steps took', span(timingsMs.denoise)],
    ['Decoding took', span(timingsMs['vae-decoder'])],
    ['Resizing', timingsMs.resize ? span(timingsMs.resize) : undefined],
    ['Writing', span(timingsMs.encode)],
    ['In all', span(timingsMs.total)],
    ['Fetched', bytesInWords(bytes.down)],
    ['Uploaded', bytesInWords(bytes.up)],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [make('div', {}, make('dt', {}, name), make('dd', {}, value))],
  );
  byId('report-facts', HTMLElement).replaceChildren(...rows);
  byId('report-device', HTMLElement).textContent = whyThere(report) ?? '';
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
