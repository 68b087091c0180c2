import type { ModelInfo } from 'tintype';
import { modelFacts } from '../model-facts.js';
import { byId } from '../page-elements.js';
import { cardGroup, radioCard } from '../radio-cards.js';

/** The models for prompted edits; a choice only where there are several. */
export interface EditModels {
  chosen(): ModelInfo | undefined;
  update(models: readonly ModelInfo[]): void;
}

/** @param onChoice Called when another one was chosen. */
export function createEditModels(onChoice: () => void, onRemove: (model: ModelInfo) => void): EditModels {
  const place = byId('edit-models', HTMLElement);
  const facts = byId('edit-model-facts', HTMLElement);
  let models: readonly ModelInfo[] = [];
  let chosenId = '';

  const chosen = () => models.find(({ id }) => id === chosenId) ?? models[0];

  function showFacts(): void {
    const model = chosen();
    const held = facts.contains(document.activeElement);
    facts.replaceChildren(...(model === undefined ? [] : modelFacts(model, 'remove-edit-model', onRemove)));
    // The button that was pressed is gone; the keyboard stays near.
    if (held) byId('more-edit-summary', HTMLElement).focus({ preventScroll: true });
  }

  place.addEventListener('change', (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    chosenId = event.target.value;
    showFacts();
    onChoice();
  });

  return {
    chosen,
    update(catalogue) {
      const before = models.map(({ id }) => id).join();
      models = catalogue.filter(({ task }) => task === 'prompted-editing');
      showFacts();
      if (models.map(({ id }) => id).join() === before) return;
      const cards = models.map(({ id, title }) =>
        radioCard('edit-model', { value: id, name: title }, id === chosen()?.id),
      );
      place.replaceChildren(...(cards.length < 2 ? [] : [cardGroup('Model', 'cards', cards)]));
      byId('no-edit-model', HTMLElement).hidden = models.length > 0;
    },
  };
}
