import type { OutputType, TargetSize } from 'tintype';
import { byId } from './page-elements.js';
import type { Size } from './picture-viewport.js';

/** How the result is to be written. */
export interface OutputChoices {
  readonly type: OutputType;
  /** 0 to 1. */
  readonly quality: number;
  readonly metadata: 'strip' | 'keep';
  readonly target: TargetSize | undefined;
}

/** The form's part about the result. */
export interface OutputForm {
  /**
   * @param own Size that the model gives by itself; one wished side alone takes the other from its proportions. Undefined for another
   *   picture than the one that the wished size was for: there it does not count.
   */
  read(own: Size | undefined): OutputChoices;
  /** Shows the model's own size in the empty fields, and whether wished sides change the proportions. */
  suggest(own: Size): void;
  /** Whether the wished size can be used; if not, its fields are shown as wrong. Never moves the keyboard's place. */
  isValid(): boolean;
  /** Takes the person to the first field that cannot be used, with the browser's own words. */
  complain(): void;
  /** Forgets the wished size, which belonged to another picture. */
  clearTarget(): void;
}

/** @param onChange Called when a choice is final, not while a slider is still being dragged; also when the size is not valid. */
export function createOutputForm(onChange: () => void): OutputForm {
  const formats = byId('formats', HTMLElement);
  const quality = byId('quality', HTMLInputElement);
  const width = byId('target-width', HTMLInputElement);
  const height = byId('target-height', HTMLInputElement);
  const metadata = byId('keep-metadata', HTMLInputElement);

  const type = (): OutputType =>
    (formats.querySelector<HTMLInputElement>('input:checked')?.value ?? 'image/png') as OutputType;

  function isValid(): boolean {
    for (const field of [width, height]) field.setAttribute('aria-invalid', String(!field.checkValidity()));
    const valid = width.checkValidity() && height.checkValidity();
    // What is folded away cannot be seen to be wrong.
    if (!valid) byId('more', HTMLDetailsElement).open = true;
    return valid;
  }

  formats.addEventListener('change', () => {
    byId('quality-row', HTMLElement).hidden = type() === 'image/png';
  });
  quality.addEventListener('input', () => {
    byId('quality-value', HTMLOutputElement).value = quality.value;
  });
  for (const element of [formats, quality, width, height, metadata]) {
    element.addEventListener('change', onChange);
  }

  return {
    isValid,
    complain() {
      if (width.reportValidity()) height.reportValidity();
    },
    read: (own) => ({
      type: type(),
      quality: Number(quality.value) / 100,
      metadata: metadata.checked ? 'keep' : 'strip',
      target: own && targetOf(wished(width), wished(height), own),
    }),
    suggest(own) {
      width.placeholder = String(own.width);
      height.placeholder = String(own.height);
      const target = targetOf(wished(width), wished(height), own);
      byId('target-hint', HTMLElement).textContent = hintOf(target, own);
    },
    clearTarget() {
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
