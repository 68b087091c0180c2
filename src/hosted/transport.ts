/** What a request is for; decides what may be repeated and what a failure is called. */
export type HostedStep = 'lookup' | 'submit' | 'poll' | 'cancel' | 'download';

/** One request. */
export interface HostedRequest {
  readonly step: HostedStep;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute; https, or http on loopback or the page's own origin. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  /** Bytes of the answer at most. */
  readonly maxBytes: number;
  /** Told while a download runs. */
  onBytes?(receivedBytes: number, totalBytes: number | undefined): void;
}

/** A whole answer, status below 400. */
export interface HostedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Everything that leaves the page goes through one of these; one per call. */
export interface Transport {
  /**
   * Sends one request, and again only where that is safe.
   * @throws ImageToImageError `remote-failed` or `deadline-exceeded` (phase `hosted`); the signal's own reason on abort.
   */
  send(request: HostedRequest): Promise<HostedAnswer>;
  /** Waits, unless the call is aborted or its deadline comes first. */
  wait(ms: number): Promise<void>;
  /** Bodies sent and received so far, in bytes, and submits. */
  readonly bytes: { readonly down: number; readonly up: number };
  readonly attempts: number;
}
