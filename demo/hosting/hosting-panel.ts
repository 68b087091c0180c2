import type { Mode } from 'tintype';
import { byId, hideAround } from '../page-elements.js';
import { cardGroup, radioCard } from '../radio-cards.js';
import { type HostingChoices, type HostingState, type PageFacts, readHosting } from './hosting-choices.js';

/** The settings of the hosted side. They live in their fields only, and those are emptied when the page goes. */
export interface HostingPanel {
  state(): HostingState;
}

const MODES: readonly { readonly value: Mode; readonly name: string; readonly detail: string }[] = [
  { value: 'local-only', name: 'Only in this page', detail: 'Nothing is ever sent.' },
  {
    value: 'local-first',
    name: 'In this page; a service if that fails',
    detail: 'Asks before each picture that is sent.',
  },
  {
    value: 'remote-first',
    name: 'A service; this page if not',
    detail: 'Asks before each. On no or failure, this page.',
  },
  { value: 'remote-only', name: 'Only a service', detail: 'Asks before each. On no, nothing happens.' },
];

/** @param onChange Called when a choice was made or text was entered. */
export function createHostingPanel(page: PageFacts, onChange: (state: HostingState) => void): HostingPanel {
  const dialog = byId('hosting', HTMLDialogElement);
  const token = byId('hosting-token', HTMLInputElement);
  const fields = [...dialog.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')];
  const cards = MODES.map((mode) => radioCard('hosting-mode', mode, mode.value === 'local-only'));
  byId('hosting-modes', HTMLElement).replaceChildren(cardGroup('Where pictures are worked on', 'cards', cards));

  const checked = (name: string) =>
    dialog.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value ?? '';
  const text = (id: string) => byId(id, HTMLInputElement).value;
  const choices = (): HostingChoices => ({
    mode: (checked('hosting-mode') || 'local-only') as Mode,
    target: checked('hosting-target') === 'endpoint' ? 'endpoint' : 'provider',
    provider: byId('hosting-provider', HTMLSelectElement).value,
    model: text('hosting-model'),
    endpoint: text('hosting-endpoint'),
    token: token.value,
  });
  const state = () => readHosting(choices(), page);

  function show(): void {
    const now = state();
    const { target } = choices();
    byId('hosting-service', HTMLElement).hidden = now.kind === 'page';
    const missing = now.kind === 'unfinished' ? now.missing : undefined;
    const isOfNoUse = target === 'provider' && missing?.needsOtherPage === true;
    byId('hosting-by-provider', HTMLElement).hidden = target !== 'provider' || isOfNoUse;
    byId('hosting-by-endpoint', HTMLElement).hidden = target !== 'endpoint';
    byId('hosting-by-token', HTMLElement).hidden = isOfNoUse;
    byId('hosting-state', HTMLElement).textContent = stateInWords(now);
    const other = byId('hosting-other-page', HTMLAnchorElement);
    other.hash = location.hash;
    hideAround(byId('hosting-elsewhere', HTMLElement), byId('hosting-done', HTMLElement), !missing?.needsOtherPage);
    for (const field of fields) {
      if (field.dataset.field === undefined) continue;
      // Nothing is called wrong that was not filled yet.
      field.setAttribute('aria-invalid', String(field.dataset.field === missing?.field && field.value.trim() !== ''));
    }
  }
  function changed(): void {
    show();
    onChange(state());
  }

  // A browser that keeps a form over a reload would keep a mode that nobody chose in this visit, or a token.
  for (const field of fields) {
    if (field instanceof HTMLSelectElement) field.selectedIndex = 0;
    else if (field.type === 'radio') field.checked = field.defaultChecked;
    else field.value = '';
  }
  dialog.addEventListener('input', changed);
  window.addEventListener('pagehide', () => {
    token.value = '';
    changed();
  });
  byId('open-hosting', HTMLButtonElement).addEventListener('click', () => {
    show();
    dialog.showModal();
  });
  byId('hosting-done', HTMLButtonElement).addEventListener('click', () => dialog.close());
  show();
  return { state };
}

function stateInWords(state: HostingState): string {
  switch (state.kind) {
    case 'page':
      return 'Nothing leaves this page.';
    case 'unfinished':
      return `Nothing is sent yet. ${state.missing.words}`;
    case 'ready':
      return `Pictures may go to ${state.wish.recipient}, each after you agreed to it.`;
  }
}
