import { byId, make } from '../page-elements.js';
import { modelInWords } from './benchmark-words.js';
import type { BenchmarkModel } from './plan.js';

/** Measured unless the visitor wishes otherwise: the default network, and a common one of others to compare with. */
const PRESET: ReadonlySet<string> = new Set(['tintype-sr-x2', 'esrgan-slim-x2']);
const AIMS: Readonly<Record<BenchmarkModel['task'], string>> = {
  'super-resolution': 'Enlarge',
  restoration: 'Clean',
  'style-transfer': 'Restyle',
};

/** The choice of networks to measure. */
export interface ModelChecks {
  chosen(): readonly BenchmarkModel[];
  /** Takes the visitor to the first one. */
  focus(): void;
}

/** Fills the list; the two of the preset first, the others folded away. */
export function createModelChecks(models: readonly BenchmarkModel[], onChange: () => void): ModelChecks {
  const first = byId('preset-models', HTMLElement);
  const others = byId('other-models', HTMLElement);
  const boxes = models.map((model) => {
    const isPreset = PRESET.has(model.id);
    const box = make('input', { type: 'checkbox', value: model.id, checked: isPreset });
    const name = make('span', {}, modelInWords(model), ' ', make('code', { class: 'quiet' }, model.id));
    (isPreset ? first : groupFor(others, model)).append(make('label', { class: 'check' }, box, name));
    return { model, box };
  });
  first.closest('form')?.addEventListener('change', onChange);
  return {
    chosen: () => boxes.filter(({ box }) => box.checked).map(({ model }) => model),
    focus: () => boxes.find(({ model }) => PRESET.has(model.id))?.box.focus(),
  };
}

function groupFor(place: HTMLElement, { task }: BenchmarkModel): HTMLElement {
  const found = place.querySelector<HTMLElement>(`[data-task="${task}"]`);
  if (found) return found;
  const group = make('fieldset', { class: 'choice model-group', 'data-task': task }, make('legend', {}, AIMS[task]));
  place.append(group);
  return group;
}
