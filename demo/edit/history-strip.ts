import type { Beside } from '../compare-view.js';
import { badgeInWords } from '../hosting/hosting-words.js';
import type { FinishedRun } from '../mode.js';
import { byId, hideAround, make } from '../page-elements.js';
import { lowered } from '../words.js';
import { quoted } from './edit-words.js';
import { comparableWith, type HistoryEntry, neighbourOf, remember } from './history.js';
import { thumbnailOf } from './thumbnail.js';

/** The results so far, below the picture. */
export interface HistoryStrip {
  /** A new result, which is about to be shown. */
  add(run: FinishedRun): void;
  /** No result is shown any more. */
  leave(): void;
  show(shown: boolean): void;
}

/** What the page does for the strip. */
export interface HistoryPage {
  /** Shows a result, compared with its original or with another one. */
  look(run: FinishedRun, beside?: Beside): void;
  showOriginal(): void;
  announce(line: string): void;
}

const LABEL_CHARACTERS = 26;

export function createHistoryStrip(page: HistoryPage): HistoryStrip {
  const strip = byId('history', HTMLElement);
  const list = byId('history-list', HTMLUListElement);
  const beside = byId('compare-with', HTMLSelectElement);
  const items = new Map<HistoryEntry, HTMLLIElement>();
  let entries: readonly HistoryEntry[] = [];
  let viewed: HistoryEntry | undefined;
  let isWished = false;
  let nextId = 1;

  function mark(entry: HistoryEntry | undefined): void {
    viewed = entry;
    for (const [each, item] of items) viewButtonOf(item)?.setAttribute('aria-pressed', String(each === viewed));
    const others = viewed === undefined ? [] : comparableWith(entries, viewed);
    const options = others.map(({ id, run }) => make('option', { value: String(id) }, titleOf(run)));
    beside.replaceChildren(make('option', { value: '' }, 'the original'), ...options);
    hideAround(byId('compare-with-field', HTMLElement), byId('stage', HTMLElement), others.length === 0);
  }
  function view(entry: HistoryEntry): void {
    page.look(entry.run);
    mark(entry);
  }
  function keep(kept: readonly HistoryEntry[]): void {
    entries = kept;
    for (const [entry, item] of items) {
      if (kept.includes(entry)) continue;
      item.remove();
      items.delete(entry);
    }
    byId('history-empty', HTMLElement).hidden = entries.length > 0;
    hideAround(strip, byId('stage', HTMLElement), !isWished);
  }
  function remove(entry: HistoryEntry): void {
    const next = neighbourOf(entries, entry);
    if (next) viewButtonOf(items.get(next))?.focus({ preventScroll: true });
    keep(entries.filter((each) => each !== entry));
    if (entry === viewed) page.showOriginal();
    else mark(viewed);
    page.announce(`${titleOf(entry.run)} was removed.`);
  }

  beside.addEventListener('change', () => {
    const entry = viewed;
    if (entry === undefined) return;
    const other = entries.find(({ id }) => String(id) === beside.value);
    const { value } = beside;
    page.look(entry.run, other && besideOf(other.run, entry.run));
    mark(entry);
    beside.value = value;
  });

  return {
    add(run) {
      const kept = remember(entries, run, nextId++);
      const [entry] = kept;
      if (entry === undefined) return;
      const item = itemFor(entry, view, remove);
      items.set(entry, item);
      list.prepend(item);
      list.scrollTo({ left: 0 });
      keep(kept);
      mark(entry);
    },
    leave: () => mark(undefined),
    show(shown) {
      isWished = shown;
      keep(entries);
    },
  };
}

function itemFor(
  entry: HistoryEntry,
  onView: (entry: HistoryEntry) => void,
  onRemove: (entry: HistoryEntry) => void,
): HTMLLIElement {
  const view = make(
    'button',
    { type: 'button', class: 'history-view', title: titleOf(entry.run) },
    thumbnailOf(entry.run.blob),
    make('span', { class: 'history-prompt' }, promptOf(entry.run)),
    ' ',
    ...lineBelow(entry.run),
  );
  const name = `Remove ${titleOf(entry.run)}`;
  const remove = make('button', { type: 'button', class: 'history-remove', 'aria-label': name, title: 'Remove' }, '×');
  view.addEventListener('click', () => onView(entry));
  remove.addEventListener('click', () => onRemove(entry));
  return make('li', {}, view, remove);
}

/** What the picture was made with, or that it left the page, which is the more important. */
function lineBelow(run: FinishedRun): readonly HTMLElement[] {
  const sent = badgeOf(run);
  if (sent !== undefined) return [make('span', { class: 'history-sent' }, sent)];
  const seed = run.report.parameters?.seed;
  return seed === undefined ? [] : [seedLine(seed)];
}

function badgeOf({ sent, report }: FinishedRun): string | undefined {
  return badgeInWords(sent, report.where === 'in-page');
}

/** There is no room for the word; the button's title has it, and screen readers. */
function seedLine(seed: number): HTMLElement {
  return make('span', { class: 'history-seed' }, make('span', { class: 'visually-hidden' }, 'seed '), String(seed));
}

function viewButtonOf(item: HTMLElement | undefined): HTMLButtonElement | undefined {
  return item?.querySelector<HTMLButtonElement>('.history-view') ?? undefined;
}

function promptOf({ plan }: FinishedRun): string {
  return plan.args.parameters?.prompt ?? '';
}

function titleOf(run: FinishedRun): string {
  const seed = run.report.parameters?.seed;
  const sent = badgeOf(run);
  const facts = [...(seed === undefined ? [] : [`seed ${seed}`]), ...(sent === undefined ? [] : [lowered(sent)])];
  return [quoted(promptOf(run), 60), ...facts].join(', ');
}

function besideOf(other: FinishedRun, shown: FinishedRun): Beside {
  const sides = {
    before: quoted(promptOf(other), LABEL_CHARACTERS),
    after: quoted(promptOf(shown), LABEL_CHARACTERS),
  };
  return { blob: other.blob, sides };
}
