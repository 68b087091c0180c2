import { byId, make } from './page-elements.js';
import type { RunPlan } from './runner.js';
import { bytesInWords, sizeInWords, workInWords } from './words.js';

/** Puts the viewer in the place of the welcome. */
export function openViewer(): void {
  byId('empty', HTMLElement).hidden = true;
  byId('viewer', HTMLElement).hidden = false;
}

/** On a narrow screen the picture may be scrolled away by the controls below it. */
export function bringIntoView(): void {
  const stage = byId('stage', HTMLElement);
  const mat = byId('mat', HTMLElement).getBoundingClientRect();
  if (mat.bottom > mat.height / 3 && mat.top < innerHeight - mat.height / 3) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  stage.scrollIntoView({ block: 'start', behavior: calm ? 'instant' : 'smooth' });
}

/**
 * The picture's size above it, and beside Run what a run would give and cost.
 * @param instead Said instead, where the page does not do it.
 */
export function showPlan({ estimate, inputSize }: RunPlan, instead: string | undefined): void {
  byId('picture-size', HTMLElement).textContent = `${sizeInWords(inputSize)} px`;
  if (instead !== undefined) {
    byId('estimate', HTMLElement).textContent = instead;
    return;
  }
  const facts = [
    `Gives ${sizeInWords(estimate.output)} px`,
    ...(estimate.seconds === undefined ? [] : [`after ${workInWords(estimate.seconds * 1000)},`]),
    `with ${bytesInWords(estimate.peakBytes)} of memory.`,
  ];
  const spans = facts.flatMap((fact) => [make('span', { class: 'nowrap' }, fact), ' ']);
  byId('estimate', HTMLElement).replaceChildren(...spans);
}

/** What a run would give is not known. */
export function hidePlan(): void {
  byId('estimate', HTMLElement).textContent = '';
}
