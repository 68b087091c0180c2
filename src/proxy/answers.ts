/** A request that is not forwarded, or whose answer is not passed on; the message is for the client to read. */
export class ProxyRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ProxyRefusal';
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Answers come from the application's own origin: they are of one person, no type but the said one is guessed, and one
 * that is opened as a page runs nothing.
 */
const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

/** An answer of the proxy. */
export function answerWith(
  status: number,
  contentType: string,
  body: BodyInit | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...headers, ...SAFE_HEADERS, 'content-type': contentType } });
}

/** The hosted API's form of an error. */
export function errorAnswer(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  return answerWith(status, 'application/json', JSON.stringify({ error }), headers);
}
