import { byId, make } from '../page-elements.js';
import { counted } from '../words.js';
import type { EditGuide, Example } from './examples.js';

/** Prompts that are known to work, to be taken with one press. */
export interface ExampleChips {
  update(guide: EditGuide): void;
}

export function createExampleChips(onPick: (example: Example) => void): ExampleChips {
  const all = byId('all-examples', HTMLDetailsElement);
  let shown: EditGuide | undefined;

  function chips(examples: readonly Example[]): HTMLUListElement {
    const items = examples.map((example) => {
      const chip = make('button', { type: 'button', class: 'chip', title: example.prompt }, example.name);
      chip.addEventListener('click', () => onPick(example));
      return make('li', {}, chip);
    });
    return make('ul', { class: 'chips' }, ...items);
  }

  return {
    update(guide) {
      if (guide === shown) return;
      shown = guide;
      const examples = guide.groups.flatMap((group) => group.examples);
      byId('examples', HTMLElement).hidden = examples.length === 0;
      byId('favourite-examples', HTMLElement).replaceChildren(
        chips(examples.filter(({ isFavourite }) => isFavourite === true)),
      );
      all.replaceChildren(
        make('summary', {}, `All ${counted(examples.length, 'edit')}`),
        ...guide.groups.map((group) =>
          make('section', { 'aria-label': group.name }, make('h3', {}, group.name), chips(group.examples)),
        ),
      );
    },
  };
}
