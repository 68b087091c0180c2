import { errorAnswer, loadingAnswer, pictureAnswer, providersAnswer } from './answers.js';
import { BackgroundLoads, type LoadingClient } from './background-loads.js';
import { type EndpointRequest, readEndpointRequest } from './endpoint-request.js';
import { ResultCache, resultKey } from './result-cache.js';

/** What is used of Tintype's `InferenceClient`; whatever has it may stand in its place. */
export interface InPageClient extends LoadingClient {
  /** The picture's file in, the result's out. */
  imageToImage(
    args: {
      readonly inputs: Blob;
      readonly model: string;
      readonly parameters?: Readonly<Record<string, unknown>>;
    },
    options: {
      readonly signal: AbortSignal | undefined;
      /** Called before the promise settles. */
      readonly onReport: (report: { readonly where: string }) => void;
    },
  ): Promise<Blob>;
  /** What is known of a model: here, by which parameters it is changed. */
  readonly models: { get(id: string): Promise<{ readonly honours: readonly string[] }> };
}

/** How an endpoint answers. */
export interface InPageEndpointOptions {
  /**
   * Models of the page by the hosted ids that requests name: `{ 'timbrooks/instruct-pix2pix': 'instruct-pix2pix-micro' }`. The client's
   * own `aliases` hold too.
   */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether requests without `x-wait-for-model` wait while a model is downloaded, rather than get the hosted API's 503. That API's own
   * default is false, but the official client repeats a request at once after each 503.
   * @default true
   */
  readonly waitForModel?: boolean | undefined;
  /** Bytes of results that are kept in memory for requests that are made again; 0 keeps none. @default 33554432 */
  readonly cacheBytes?: number | undefined;
}

const DEFAULT_CACHE_BYTES = 32 * 2 ** 20;

/** Answers for the models of one client. */
export class InPageEndpoint {
  readonly #client: InPageClient;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #waitsByDefault: boolean;
  readonly #loads: BackgroundLoads;
  readonly #results: ResultCache;

  constructor(client: InPageClient, { aliases = {}, waitForModel = true, cacheBytes }: InPageEndpointOptions) {
    this.#client = client;
    this.#aliases = new Map(Object.entries(aliases));
    this.#waitsByDefault = waitForModel;
    this.#loads = new BackgroundLoads(client);
    this.#results = new ResultCache(cacheBytes ?? DEFAULT_CACHE_BYTES);
  }

  /** Says who serves a model: this endpoint, or nobody. An answer from the hub would have the picture sent to a provider. */
  async lookup(model: string): Promise<Response> {
    try {
      await this.#client.models.get(this.#inPage(model));
      return providersAnswer(model);
    } catch (caught) {
      return errorAnswer(caught, this.#aliasAdvice());
    }
  }

  /** Runs a model. @throws The signal's own reason; all else becomes an answer. */
  async infer(model: string, request: Request, signal: AbortSignal | undefined): Promise<Response> {
    try {
      return await this.#run(model, await readEndpointRequest(request), signal);
    } catch (caught) {
      signal?.throwIfAborted();
      return errorAnswer(caught, this.#aliasAdvice());
    }
  }

  async #run(hostedId: string, request: EndpointRequest, signal: AbortSignal | undefined): Promise<Response> {
    const { picture, parameters, usesCache, waitsForModel } = request;
    const model = this.#inPage(hostedId);
    const key = (await this.#isDeterministic(model, request)) ? await resultKey(model, picture, parameters) : undefined;
    const known = key === undefined || usesCache === false ? undefined : this.#results.get(key);
    if (known !== undefined) return pictureAnswer(known, true);
    if (!(waitsForModel ?? this.#waitsByDefault)) {
      const seconds = await this.#loads.secondsLeft(model);
      if (seconds !== undefined) return loadingAnswer(hostedId, seconds);
    }
    signal?.throwIfAborted();
    const args = { inputs: new Blob([picture]), model, ...(parameters === undefined ? {} : { parameters }) };
    let where: string | undefined;
    const onReport = (report: { readonly where: string }): void => {
      ({ where } = report);
    };
    const result = await this.#client.imageToImage(args, { signal, onReport });
    // What the hosted side made is another model's.
    if (key !== undefined && where === 'in-page') this.#results.set(key, result);
    return pictureAnswer(result, false);
  }

  /** Whether the same request always has the same result. Without WebCrypto none is recognized again. */
  async #isDeterministic(model: string, { parameters }: EndpointRequest): Promise<boolean> {
    if (globalThis.crypto?.subtle === undefined) return false;
    if (parameters?.seed !== undefined) return true;
    // A model that is not in the page is for the call to refuse, or to take to the hosted side.
    return this.#client.models.get(model).then(
      ({ honours }) => !honours.includes('seed'),
      () => false,
    );
  }

  #inPage(hostedId: string): string {
    return this.#aliases.get(hostedId) ?? hostedId;
  }

  #aliasAdvice(): string {
    const mapped = [...this.#aliases].map(([hosted, inPage]) => `${hosted} is ${inPage}`).join(', ');
    return ` \`aliases\` of createInPageFetch maps hosted ids to these${mapped === '' ? '' : `; now ${mapped}`}.`;
  }
}
