/** What is known of a request before its body is read. */
export interface ProxyRequestFacts {
  /** Id of the model that is asked for, such as `owner/name`. */
  readonly model: string;
  /** `application/json`, `application/octet-stream` or a picture's type; in lower case, without parameters. */
  readonly contentType: string;
  /** Length of the body, in bytes, as the client says; undefined where it does not. */
  readonly claimedBytes: number | undefined;
  /** Of the page that asks; undefined for a client that is no browser. */
  readonly origin: string | undefined;
}

/** What a proxy holds and whom it serves. */
export interface HostedProxyOptions {
  /**
   * Hugging Face token, best one that may call inference and nothing else; or what gives one, asked once per forwarded
   * request. It is sent to Hugging Face's router only, and never in an answer.
   */
  readonly accessToken: string | (() => string | Promise<string>);
  /** Ids of the models that may be asked for, matched to the letter; or a function that decides, after `authorize`. */
  readonly allow: readonly string[] | ((facts: ProxyRequestFacts) => boolean | Promise<boolean>);
  /**
   * Whether this client may spend your quota: look at its session, count its calls. `false` answers 401; a response is
   * the answer. Must not read the request's body (a clone's may be read). Required: a proxy for everybody, written
   * `() => true`, serves everybody's scripts too.
   */
  readonly authorize: (request: Request) => boolean | Response | Promise<boolean | Response>;
  /** Bytes of a request's body at most, counted as they arrive. @default 20971520 */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Origins of pages that may ask from elsewhere, such as `https://app.example`; with cookies. Pages of the proxy's own
   * origin always may. Where a server before the proxy ends TLS, old browsers need the own origin here too.
   * @default none
   */
  readonly origins?: readonly string[] | undefined;
  /** Milliseconds for the whole request, upload and answer included, 1 to 2147483647. @default 300000 */
  readonly timeoutMs?: number | undefined;
  /** Asks Hugging Face. @default the runtime's own */
  readonly fetch?: typeof fetch | undefined;
  /** Told what failed: a hook of the application's, or reaching Hugging Face. Clients are not. @default console.error */
  readonly onError?: ((caught: unknown) => void) | undefined;
}

/** Answers a request. Never rejects: every failure is an answer `{ "error": string }`. */
export type HostedProxy = (request: Request) => Promise<Response>;

/** {@link HostedProxyOptions}, checked, with its defaults. */
export interface ProxySettings {
  readonly readToken: () => Promise<string>;
  readonly mayAsk: (facts: ProxyRequestFacts) => Promise<boolean>;
  readonly authorize: HostedProxyOptions['authorize'];
  readonly maxBodyBytes: number;
  readonly origins: ReadonlySet<string>;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly onError: (caught: unknown) => void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws TypeError or RangeError for options that would make a proxy which refuses or allows what nobody meant. */
export function checkOptions(options: HostedProxyOptions): ProxySettings {
  const { accessToken, allow, authorize, origins = [], maxBodyBytes = 20 * 1024 * 1024, timeoutMs = 300_000 } = options;
  if (typeof accessToken !== 'function') checkToken(accessToken);
  if (typeof authorize !== 'function') throw new TypeError('authorize must be a function.');
  if (typeof allow !== 'function' && !Array.isArray(allow)) {
    throw new TypeError('allow must be a list of model ids or a function.');
  }
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || origin === 'null') {
      throw new TypeError(`"${origin}" is no origin. Write it without path and slash, such as https://app.example.`);
    }
  }
  checkWhole('maxBodyBytes', maxBodyBytes, Number.MAX_SAFE_INTEGER);
  checkWhole('timeoutMs', timeoutMs, MAX_TIMER_MS);
  return {
    readToken: async () => checkToken(typeof accessToken === 'function' ? await accessToken() : accessToken),
    mayAsk: async (facts) => (typeof allow === 'function' ? await allow(facts) : allow.includes(facts.model)) === true,
    authorize,
    maxBodyBytes,
    origins: new Set(origins),
    timeoutMs,
    fetch: options.fetch ?? globalThis.fetch,
    onError: options.onError ?? ((caught) => console.error('tintype/proxy:', caught)),
  };
}

/** Without the white space around it; never names what it was given. */
function checkToken(given: unknown): string {
  const token = typeof given === 'string' ? given.trim() : '';
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError('accessToken is empty, or holds what no header can carry. Is the variable that holds it set?');
  }
  return token;
}

function checkWhole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${name} must be a whole number from 1 to ${most}, not ${value}.`);
  }
}
