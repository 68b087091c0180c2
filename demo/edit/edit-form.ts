import type { ModelInfo } from 'tintype';
import { byId } from '../page-elements.js';
import type { EditValues } from './edit-parameters.js';
import { createExampleChips } from './example-chips.js';
import { type EditGuide, guideTo } from './examples.js';
import type { LongestSide } from './longest-side.js';
import { createNumberField, type NumberField } from './number-field.js';
import { type EditNumber, numberLimits } from './number-limits.js';
import { createSeedField } from './seed-field.js';

/** The words and numbers of an edit. */
export interface EditForm {
  values(): EditValues;
  longestSide(): LongestSide;
  /** Shows what the model takes, and begins with what it recommends. */
  setModel(model: ModelInfo): void;
  /** The seed of a run that is done. */
  seedUsed(seed: number): void;
  isValid(): boolean;
  complain(): void;
}

/** What the page does for the form. */
export interface EditFormListeners {
  /** An example was taken; it is in the prompt's field now. */
  onExample(): void;
  /** Something that changes what a run costs. */
  onChange(): void;
}

export function createEditForm({ onExample, onChange }: EditFormListeners): EditForm {
  const prompt = byId('prompt', HTMLTextAreaElement);
  const negative = byId('negative-prompt', HTMLTextAreaElement);
  const sides = byId('longest-side', HTMLElement);
  const seed = createSeedField();
  const numbers: Readonly<Record<EditNumber, NumberField>> = {
    guidance: createNumberField(byId('guidance', HTMLElement), onChange),
    imageGuidance: createNumberField(byId('image-guidance', HTMLElement), onChange),
    steps: createNumberField(byId('steps', HTMLElement), onChange),
    strength: createNumberField(byId('strength', HTMLElement), onChange),
  };
  const chips = createExampleChips((example) => {
    prompt.value = example.prompt;
    checkPrompt();
    onExample();
  });

  function checkPrompt(): boolean {
    const isThere = prompt.value.trim() !== '';
    prompt.setCustomValidity(isThere ? '' : 'Say what to change, or take one of the examples.');
    return isThere;
  }
  function explain({ intro, guidance, steps, seed: seedHint }: EditGuide): void {
    byId('prompt-hint', HTMLElement).textContent = intro;
    numbers.guidance.describe(guidance);
    numbers.imageGuidance.describe('How closely to keep to the picture. It counts where guidance is above 1.');
    numbers.steps.describe(steps);
    numbers.strength.describe('How far to move away from the picture.');
    seed.describe(seedHint);
  }

  prompt.addEventListener('input', () => {
    if (checkPrompt()) prompt.removeAttribute('aria-invalid');
  });
  sides.addEventListener('change', onChange);

  return {
    values: () => ({
      prompt: prompt.value,
      negativePrompt: negative.value,
      guidance: numbers.guidance.value(),
      imageGuidance: numbers.imageGuidance.value(),
      steps: numbers.steps.value(),
      strength: numbers.strength.value(),
      seed: seed.value(),
    }),
    longestSide() {
      const chosen = Number(sides.querySelector<HTMLInputElement>('input:checked')?.value);
      return chosen > 0 ? chosen : undefined;
    },
    setModel(model) {
      const limits = numberLimits(model);
      const takes = new Set(model.honours);
      for (const name of ['guidance', 'imageGuidance', 'steps', 'strength'] as const) numbers[name].limit(limits[name]);
      numbers.guidance.show(takes.has('guidance_scale'));
      numbers.imageGuidance.show(takes.has('image_guidance_scale'));
      numbers.steps.show(takes.has('num_inference_steps'));
      numbers.strength.show(takes.has('strength'));
      byId('negative-field', HTMLElement).hidden = !takes.has('negative_prompt');
      byId('seed-field', HTMLElement).hidden = !takes.has('seed');
      const guide = guideTo(model.id);
      explain(guide);
      chips.update(guide);
    },
    seedUsed: seed.used,
    isValid() {
      const isThere = checkPrompt();
      prompt.setAttribute('aria-invalid', String(!isThere));
      const areValid = Object.values(numbers).map((number) => number.isValid());
      return seed.isValid() && isThere && !areValid.includes(false);
    },
    complain() {
      if (!numbers.imageGuidance.isValid() || !numbers.strength.isValid())
        byId('more-edit', HTMLDetailsElement).open = true;
      if (!prompt.reportValidity()) return;
      const wrong = Object.values(numbers).find((number) => !number.isValid());
      if (wrong === undefined) seed.complain();
      else wrong.complain();
    },
  };
}
