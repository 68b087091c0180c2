import { untilAborted } from '../until-aborted.js';
import { methodAnswer } from './answers.js';
import { readHostedAddress } from './hosted-address.js';
import { type InPageClient, InPageEndpoint, type InPageEndpointOptions } from './in-page-endpoint.js';

/** How {@link createInPageFetch} answers. */
export interface InPageFetchOptions extends InPageEndpointOptions {
  /**
   * What happens to requests that are not calls of Hugging Face's image-to-image API: `refuse` rejects them with a TypeError, `pass` makes
   * them with the `fetch` that the page has when this is called, a function makes them in its place. A call of Hugging
   * Face's own inference, or the question who serves a model, is never passed on, also where the model is not in the page; a call that
   * names another provider's address is.
   * @default 'refuse'
   */
  readonly otherwise?: 'refuse' | 'pass' | typeof fetch | undefined;
}

/**
 * A `fetch` that answers Hugging Face's hosted image-to-image API in the page, for applications that keep using
 * `@huggingface/inference`: `new InferenceClient(token, { fetch: createInPageFetch(client) })`. It makes no request itself, and never
 * reads the token.
 *
 * It answers `POST https://router.huggingface.co/hf-inference/models/{id}`, the same at `https://api-inference.huggingface.co/models/{id}`,
 * and the official client's question to the hub which providers serve a model. Answers are the picture's bytes, of the type in the
 * client's `output.type`, or `{ "error": "..." }` with a status. A request that always has the same result (its model needs no seed, or
 * it names one) is answered from memory when it comes again, with the header `x-compute-type: cache`, unless it says
 * `x-use-cache: false`. An abort rejects with the signal's own reason.
 *
 * A call of the official client without `model` asks the hub for a default with the page's own `fetch`, which this cannot answer.
 * @throws TypeError or RangeError naming a bad option.
 */
export function createInPageFetch(client: InPageClient, options: InPageFetchOptions = {}): typeof fetch {
  validateOptions(options);
  const { otherwise = 'refuse', ...endpointOptions } = options;
  const endpoint = new InPageEndpoint(client, endpointOptions);
  const outside = outsideFetch(otherwise);
  return async (input, init) => {
    const { url, method, signal } = factsOf(input, init);
    const address = url && readHostedAddress(url);
    if (address === undefined || (address.kind === 'lookup' && method !== 'GET')) return outside(input, init);
    signal?.throwIfAborted();
    if (address.kind === 'lookup') return untilAborted(signal, endpoint.lookup(address.model));
    if (method !== 'POST') return methodAnswer(method);
    return untilAborted(signal, endpoint.infer(address.model, new Request(input, init), signal));
  };
}

interface RequestFacts {
  /** Undefined for an address that cannot be read. */
  readonly url: URL | undefined;
  readonly method: string;
  readonly signal: AbortSignal | undefined;
}

/** Without making a Request, which would use up the body of one that is passed on. */
function factsOf(input: RequestInfo | URL, init: RequestInit | undefined): RequestFacts {
  const given = typeof input === 'string' || input instanceof URL ? undefined : input;
  const signal = init?.signal === undefined ? given?.signal : init.signal;
  return {
    url: urlOf(given?.url ?? String(input)),
    method: (init?.method ?? given?.method ?? 'GET').toUpperCase(),
    signal: signal ?? undefined,
  };
}

function urlOf(address: string): URL | undefined {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  return URL.canParse(address, base) ? new URL(address, base) : undefined;
}

function outsideFetch(otherwise: 'refuse' | 'pass' | typeof fetch): typeof fetch {
  if (typeof otherwise === 'function') return otherwise;
  // Not the one of later: the application may put ours in its place.
  if (otherwise === 'pass') return globalThis.fetch.bind(globalThis);
  return async (input, init) => {
    const { url, method } = factsOf(input, init);
    // Without what follows a question mark, which may be a secret.
    const address = url === undefined ? 'an address that cannot be read' : url.href.replace(/[?#].*/s, '');
    throw new TypeError(
      `createInPageFetch refused ${method} ${address}; no request was made. It answers Hugging Face's image-to-image API only. Pass otherwise: 'pass', or a fetch of your own, to let other requests out.`,
    );
  };
}

function validateOptions({ aliases, otherwise, waitForModel, cacheBytes }: InPageFetchOptions): void {
  const isMap = typeof aliases === 'object' && aliases !== null;
  if (aliases !== undefined && !(isMap && Object.values(aliases).every((id) => typeof id === 'string'))) {
    throw new TypeError('aliases must be an object whose values are ids of models.');
  }
  if (otherwise !== undefined && typeof otherwise !== 'function' && otherwise !== 'refuse' && otherwise !== 'pass') {
    throw new TypeError("otherwise must be 'refuse', 'pass' or a fetch.");
  }
  if (waitForModel !== undefined && typeof waitForModel !== 'boolean') {
    throw new TypeError('waitForModel must be true or false.');
  }
  if (cacheBytes !== undefined && !(Number.isSafeInteger(cacheBytes) && cacheBytes >= 0)) {
    throw new RangeError(`cacheBytes must be a whole number of at least 0; got ${String(cacheBytes)}.`);
  }
}
