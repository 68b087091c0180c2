/** Headers that a page may send. By `authorization` it may name its session; that is not forwarded. */
const ALLOWED_HEADERS = 'accept, authorization, content-type, x-use-cache, x-wait-for-model';

/** Two hours: Chromium remembers a preflight for no longer. */
const PREFLIGHT_SECONDS = '7200';

/** What a page of some origin may do. */
export interface OriginVerdict {
  readonly isAllowed: boolean;
  /** For every answer to it. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Judges the page that asks. A client that names no origin is no page of another site: browsers name it with every POST
 * from elsewhere.
 */
export function judgeOrigin(request: Request, origins: ReadonlySet<string>): OriginVerdict {
  const origin = request.headers.get('origin');
  const headers = { vary: 'origin' };
  if (origin !== null && origins.has(origin)) {
    return {
      isAllowed: true,
      headers: {
        ...headers,
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'ratelimit, retry-after, x-request-id',
      },
    };
  }
  // Behind a server that ends TLS the address here is another than the page's; the browser's own word then counts.
  const isOwn = origin === new URL(request.url).origin || request.headers.get('sec-fetch-site') === 'same-origin';
  return { isAllowed: origin === null || isOwn, headers };
}

/** The answer to a preflight of an allowed page. */
export function preflightAnswer(): Response {
  const headers = {
    allow: 'OPTIONS, POST',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': ALLOWED_HEADERS,
    'access-control-max-age': PREFLIGHT_SECONDS,
  };
  return new Response(null, { status: 204, headers });
}

/** Both, `vary` of both; answers of others cannot be changed in place. */
export function mergeHeaders(given: Headers, more: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(more)) {
    if (name === 'vary') headers.append(name, value);
    else headers.set(name, value);
  }
  return headers;
}
