/** A client as far as it gets models. */
export interface LoadingClient {
  /** Whether a model can be used at once. */
  availability(choice: {
    readonly model: string;
  }): Promise<'available' | 'downloadable' | 'downloading' | 'unavailable'>;
  /** Makes it so. */
  load(
    choice: { readonly model: string },
    options: { readonly onProgress: (event: { readonly remainingMs?: number }) => void },
  ): Promise<void>;
}

/** A model that is being loaded, or whose load has failed. */
interface Load {
  remainingMs: number | undefined;
  failure?: { readonly caught: unknown };
  /** Fulfilled when the load has ended, well or not. */
  readonly ended: Promise<void>;
}

/** What the hosted API says of a model of which it knows nothing yet. */
const UNKNOWN_SECONDS = 20;
/** The official client asks again at once and without end; answers that take this long make that harmless. */
const HOLD_MS = 500;

/** Loads models while requests are told to come again. */
export class BackgroundLoads {
  readonly #client: LoadingClient;
  readonly #loads = new Map<string, Load>();
  /** Loaded once. Where the browser stores nothing, `availability` would not tell. */
  readonly #loaded = new Set<string>();

  constructor(client: LoadingClient) {
    this.#client = client;
  }

  /**
   * Seconds until the model can be used, as far as one can tell; undefined when a call need not wait for a download, or will say itself
   * what is wrong. Begins to load a model that is not there; while one loads, takes half a second or until it is there.
   * @throws What the load has failed with, once: the next question loads anew.
   */
  async secondsLeft(model: string): Promise<number | undefined> {
    if (this.#loaded.has(model)) return undefined;
    const running = this.#loads.get(model);
    if (running === undefined) {
      const isThere = await this.#client.availability({ model }).then(
        (state) => state !== 'downloadable' && state !== 'downloading',
        () => true,
      );
      if (isThere) return undefined;
      if (!this.#loads.has(model)) this.#begin(model);
    } else {
      await endedOrHeld(running);
    }
    return this.#tell(model);
  }

  #tell(model: string): number | undefined {
    const load = this.#loads.get(model);
    if (load === undefined) return undefined;
    if (load.failure) {
      this.#loads.delete(model);
      throw load.failure.caught;
    }
    if (load.remainingMs === undefined) return UNKNOWN_SECONDS;
    return Math.max(1, Math.ceil(load.remainingMs / 1000));
  }

  #begin(model: string): void {
    // Only downloads tell; their last word stands while the model is opened.
    const onProgress = ({ remainingMs = load.remainingMs }: { readonly remainingMs?: number }): void => {
      load.remainingMs = remainingMs;
    };
    const ended = this.#client.load({ model }, { onProgress }).then(
      () => {
        this.#loads.delete(model);
        this.#loaded.add(model);
      },
      (caught: unknown) => {
        load.failure = { caught };
      },
    );
    const load: Load = { remainingMs: undefined, ended };
    this.#loads.set(model, load);
  }
}

async function endedOrHeld({ ended }: Load): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const held = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HOLD_MS);
  });
  await Promise.race([ended, held]);
  clearTimeout(timer);
}
