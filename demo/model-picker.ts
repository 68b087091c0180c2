import type { ModelInfo, ModelTask } from 'tintype';
import { modelFacts } from './model-facts.js';
import { groupModels, type ModelAim, type ModelKind } from './model-kinds.js';
import { byId, make } from './page-elements.js';
import { type Card, cardGroup, radioCard } from './radio-cards.js';
import { bytesInWords } from './words.js';

/** What a person chose, until they choose again. */
interface Choice {
  task: ModelTask;
  kind: string;
  scale: number;
}

/** The choice of a model by plain names. */
export interface ModelPicker {
  /** The chosen model; undefined before the catalogue is there. */
  chosen(): ModelInfo | undefined;
  /** The catalogue, or a newer state of it (what is stored). */
  update(models: readonly ModelInfo[]): void;
}

/** What the page does for the picker. */
export interface ModelPickerListeners {
  onChoice(): void;
  onRemove(model: ModelInfo): void;
}

/** Three questions, each asked only where there is something to choose: what to do, how, how much. */
export function createModelPicker(listeners: ModelPickerListeners): ModelPicker {
  const place = byId('model-picker', HTMLElement);
  const facts = make('div', { class: 'model-facts', id: 'model-facts' });
  const choice: Choice = { task: 'super-resolution', kind: '', scale: 2 };
  let aims: readonly ModelAim[] = [];

  const aim = (): ModelAim | undefined => aims.find(({ task }) => task === choice.task) ?? aims[0];
  const kind = (): ModelKind | undefined => aim()?.kinds.find(({ name }) => name === choice.kind) ?? aim()?.kinds[0];
  const chosen = (): ModelInfo | undefined =>
    kind()?.models.find(({ scale }) => scale === choice.scale) ?? kind()?.models[0];

  function render(): void {
    const aimNow = aim();
    const kindNow = kind();
    if (aimNow === undefined || kindNow === undefined) return;
    const held = focusedIn(place);
    const showOthers = place.querySelector('details')?.open === true;
    place.replaceChildren(
      taskGroup(aims, aimNow),
      ...kindGroups(aimNow, kindNow, { scale: choice.scale, showOthers }),
      ...scaleGroup(aimNow, chosen()),
      facts,
    );
    renderFacts();
    // The groups were built anew: the keyboard stays where it was.
    if (held !== undefined) focusFirst(place, [held, 'input[name="kind"]:checked', 'input:checked']);
  }

  function renderFacts(): void {
    const model = chosen();
    if (model === undefined) return;
    facts.replaceChildren(...modelFacts(model, 'remove-stored', listeners.onRemove));
  }

  place.addEventListener('change', (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const { name, value } = event.target;
    if (name === 'task') {
      choice.task = value as ModelTask;
      choice.kind = '';
    } else if (name === 'kind') choice.kind = value;
    else if (name === 'scale') choice.scale = Number(value);
    render();
    listeners.onChoice();
  });

  return {
    chosen,
    update(models) {
      aims = groupModels(models);
      render();
    },
  };
}

/** A selector for what will stand in the place of the focused element once it is built anew. */
function focusedIn(place: HTMLElement): string | undefined {
  const focused = document.activeElement;
  if (focused === null || !place.contains(focused)) return undefined;
  if (focused instanceof HTMLInputElement) return `input[name="${focused.name}"]:checked`;
  return focused.id === '' ? focused.localName : `#${focused.id}`;
}

/** Focuses what the first fitting selector finds. */
function focusFirst(place: HTMLElement, selectors: readonly string[]): void {
  const found = selectors.map((selector) => place.querySelector<HTMLElement>(selector)).find((one) => one !== null);
  found?.focus({ preventScroll: true });
}

function taskGroup(aims: readonly ModelAim[], now: ModelAim): Node {
  const cards = aims.map(({ task, name }) => radioCard('task', { value: task, name }, task === now.task));
  return cardGroup('What to do', 'segmented', cards);
}

/** How the kinds are shown. */
interface KindsView {
  readonly scale: number;
  readonly showOthers: boolean;
}

function kindGroups(aim: ModelAim, now: ModelKind, { scale, showOthers }: KindsView): Node[] {
  if (aim.kinds.length < 2) return [];
  const cards = (kinds: readonly ModelKind[]) =>
    kinds.map((kind) => radioCard('kind', kindCard(kind, scale), kind === now));
  const own = aim.kinds.filter(({ isOther }) => !isOther);
  const others = aim.kinds.filter(({ isOther }) => isOther);
  const legend = aim.task === 'style-transfer' ? 'Painting' : 'Kind of picture';
  const groups: Node[] = [cardGroup(legend, 'cards', cards(own))];
  if (others.length > 0) {
    const open = now.isOther || showOthers;
    const fold = make('details', { id: 'other-networks', open }, make('summary', {}, 'Other networks'));
    fold.append(cardGroup('Other networks', 'cards', cards(others)));
    groups.push(fold);
  }
  return groups;
}

const DETAILS: Readonly<Record<string, string>> = {
  Sharp: 'Drawings, screenshots, clean photos',
  Photo: 'JPEG photographs, noisy pictures',
};

function kindCard({ name, models }: ModelKind, scale: number): Card {
  const model = models.find((candidate) => candidate.scale === scale) ?? models[0];
  const [, short = name, by] = /^(.*?)\s*\((.*)\)$/.exec(name) ?? [];
  const detail = DETAILS[name] ?? by;
  return {
    value: name,
    name: short,
    aside: model.stored ? `${bytesInWords(model.sizeBytes)}, stored` : bytesInWords(model.sizeBytes),
    ...(detail === undefined ? {} : { detail }),
    ...(model.task === 'style-transfer' ? { picture: `./styles/${model.id}.webp` } : {}),
  };
}

function scaleGroup(aim: ModelAim, now: ModelInfo | undefined): Node[] {
  const kind = aim.kinds.find(({ models }) => now !== undefined && models.includes(now));
  const scales = [...new Set(aim.kinds.flatMap(({ models }) => models.map(({ scale }) => scale)))].sort(
    (a, b) => a - b,
  );
  if (kind === undefined || scales.length < 2) return [];
  const cards = scales.map((scale) => {
    const disabled = !kind.models.some((model) => model.scale === scale);
    return radioCard('scale', { value: String(scale), name: `×${scale}`, disabled }, scale === now?.scale);
  });
  return [cardGroup('How much larger', 'segmented', cards)];
}
