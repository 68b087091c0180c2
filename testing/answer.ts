/** An HTTP answer before it is sent. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    bytes: new TextEncoder().encode(JSON.stringify(value)),
  };
}

/** An answer with a text body. */
export function text(status: number, body: string, type: string): Answer {
  return { status, headers: { 'content-type': type }, bytes: new TextEncoder().encode(body) };
}
