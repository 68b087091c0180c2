import type { HostedRequest, RequestAttempt } from './transport.js';

/** They go to some hosts only, so no caller writes them. */
const RESERVED_NAMES: readonly string[] = ['authorization', 'cookie'];

/**
 * The headers of one attempt, by lower-case name; a plain object, which own `fetch` functions like to spread.
 * @param token Empty for none.
 * @throws TypeError for what no request can carry. The value is not named: `fetch` itself would do so.
 */
export function buildHeaders(
  { headers = {}, scheme = 'Bearer' }: Pick<HostedRequest, 'headers' | 'scheme'>,
  attempt: RequestAttempt,
  token: string,
): Record<string, string> {
  const built: Record<string, string> = {};
  for (const [name, value] of Object.entries(typeof headers === 'function' ? headers(attempt) : headers)) {
    const lower = name.toLowerCase();
    if (RESERVED_NAMES.includes(lower)) throw new TypeError(`The header ${lower} is the transport's own.`);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new TypeError(`The header "${lower}" holds letters that no request can carry.`);
    }
    built[lower] = value;
  }
  if (token !== '') built.authorization = `${scheme} ${token}`;
  return built;
}

/** Those that every server allows, whatever they hold (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). */
const SAFE_NAMES: readonly string[] = ['accept', 'accept-language', 'content-language'];

const SAFE_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i;

/** Names of the headers that a server has to allow before a page of another origin may send them, in order. */
export function nameUnsafeHeaders(headers: Readonly<Record<string, string>>, body: HostedRequest['body']): string[] {
  const type = headers['content-type'] ?? (body instanceof Blob ? body.type : '');
  const names = Object.keys(headers).filter((name) => !SAFE_NAMES.includes(name) && name !== 'content-type');
  return (type === '' || SAFE_TYPES.test(type) ? names : [...names, 'content-type']).sort();
}
