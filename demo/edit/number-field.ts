import { make } from '../page-elements.js';
import type { NumberLimits } from './number-limits.js';

/** A number with a slider for the hand and a field for the keyboard. */
export interface NumberField {
  /** undefined where it is what the model recommends, and while what is typed cannot be used. */
  value(): number | undefined;
  /** Other limits. What was chosen stays if it was chosen and still fits; else it is what is recommended. */
  limit(limits: NumberLimits): void;
  describe(hint: string): void;
  show(shown: boolean): void;
  /** Shows whether what is typed can be used. */
  isValid(): boolean;
  /** Takes the person there, with the browser's own words, if it cannot. */
  complain(): void;
}

/**
 * Builds the field into an empty element.
 * @param place Its `data-label` names the field, its id is the first part of all ids inside.
 * @param onChange Called when a number is final, not while the slider is still being dragged.
 */
export function createNumberField(place: HTMLElement, onChange: () => void): NumberField {
  const { id } = place;
  const label = place.dataset.label ?? id;
  const slider = make('input', { type: 'range', 'aria-label': label, 'aria-describedby': `${id}-hint` });
  const field = make('input', { type: 'number', id: `${id}-number`, required: true, 'aria-describedby': `${id}-hint` });
  const hint = make('p', { class: 'note hint', id: `${id}-hint` });
  place.replaceChildren(
    make('div', { class: 'number-row' }, make('label', { for: field.id }, label), slider, field),
    hint,
  );
  let wasChosen = false;
  let recommended: number | undefined;

  function isValid(): boolean {
    // What is not shown is not asked for.
    const valid = place.hidden || field.checkValidity();
    field.setAttribute('aria-invalid', String(!valid));
    return valid;
  }

  slider.addEventListener('input', () => {
    field.value = slider.value;
    isValid();
  });
  field.addEventListener('input', () => {
    if (field.checkValidity()) slider.value = field.value;
  });
  for (const input of [slider, field]) {
    input.addEventListener('change', () => {
      wasChosen = true;
      if (isValid()) onChange();
    });
  }

  return {
    isValid,
    value() {
      const isOwn = field.checkValidity() && field.valueAsNumber !== recommended;
      return isOwn ? field.valueAsNumber : undefined;
    },
    limit({ min, max, step, recommended: value }) {
      recommended = value;
      for (const input of [slider, field]) {
        input.min = String(min);
        input.max = String(max);
        input.step = String(step);
      }
      if (!wasChosen || !field.checkValidity()) field.value = String(recommended);
      slider.value = field.value;
      isValid();
    },
    describe(text) {
      hint.textContent = text;
    },
    show(shown) {
      place.hidden = !shown;
    },
    complain() {
      if (!place.hidden) field.reportValidity();
    },
  };
}
