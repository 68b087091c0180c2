/** Why nothing is sent to an address; undefined where something may be. */
export type AddressFault = 'not-a-url' | 'not-https' | 'holds-credentials';

/**
 * Checks an address, be it the application's own or one that a provider's reply names.
 * @param url Absolute.
 * @param pageOrigin May be plain http in a local network: the page itself is no safer.
 */
export function findAddressFault(url: string, pageOrigin: string | undefined = ownOrigin()): AddressFault | undefined {
  if (!URL.canParse(url)) return 'not-a-url';
  const { protocol, hostname, origin, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'holds-credentials';
  if (protocol === 'https:') return undefined;
  if (protocol === 'http:' && (isLoopback(hostname) || origin === pageOrigin)) return undefined;
  return 'not-https';
}

/** The page's own, or the worker's; undefined outside of both, and `null` in a sandboxed frame. */
export function ownOrigin(): string | undefined {
  return typeof location === 'undefined' ? undefined : location.origin;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
}
