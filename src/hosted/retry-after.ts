/**
 * How long a server asks to be left alone, in milliseconds, 0 or more: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3),
 * else the reset of an exhausted `RateLimit` (`"default";r=0;t=2`, draft-ietf-httpapi-ratelimit-headers; the hub sends it).
 * Undefined where it does not say, and in browsers where it does not expose these headers to the page's origin.
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  return readDelay(headers.get('retry-after'), nowMs) ?? readRateLimit(headers.get('ratelimit'));
}

function readDelay(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1000;
  // Date.parse takes many things for a date, "-5" among them; an HTTP date names its day.
  if (!/^\s*[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The longest reset among the limits that have nothing left. */
function readRateLimit(text: string | null): number | undefined {
  const resets = (text ?? '')
    .split(',')
    .filter((limit) => /;\s*r=0\s*(;|$)/.test(limit))
    .flatMap((limit) => /;\s*t=(\d+)/.exec(limit)?.[1] ?? [])
    .map((seconds) => Number(seconds) * 1000);
  return resets.length === 0 ? undefined : Math.max(...resets);
}
