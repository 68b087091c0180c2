import { make } from '../page-elements.js';
import type { Parts } from './measure.js';

const PARTS = [
  ['decode', 'reading'],
  ['tiles', 'tiles'],
  ['encode', 'writing'],
  ['rest', 'the rest'],
] as const;

/** What each part of a call took, as a stacked bar with its percentages for those who do not see it. */
export function shareBar(parts: Parts): HTMLElement {
  const told = parts.decode + parts.tiles + parts.encode;
  // Parts may overlap: then they are shown as shares of their own sum.
  const whole = Math.max(told, parts.total);
  const shares = { ...parts, rest: whole - told };
  const percent = (ms: number) => `${Math.round((100 * ms) / whole)} %`;
  const segments = PARTS.map(([part]) => {
    const segment = make('span', { class: `share share-${part}` });
    // By script, for the page's policy refuses style attributes.
    segment.style.setProperty('--share', String(shares[part] / whole));
    return segment;
  });
  const words = PARTS.map(([part, name]) => `${name} ${percent(shares[part])}`).join(', ');
  return make(
    'span',
    { class: 'shares' },
    make('span', { class: 'share-bar', role: 'img', 'aria-label': words, title: words }, ...segments),
    make('span', { class: 'share-words brief', 'aria-hidden': 'true' }, `${percent(parts.tiles)} tiles`),
    // Where the heads of the columns are not shown, and with them the meaning of the colours.
    make('span', { class: 'share-words full', 'aria-hidden': 'true' }, words),
  );
}
