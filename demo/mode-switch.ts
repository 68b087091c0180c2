import { byId } from './page-elements.js';

/** What a visitor came for. */
export type ModeName = 'enlarge' | 'edit';

/** The switch between the two modes. */
export interface ModeSwitch {
  chosen(): ModeName;
}

/**
 * The page's address says which it is, so that a link can lead to either (`#edit`).
 * @param onSwitch Called when another mode was chosen, here or by the address.
 */
export function createModeSwitch(onSwitch: (mode: ModeName) => void): ModeSwitch {
  const place = byId('modes', HTMLElement);
  const radios = [...place.querySelectorAll('input')];
  const chosen = (): ModeName => (radios.find(({ checked }) => checked)?.value === 'edit' ? 'edit' : 'enlarge');
  const check = (mode: ModeName) => {
    for (const radio of radios) radio.checked = radio.value === mode;
  };

  place.addEventListener('change', () => {
    history.replaceState(null, '', chosen() === 'edit' ? '#edit' : location.pathname + location.search);
    onSwitch(chosen());
  });
  window.addEventListener('hashchange', () => {
    if (location.hash !== '#edit' || chosen() === 'edit') return;
    check('edit');
    onSwitch('edit');
  });
  // A browser that restores a form may say otherwise than the address.
  check(location.hash === '#edit' ? 'edit' : 'enlarge');
  return { chosen };
}
