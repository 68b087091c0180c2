import type { ModelInfo } from 'tintype';
import { make } from './page-elements.js';
import { bytesInWords } from './words.js';

/**
 * What a model is for, its size, licence and authors, and whether it is stored.
 * @param removeId Id of the button that forgets a stored one.
 */
export function modelFacts(model: ModelInfo, removeId: string, onRemove: (model: ModelInfo) => void): readonly Node[] {
  const stored = make('span', { class: 'stored' }, model.stored ? 'Stored on this device' : 'Not on this device yet');
  const line = make('p', { class: 'fact-line' }, `${bytesInWords(model.sizeBytes)} · ${model.licence} · `, stored);
  if (model.stored) {
    const remove = make('button', { type: 'button', class: 'inline', id: removeId }, 'Remove');
    remove.setAttribute('aria-label', `Remove ${model.id} from this device`);
    remove.addEventListener('click', () => onRemove(model));
    line.append(' ', remove);
  }
  return [
    make('p', {}, model.summary),
    line,
    make('p', { class: 'credit' }, make('code', {}, model.id), ` by ${model.attribution}`),
  ];
}
