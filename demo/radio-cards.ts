import { make } from './page-elements.js';

/** One choice among several. */
export interface Card {
  readonly value: string;
  /** The accessible name, and what is shown. */
  readonly name: string;
  /** One short line below; read as the description. */
  readonly detail?: string;
  /** A few quiet words at the end of the name's line; part of the description. */
  readonly aside?: string;
  /** Address of a small square picture. */
  readonly picture?: string;
  readonly disabled?: boolean;
}

let nextId = 0;

/** A native radio button that looks like a card: keyboard, form and screen reader work as everywhere. */
export function radioCard(group: string, card: Card, checked: boolean): HTMLLabelElement {
  const id = `card-${nextId++}`;
  const input = make('input', {
    type: 'radio',
    name: group,
    value: card.value,
    checked,
    disabled: card.disabled === true,
    'aria-labelledby': `${id}-name`,
    'aria-describedby': `${id}-detail ${id}-aside`,
  });
  const title = make(
    'span',
    { class: 'card-title' },
    make('span', { id: `${id}-name`, class: 'card-name' }, card.name),
  );
  if (card.aside !== undefined) title.append(make('span', { id: `${id}-aside`, class: 'card-aside' }, card.aside));
  const text = make('span', { class: 'card-text' }, title);
  if (card.detail !== undefined) text.append(make('span', { id: `${id}-detail`, class: 'card-detail' }, card.detail));
  const body = make('span', { class: 'card' });
  if (card.picture !== undefined) {
    const picture = make('img', { src: card.picture, class: 'card-picture', alt: '', draggable: 'false' });
    picture.addEventListener('error', () => picture.remove());
    body.append(picture);
  }
  body.append(text);
  return make('label', { class: 'radio-card' }, input, body);
}

/** A group of cards with a heading. */
export function cardGroup(legend: string, layout: 'segmented' | 'cards', cards: readonly Node[]): HTMLFieldSetElement {
  return make('fieldset', { class: 'choice' }, make('legend', {}, legend), make('div', { class: layout }, ...cards));
}
