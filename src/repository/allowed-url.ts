/**
 * The folder that a URL names, if files may be taken from there.
 * @param source Absolute, or relative to the page.
 * @param origins Those that the application allows besides the page's own.
 * @throws RangeError for what is no http(s) URL, for another origin that is not allowed, and for plain http to another machine.
 */
export function resolveAllowed(source: string | URL, origins: readonly string[] = []): URL {
  const url = parse(source);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new RangeError(
      `A repository is named by an https URL, not by "${url.protocol}". Hand local files in as files instead.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new RangeError(
      'A repository URL must not hold a user name or password. Serve the files where none is asked for.',
    );
  }
  // The page's own origin may be plain http in a local network: the page itself is no safer.
  if (typeof location !== 'undefined' && url.origin === location.origin) return url;
  if (!origins.some((allowed) => originOf(allowed) === url.origin)) {
    throw new RangeError(
      `The repository is at ${url.origin}, which is not this page's own origin. To allow it, pass origins: ['${url.origin}'].`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new RangeError(`${url.origin} is plain http, where anyone on the way can change a model. Use https.`);
  }
  return url;
}

function parse(source: string | URL): URL {
  const base =
    typeof document === 'undefined' ? (typeof location === 'undefined' ? undefined : location.href) : document.baseURI;
  try {
    return new URL(source, base);
  } catch {
    throw new RangeError(`"${String(source)}" is not a URL, nor can it be resolved against this page.`);
  }
}

function originOf(allowed: string): string {
  try {
    return new URL(allowed).origin;
  } catch {
    throw new RangeError(`origins: "${allowed}" is not an origin such as https://models.example.`);
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.[\d.]+|\[::1\])$/.test(hostname);
}
