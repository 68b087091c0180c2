import type { ModelInfo } from 'tintype';
import { createExactSize } from './exact-size.js';
import type { Mode } from './mode.js';
import { createModelPicker } from './model-picker.js';
import { byId } from './page-elements.js';

/** What the page does for this mode. */
export interface EnlargePage {
  /** Another model or size was chosen, perhaps one that is not valid. */
  onChoice(): void;
  onRemove(model: ModelInfo): void;
}

/** Enlarging, cleaning and restyling: a choice of a network, and nothing else to say. Runs at once. */
export function createEnlargeMode({ onChoice, onRemove }: EnlargePage): Mode {
  const picker = createModelPicker({ onChoice, onRemove });
  const exactSize = createExactSize(onChoice);

  return {
    isEager: true,
    show(shown) {
      for (const id of ['model-picker', 'exact-size']) byId(id, HTMLElement).hidden = !shown;
    },
    update: picker.update,
    wish(isNewPicture) {
      const model = picker.chosen();
      if (model === undefined) {
        throw new Error('There is no model in the catalogue. Build the models, then reload the page.');
      }
      return { model, parameters: {}, target: (own) => (isNewPicture ? undefined : exactSize.read(own)) };
    },
    isValid: exactSize.isValid,
    complain: exactSize.complain,
    invitation: () => 'Choose what to do with it, or press Run.',
    pictureChanged: exactSize.clear,
    planned: ({ own }) => exactSize.suggest(own),
    runBegins() {},
    runFinished() {},
    resultGone() {},
    describe: ({ report: { where, hosted, model } }) => ({
      fileSuffix: where === 'hosted' ? (hosted?.model || 'service').replaceAll('/', '-') : model,
    }),
  };
}
