import type { ImageToImageError } from '../contract/errors.js';
import type { RemoteFailure } from './remote-error.js';

/** What a request is for; decides what may be repeated and what a failure is called. */
export type HostedStep = 'lookup' | 'submit' | 'poll' | 'cancel' | 'download';

/** One sending of a request. */
export interface RequestAttempt {
  /** 1 for the first. */
  readonly number: number;
  /** That the attempt before was answered with; undefined for the first, and after a failure of the network. */
  readonly previousStatus: number | undefined;
}

/** Names and values. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** One request. */
export interface HostedRequest {
  readonly step: HostedStep;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute; https, or http on loopback or the page's own origin. */
  readonly url: string;
  /** Named in errors; without it the host is. */
  readonly provider?: string | undefined;
  /** A function is asked once per attempt. Never `authorization`: the transport writes it, for the hosts that may have it. */
  readonly headers?: RequestHeaders | ((attempt: RequestAttempt) => RequestHeaders) | undefined;
  /** How the token is written. @default 'Bearer' */
  readonly scheme?: 'Bearer' | 'Key' | undefined;
  /** Can be sent more than once, so no stream. A Blob with a type brings its `content-type`. */
  readonly body?: Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | string | undefined;
  /** Statuses after which a POST is sent again besides 429 and 503: 502 and 504 for an own endpoint. @default none */
  readonly repeatOn?: readonly number[] | undefined;
  /** Bytes of the answer at most. */
  readonly maxBytes: number;
  /** Told while the answer arrives. The total is what the server claims, undefined where it is not known. */
  onBytes?(receivedBytes: number, totalBytes: number | undefined): void;
}

/** A whole answer, status below 300. */
export interface HostedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Everything that leaves the page goes through one of these; one per call. */
export interface Transport {
  /**
   * Sends one request, and again only where that is safe. A `cancel` is sent once, also after abort and deadline, and has its own
   * short time limit: do not make the caller wait for it.
   * @throws ImageToImageError `remote-failed` or `deadline-exceeded` (phase `hosted`); the signal's own reason on abort; TypeError
   * or RangeError for an address, header or token that no request can be made with.
   */
  send(request: HostedRequest): Promise<HostedAnswer>;
  /** Waits, unless the call is aborted or its deadline comes first; throws as `send` does. */
  wait(ms: number): Promise<void>;
  /** The token that the next attempt will use, to choose the route by; empty means none. Throws as `send` does. */
  peekToken(): Promise<string>;
  /** A `remote-failed` error for what only the provider's code can tell; token, prompt and picture are removed from its texts. */
  failure(failure: RemoteFailure): ImageToImageError;
  /** Bodies sent and received so far, in bytes, those of failed attempts included. */
  readonly bytes: { readonly down: number; readonly up: number };
  /** Submits so far. */
  readonly attempts: number;
}
