import type { ModelInfo } from 'tintype';
import type { Brushing } from '../compare-view.js';
import { createMaskBrush } from '../mask/mask-brush.js';
import type { FinishedRun, Mode } from '../mode.js';
import { byId } from '../page-elements.js';
import { createEditForm } from './edit-form.js';
import { createEditModels } from './edit-models.js';
import { editParameters } from './edit-parameters.js';
import { editInWords, fileSuffix } from './edit-words.js';
import { createHistoryStrip, type HistoryPage } from './history-strip.js';
import { targetWithSide } from './longest-side.js';

/** What the page does for this mode. */
export interface EditPage extends HistoryPage {
  readonly brushing: Brushing;
  /** Something that changes what a run costs. */
  onChoice(): void;
  onRemove(model: ModelInfo): void;
  /** Runs what the controls say, if it can be run and is quick; else says what is missing. */
  run(): void;
}

/** Editing by prompt. Nothing runs while a person is still writing; results are kept side by side. */
export function createEditMode(page: EditPage): Mode {
  const form = createEditForm({ onExample: page.run, onChange: page.onChoice });
  const models = createEditModels(() => {
    takeModel();
    page.onChoice();
  }, page.onRemove);
  const history = createHistoryStrip(page);
  const mask = createMaskBrush({ ...page.brushing, onBegin: page.showOriginal, announce: page.announce });

  function takeModel(): void {
    const model = models.chosen();
    if (model === undefined) return;
    form.setModel(model);
    mask.offer(model.honours.includes('mask_image'));
  }

  return {
    isEager: false,
    show(shown) {
      byId('edit-controls', HTMLElement).hidden = !shown;
      history.show(shown);
      if (!shown) mask.stop();
    },
    update(catalogue) {
      models.update(catalogue);
      takeModel();
    },
    wish(isNewPicture) {
      const model = models.chosen();
      if (model === undefined) throw new Error('There is no model for edits by prompt in the catalogue.');
      return {
        model,
        parameters: editParameters(form.values(), model.honours),
        target: (own) => targetWithSide(own, form.longestSide()),
        mask: isNewPicture ? undefined : mask.png(),
      };
    },
    isValid: form.isValid,
    complain: form.complain,
    invitation: () =>
      form.values().prompt.trim() === '' ? 'Say what to change, then press Run.' : 'Press Run to begin.',
    pictureChanged: mask.setPicture,
    planned() {},
    runBegins: mask.stop,
    runFinished(run) {
      history.add(run);
      const seed = run.report.parameters?.seed;
      if (seed !== undefined) form.seedUsed(seed);
    },
    resultGone: history.leave,
    describe({ plan, report }: FinishedRun) {
      const prompt = plan.args.parameters?.prompt ?? '';
      return { fileSuffix: fileSuffix(prompt, report), note: editInWords(prompt, report) };
    },
  };
}
