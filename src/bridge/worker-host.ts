import * as Comlink from 'comlink';
import { type ErrorRecord, ImageToImageError } from '../contract/errors.js';
import type { Outcome } from '../contract/outcome.js';
import { PROTOCOL_VERSION, type WorkerApi } from '../contract/worker-apis.js';

/** A worker's script must answer within this time after it was asked for; a slow network may need most of it. */
const START_DEADLINE_MS = 60_000;

/**
 * Keeps one worker and answers for it: comlink never settles a call whose worker died, so every call here is also rejected when
 * the worker reports an error, cannot be started, is ended, or dies in silence (it holds a Web Lock for life; being granted that
 * lock is the news of its death). A worker is never repaired: ended once, a new host is made.
 */
export class WorkerHost<Api extends WorkerApi> {
  readonly kind: string;
  /** Settles when the worker has answered; rejected if it never did. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #remote: Comlink.Remote<Api>;
  readonly #pending = new Set<(error: ImageToImageError) => void>();
  readonly #lockRequest = new AbortController();
  readonly #onDeath: (error: ErrorRecord) => void;
  #death: ErrorRecord | undefined;
  #started = false;

  /**
   * @param spawn Throws where workers cannot be made (a cross-origin script, a policy).
   * @param onDeath Called once, also when the host itself is told to end.
   * @throws ImageToImageError `worker-crashed` if the browser refuses to make the worker.
   */
  constructor(kind: string, spawn: () => Worker, onDeath: (error: ErrorRecord) => void) {
    this.kind = kind;
    this.#onDeath = onDeath;
    this.#worker = start(kind, spawn);
    this.#remote = Comlink.wrap<Api>(this.#worker);
    this.#worker.addEventListener('error', (event) => this.#die(this.#crash(event.message)));
    this.#worker.addEventListener('messageerror', () => this.#die(this.#crash('a message could not be read')));
    this.ready = this.#greet();
    this.ready.catch(() => {});
  }

  get dead(): boolean {
    return this.#death !== undefined;
  }

  /**
   * Calls the worker. The outcome's error is thrown as an {@link ImageToImageError}; the death of the worker rejects with
   * `worker-crashed` (or with what {@link end} was given).
   */
  async call<T>(invoke: (api: Comlink.Remote<Api>) => Promise<Outcome<T>>): Promise<T> {
    await this.ready;
    return this.#supervise(() => invoke(this.#remote));
  }

  /** Ends the worker now and rejects all its calls. */
  end(error: ErrorRecord): void {
    this.#die(error);
  }

  async #greet(): Promise<void> {
    const lockName = `tintype:worker:${crypto.randomUUID?.() ?? `${performance.now()}-${Math.random()}`}`;
    const timer = setTimeout(() => this.#die(this.#crash('it did not start in time')), START_DEADLINE_MS);
    try {
      const remote = this.#remote as unknown as Comlink.Remote<WorkerApi>;
      const { protocolVersion, holdsLock } = await this.#supervise(() => remote.hello(lockName));
      if (protocolVersion !== PROTOCOL_VERSION) {
        this.#die(
          this.#crash(`it speaks protocol ${protocolVersion}, the page ${PROTOCOL_VERSION}: two versions are mixed`),
        );
        throw new ImageToImageError(this.#death as ErrorRecord);
      }
      this.#started = true;
      if (holdsLock) this.#watchLock(lockName);
    } finally {
      clearTimeout(timer);
    }
  }

  #watchLock(lockName: string): void {
    navigator.locks
      .request(lockName, { signal: this.#lockRequest.signal }, () => this.#die(this.#crash('it ended by itself')))
      .catch(() => {});
  }

  #supervise<T>(invoke: () => Promise<Outcome<T>>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#death) {
        reject(new ImageToImageError(this.#death));
        return;
      }
      this.#pending.add(reject);
      invoke()
        .then(
          (outcome) => (outcome.ok ? resolve(outcome.value) : reject(new ImageToImageError(outcome.error))),
          (caught: unknown) => reject(this.#sendingFailed(caught)),
        )
        .finally(() => this.#pending.delete(reject));
    });
  }

  /** comlink rejects only when a message cannot be sent: almost always for what is in it. */
  #sendingFailed(caught: unknown): Error {
    if (caught instanceof DOMException && caught.name === 'DataCloneError') {
      return new TypeError(
        `Something in the call cannot be sent to a worker; models must be plain data. (${caught.message})`,
      );
    }
    return new ImageToImageError(this.#crash(String(caught)));
  }

  #crash(why: string | undefined): ErrorRecord {
    return this.#started ? died(this.kind, why) : notStarted(this.kind, why);
  }

  #die(error: ErrorRecord): void {
    if (this.#death) return;
    this.#death = error;
    this.#lockRequest.abort();
    this.#worker.terminate();
    for (const reject of this.#pending) reject(new ImageToImageError(error));
    this.#pending.clear();
    this.#onDeath(error);
  }
}

function start(kind: string, spawn: () => Worker): Worker {
  try {
    return spawn();
  } catch (caught) {
    throw new ImageToImageError(notStarted(kind, String(caught)));
  }
}

function notStarted(kind: string, why: string | undefined): ErrorRecord {
  return {
    code: 'worker-crashed',
    phase: 'start',
    message:
      `The ${kind} worker could not be started${why ? ` (${why})` : ''}. Call again; if it happens at every call, check that its script is ` +
      "served and allowed by the page's CSP (worker-src, script-src), or pass `workers`.",
    details: { worker: kind },
  };
}

function died(kind: string, why: string | undefined): ErrorRecord {
  return {
    code: 'worker-crashed',
    phase: 'run',
    message: `The ${kind} worker died${why ? ` (${why})` : ''}. Call again: another one is started. If it happens again, try a smaller picture.`,
    details: { worker: kind },
  };
}
