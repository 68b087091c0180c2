import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Destination } from './hosts.js';
import type { FakeProvider, Stage } from './settings.js';

/** One request, as the server saw it. */
export interface RecordedRequest {
  /** Milliseconds since the server started, when its headers arrived. The list is in this order. */
  readonly time: number;
  /** Address that it came to; another than the fake's own after the scripted redirect. */
  readonly origin: string;
  /** That the client meant, as `router.huggingface.co`. */
  readonly host: string;
  /** undefined for a path that no provider has. */
  readonly provider: FakeProvider | undefined;
  /** undefined like `provider`. */
  readonly stage: Stage | undefined;
  /** In capitals. */
  readonly method: string;
  /** Of the real host, from the first slash, without the query; still encoded. */
  readonly path: string;
  /** Decoded; empty if there is none. */
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** As far as it arrived. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Of the body, in hexadecimal. */
  readonly sha256: string;
  /** The parsed body, or undefined if it is not JSON. */
  readonly json: unknown;
  /** false while the body is on its way, and for good if the client gave up before its end. */
  readonly isComplete: boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Puts a request into the list as soon as its headers are there: one that is given up is one all the same. */
export function beginRecord(
  list: RecordedRequest[],
  request: IncomingMessage,
  place: { readonly time: number; readonly origin: string; readonly destination: Destination },
): Writable<RecordedRequest> {
  const { destination, time, origin } = place;
  const record: Writable<RecordedRequest> = {
    time,
    origin,
    host: destination.host,
    provider: destination.provider,
    stage: destination.stage,
    method: request.method ?? 'GET',
    path: destination.path,
    query: destination.query,
    headers: headersOf(request),
    ...bodyFields(Buffer.alloc(0)),
    isComplete: false,
  };
  list.push(record);
  return record;
}

/** Reads the body into the record. @returns false if the client gave up. */
export async function readBody(request: IncomingMessage, record: Writable<RecordedRequest>): Promise<boolean> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    record.isComplete = true;
  } catch {
    // The connection is gone; what came stays recorded.
  }
  Object.assign(record, bodyFields(Buffer.concat(chunks)));
  return record.isComplete;
}

function bodyFields(body: Buffer): Pick<RecordedRequest, 'body' | 'sha256' | 'json'> {
  return { body: new Uint8Array(body), sha256: createHash('sha256').update(body).digest('hex'), json: parse(body) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : `${value}`,
    ]),
  );
}
