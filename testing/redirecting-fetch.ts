import { isKnownHost } from './hosts.js';

// Kept at load: a test may put the fake's own fetch into the global's place.
const nativeFetch = globalThis.fetch;

/**
 * A fetch that sends requests for the real hosts to the loopback server and keeps all else of them. Requests to the
 * server itself, `data:` and `blob:` go their way; any other is refused, as without a network, so that no test leaves the machine.
 * @param origins The server's; the first one gets what was meant for real hosts.
 * @param refused Gets the URLs of refused requests.
 */
export function makeRedirectingFetch(origins: readonly [string, ...string[]], refused: string[]): typeof fetch {
  return async (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input);
    if (asked.protocol === 'data:' || asked.protocol === 'blob:' || origins.includes(asked.origin)) {
      return await nativeFetch(input, init);
    }
    if (asked.protocol !== 'https:' || asked.port !== '' || !isKnownHost(asked.hostname)) {
      refused.push(asked.href);
      throw new TypeError('fetch failed', { cause: new Error(`The fake does not stand in for ${asked.origin}.`) });
    }
    const target = `${origins[0]}/${asked.hostname}${asked.pathname}${asked.search}`;
    const response = await nativeFetch(input instanceof Request ? new Request(target, input) : target, init);
    return withRealUrl(response, origins);
  };
}

/** Gives a response the URL that a real one would have. */
function withRealUrl(response: Response, origins: readonly string[]): Response {
  const origin = origins.find((one) => response.url.startsWith(`${one}/`));
  if (origin === undefined) return response;
  return Object.defineProperty(response, 'url', { value: `https://${response.url.slice(origin.length + 1)}` });
}
