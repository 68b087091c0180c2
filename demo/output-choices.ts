import type { OutputType } from 'tintype';
import { byId } from './page-elements.js';

/** How a result is to be written. */
export interface OutputChoices {
  readonly type: OutputType;
  /** 0 to 1. */
  readonly quality: number;
  readonly metadata: 'strip' | 'keep';
}

/** The form's part about the result's file. */
export interface OutputForm {
  read(): OutputChoices;
}

/** @param onChange Called when a choice is final, not while a slider is still being dragged. */
export function createOutputForm(onChange: () => void): OutputForm {
  const formats = byId('formats', HTMLElement);
  const quality = byId('quality', HTMLInputElement);
  const metadata = byId('keep-metadata', HTMLInputElement);

  const type = (): OutputType =>
    (formats.querySelector<HTMLInputElement>('input:checked')?.value ?? 'image/png') as OutputType;

  formats.addEventListener('change', () => {
    byId('quality-row', HTMLElement).hidden = type() === 'image/png';
  });
  quality.addEventListener('input', () => {
    byId('quality-value', HTMLOutputElement).value = quality.value;
  });
  for (const element of [formats, quality, metadata]) element.addEventListener('change', onChange);

  return {
    read: () => ({
      type: type(),
      quality: Number(quality.value) / 100,
      metadata: metadata.checked ? 'keep' : 'strip',
    }),
  };
}
