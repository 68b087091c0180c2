import type { InferenceClient, ModelInfo } from 'tintype';
import { byId, hideAround } from './page-elements.js';
import { bytesInWords } from './words.js';

/** The models, and what is kept of them on this device. */
export interface Catalogue {
  /** Resolves when the list is there. A failure is not remembered: the next question asks again. */
  load(): Promise<void>;
  /** Asks anew what is stored; a failure is shown. */
  refresh(): void;
  /** Forgets one model's files; a failure is shown. */
  remove(model: ModelInfo): void;
}

/** Who hears of it. */
export interface CatalogueListeners {
  onModels(models: readonly ModelInfo[]): void;
  onProblem(caught: unknown, retry: () => void): void;
  /** Given a line for screen readers: what was pressed is gone. */
  announce(line: string): void;
}

export function createCatalogue(
  client: Pick<InferenceClient, 'models' | 'storage'>,
  { onModels, onProblem, announce }: CatalogueListeners,
): Catalogue {
  let loading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const models = await client.models.list();
    onModels(models);
    showStored(models);
  }
  async function forget(remove: () => Promise<void>, line: string): Promise<void> {
    try {
      await remove();
      await read();
      announce(line);
    } catch (caught) {
      onProblem(caught, () => void forget(remove, line));
    }
  }
  function refresh(): void {
    read().catch((caught: unknown) => onProblem(caught, refresh));
  }

  byId('clear-stored', HTMLButtonElement).addEventListener('click', () => {
    void forget(() => client.storage.clear(), 'All models were removed from this device.');
  });
  return {
    load() {
      loading ??= read().catch((caught) => {
        loading = undefined;
        throw caught;
      });
      return loading;
    },
    refresh,
    remove: ({ id }) => void forget(() => client.storage.remove(id), `${id} was removed from this device.`),
  };
}

function showStored(models: readonly ModelInfo[]): void {
  const stored = models.filter((model) => model.stored);
  const sum = stored.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  byId('stored-facts', HTMLElement).textContent =
    stored.length === 0
      ? 'No models are stored on this device.'
      : `Models stored on this device: ${bytesInWords(sum)}.`;
  const clear = byId('clear-stored', HTMLButtonElement);
  if (stored.length === 0) hideAround(clear, byId('more-summary', HTMLElement));
  else clear.hidden = false;
}
