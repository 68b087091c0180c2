import type { TargetSize } from 'tintype';
import { byId } from './page-elements.js';
import type { Size } from './picture-viewport.js';

/** The two fields for an exact size of the result. */
export interface ExactSize {
  /** The wished size; one side alone takes the other from the proportions of `own`, the size that the model gives by itself. */
  read(own: Size): TargetSize | undefined;
  /** Shows the model's own size in the empty fields, and whether wished sides change the proportions. */
  suggest(own: Size): void;
  /** Whether the wished size can be used; if not, its fields are shown as wrong. Never moves the keyboard's place. */
  isValid(): boolean;
  /** Takes the person to the first field that cannot be used, with the browser's own words. */
  complain(): void;
  clear(): void;
}

/** @param onChange Called when a side is final, also one that is not valid. */
export function createExactSize(onChange: () => void): ExactSize {
  const width = byId('target-width', HTMLInputElement);
  const height = byId('target-height', HTMLInputElement);

  function isValid(): boolean {
    for (const field of [width, height]) field.setAttribute('aria-invalid', String(!field.checkValidity()));
    const valid = width.checkValidity() && height.checkValidity();
    // What is folded away cannot be seen to be wrong.
    if (!valid) byId('more', HTMLDetailsElement).open = true;
    return valid;
  }
  const read = (own: Size) => targetOf(wished(width), wished(height), own);

  for (const field of [width, height]) field.addEventListener('change', onChange);

  return {
    isValid,
    read,
    complain() {
      if (width.reportValidity()) height.reportValidity();
    },
    suggest(own) {
      width.placeholder = String(own.width);
      height.placeholder = String(own.height);
      byId('target-hint', HTMLElement).textContent = hintOf(read(own), own);
    },
    clear() {
      width.value = '';
      height.value = '';
      isValid();
    },
  };
}

function wished(field: HTMLInputElement): number | undefined {
  return field.value === '' || !field.checkValidity() ? undefined : Number(field.value);
}

function targetOf(width: number | undefined, height: number | undefined, own: Size): TargetSize | undefined {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: Math.max(1, Math.round((width * own.height) / own.width)) };
  if (height !== undefined) return { width: Math.max(1, Math.round((height * own.width) / own.height)), height };
  return undefined;
}

function hintOf(target: TargetSize | undefined, own: Size): string {
  if (target === undefined) return 'Left empty, the model decides. One side alone keeps the proportions.';
  const stretch = target.width / target.height / (own.width / own.height);
  const size = `The result will be ${target.width} × ${target.height}`;
  return Math.abs(stretch - 1) < 0.01
    ? `${size}.`
    : `${size}: other proportions than the picture, it will look stretched.`;
}
