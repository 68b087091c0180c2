import { isImageToImageError } from '../contract/errors.js';
import type { AccessToken } from './hosted-call.js';

/** Where the tokens of one call come from. */
export interface TokenSource {
  /** The token of the next attempt, which {@link next} then gives without asking again; empty means none. */
  peek(): Promise<string>;
  /** Asks for the token of one attempt; empty means none. */
  next(): Promise<string>;
  /** All tokens given so far, so that they can be removed from texts. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Gives a token once per attempt. White space around it is dropped: pasted tokens often end in a line break.
 * @param failed Makes the error for an application's function that failed.
 * @throws (its methods) TypeError for what is no string or no header can carry, without naming it; what `failed` makes.
 */
export function createTokenSource(
  accessToken: AccessToken | undefined,
  failed: (caught: unknown) => Error,
): TokenSource {
  const seen = new Set<string>();
  let peeked: Promise<string> | undefined;

  async function read(): Promise<unknown> {
    if (typeof accessToken !== 'function') return accessToken;
    try {
      return await accessToken();
    } catch (caught) {
      // One of ours says by itself what to do.
      throw isImageToImageError(caught) ? caught : failed(caught);
    }
  }

  async function ask(): Promise<string> {
    const token = checkToken((await read()) ?? '');
    if (token !== '') seen.add(token);
    return token;
  }

  return {
    peek() {
      peeked ??= ask();
      return peeked;
    },
    next() {
      const asked = peeked ?? ask();
      peeked = undefined;
      return asked;
    },
    seen,
  };
}

function checkToken(given: unknown): string {
  if (typeof given !== 'string') throw new TypeError(`accessToken must be a string or give one, not ${typeof given}.`);
  const token = given.trim();
  // fetch would refuse it too, but with the token in its message.
  if (!/^[\x21-\x7e]*$/.test(token)) {
    throw new TypeError('accessToken holds white space or letters that no request header can carry. Copy it again.');
  }
  return token;
}
