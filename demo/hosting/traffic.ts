/** What went out to services. */
export interface Sent {
  readonly requests: number;
  /** Of request bodies. */
  readonly bytes: number;
  /** That were given a body, in order. */
  readonly hosts: readonly string[];
}

/** The traffic of one call, or of none. */
export interface CallTraffic {
  /** To be the call's own `fetch`. */
  readonly fetch: typeof fetch;
  sent(): Sent;
}

/** What every call before the first request has sent. */
export const NOTHING_SENT: Sent = { requests: 0, bytes: 0, hosts: [] };

/** Counts by itself what leaves the page, also for calls that fail: reports tell of requests that were answered. */
export interface TrafficCounter {
  total(): Sent;
  forCall(): CallTraffic;
}

/**
 * Counts a request when it begins: one that is refused on its way counts too.
 * @param onChange Given the new total.
 * @param send What makes the requests.
 */
export function createTrafficCounter(
  onChange: (total: Sent) => void,
  send: typeof fetch = (input, init) => fetch(input, init),
): TrafficCounter {
  let total = NOTHING_SENT;
  return {
    total: () => total,
    forCall() {
      let sent = NOTHING_SENT;
      return {
        sent: () => sent,
        fetch(input, init) {
          const address = input instanceof Request ? input.url : String(input);
          const bytes = sizeOf(init?.body);
          sent = plus(sent, address, bytes);
          total = plus(total, address, bytes);
          onChange(total);
          return send(input, init);
        },
      };
    },
  };
}

function plus({ requests, bytes, hosts }: Sent, address: string, more: number): Sent {
  const { host } = new URL(address);
  const isNew = more > 0 && !hosts.includes(host);
  return { requests: requests + 1, bytes: bytes + more, hosts: isNew ? [...hosts, host] : hosts };
}

/** Of the kinds of body that the library sends. */
function sizeOf(body: RequestInit['body']): number {
  if (body instanceof Blob) return body.size;
  if (typeof body === 'string') return new TextEncoder().encode(body).length;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return 0;
}
