import { ImageToImageError } from '../contract/errors.js';
import { type AddressFault, findAddressFault, ownOrigin } from './allowed-address.js';
import { type CallLimits, createCallLimits, sleep } from './call-limits.js';
import type { AccessToken, HostedEvent, HostedOptions } from './hosted-call.js';
import { type BodyRead, readCapped } from './read-capped.js';
import { nameStep, type RemoteFailure, remoteFailed } from './remote-error.js';
import { readErrorAnswer } from './remote-error-answer.js';
import { buildHeaders, nameUnsafeHeaders } from './request-headers.js';
import { type FailedAttempt, retryWait } from './retry-rule.js';
import { createTokenSource, type TokenSource } from './token.js';
import type { HostedAnswer, HostedRequest, HostedStep, RequestAttempt, Transport } from './transport.js';

/** What one call's requests are made with. */
export interface TransportOptions
  extends Pick<HostedOptions, 'fetch' | 'signal' | 'timeoutMs' | 'retry_on_error' | 'includeCredentials'> {
  readonly token?: AccessToken | undefined;
  /**
   * Hosts, with their port where it is not the usual one, that may have the token and the cookies; no other ever gets them. Looked at
   * with each request, so it may be filled when the route is known.
   */
  readonly tokenHosts: ReadonlySet<string>;
  /** What no error may quote: prompts. */
  readonly secrets?: readonly string[] | undefined;
  /** Told before each wait for another attempt. */
  onEvent(event: HostedEvent): void;
  /** From 0, below 1. @default Math.random */
  random?(): number;
  /** Milliseconds since 1970. @default Date.now */
  now?(): number;
  /** May stay pending after the signal's abort. @default a timer */
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

/** Documented at {@link HostedOptions}. */
const DEFAULT_TIMEOUT_MS = 300_000;

/** More of an error's body is not read. */
const MAX_ERROR_BYTES = 65_536;

/** A cancel that takes longer is given up. */
const CANCEL_TIMEOUT_MS = 10_000;

/** The transport of one call; the call's time counts from now on. */
export function createTransport(options: TransportOptions): Transport {
  return new CallTransport(options);
}

/** How one attempt ended. */
type Outcome =
  | { readonly answer: HostedAnswer }
  | { readonly failure: RemoteFailure; readonly failed: Omit<FailedAttempt, 'number'> };

class CallTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #fetch: typeof fetch;
  readonly #credentials: RequestCredentials;
  readonly #tokens: TokenSource;
  readonly #limits: CallLimits;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #bytes = { down: 0, up: 0 };
  #attempts = 0;
  /** Of the latest request; for errors that arise between requests. */
  #step: HostedStep = 'lookup';
  #provider = 'The hosted side';

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#credentials = readCredentials(options.includeCredentials);
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#now = options.now ?? Date.now;
    this.#tokens = createTokenSource(options.token, (caught) => this.#tokenFailure(caught));
    this.#limits = createCallLimits({
      signal: options.signal,
      timeoutMs: this.#timeoutMs,
      now: this.#now,
      exceeded: () => this.#exceeded(),
    });
  }

  get bytes(): Transport['bytes'] {
    return { ...this.#bytes };
  }

  get attempts(): number {
    return this.#attempts;
  }

  async send(request: HostedRequest): Promise<HostedAnswer> {
    const fault = findAddressFault(request.url);
    if (fault) throw this.#addressError(request, fault);
    if (request.step === 'cancel') return this.#cancel(request);
    this.#step = request.step;
    this.#provider = providerOf(request);
    let previousStatus: number | undefined;
    for (let number = 1; ; number++) {
      const outcome = await this.#limits.hold((signal) => this.#attempt(request, { number, previousStatus }, signal));
      if ('answer' in outcome) return outcome.answer;
      await this.#waitForAnother(request, outcome.failure, { ...outcome.failed, number });
      previousStatus = outcome.failed.status;
    }
  }

  async wait(ms: number): Promise<void> {
    const pause = this.#options.sleep ?? sleep;
    await this.#limits.hold((signal) => pause(Math.min(ms, this.#limits.remainingMs()), signal));
    if (this.#limits.remainingMs() === 0) throw this.#exceeded();
  }

  async peekToken(): Promise<string> {
    return this.#limits.hold(() => this.#tokens.peek());
  }

  failure(failure: RemoteFailure): ImageToImageError {
    return remoteFailed(failure, [...this.#tokens.seen, ...(this.#options.secrets ?? [])]);
  }

  /** @throws The failure, where the request is not sent again. */
  async #waitForAnother(request: HostedRequest, failure: RemoteFailure, failed: FailedAttempt): Promise<void> {
    const { retry_on_error = true, random = Math.random, onEvent } = this.#options;
    const waitMs = retry_on_error
      ? retryWait(request, failed, { remainingMs: this.#limits.remainingMs(), random })
      : undefined;
    if (waitMs === undefined) throw this.failure(failure);
    const { estimatedMs, status } = failed;
    onEvent(
      failure.kind === 'model-loading'
        ? { type: 'loading-model', ...(estimatedMs === undefined ? {} : { estimatedMs }) }
        : {
            type: 'retrying',
            attempt: failed.number + 1,
            waitMs,
            reason: status === undefined ? failure.kind : `${failure.kind} (${status})`,
          },
    );
    await this.wait(waitMs);
  }

  async #cancel(request: HostedRequest): Promise<HostedAnswer> {
    const limits = createCallLimits({
      timeoutMs: CANCEL_TIMEOUT_MS,
      now: this.#now,
      exceeded: () => this.failure({ ...baseOf(request), kind: 'network-or-cors', what: 'did not answer the wish to cancel' }),
    });
    const outcome = await limits.hold((signal) => this.#attempt(request, { number: 1, previousStatus: undefined }, signal));
    if ('answer' in outcome) return outcome.answer;
    throw this.failure(outcome.failure);
  }

  async #attempt(request: HostedRequest, attempt: RequestAttempt, signal: AbortSignal): Promise<Outcome> {
    const { origin, host } = new URL(request.url);
    const isTrusted = this.#options.tokenHosts.has(host);
    const headers = buildHeaders(request, attempt, isTrusted ? await this.#tokens.next() : '');
    // The token may have taken its time.
    signal.throwIfAborted();
    this.#bytes.up += sizeOf(request.body);
    if (request.step === 'submit') this.#attempts += 1;
    const fetch = this.#fetch;
    let response: Response;
    try {
      response = await fetch(request.url, {
        method: request.method,
        headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        signal,
        // A redirect would carry the picture to a host that nobody agreed to.
        redirect: 'error',
        credentials: isTrusted || origin === ownOrigin() ? this.#credentials : 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
      });
    } catch (caught) {
      return this.#unanswered(request, headers, caught);
    }
    return this.#readAnswer(request, response, signal);
  }

  async #readAnswer(request: HostedRequest, response: Response, signal: AbortSignal): Promise<Outcome> {
    const { status } = response;
    const base = baseOf(request);
    // An own fetch function may not know what `redirect: 'error'` means.
    if (response.redirected || response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      void response.body?.cancel().catch(() => {});
      return { failure: { ...base, kind: 'bad-answer', status, ...REDIRECTED }, failed: { status: status || 300 } };
    }
    const read = await this.#readBody(request, response, signal);
    if (status >= 400) {
      const { askedMs, estimatedMs, ...said } = readErrorAnswer(status, response.headers, bytesOf(read), this.#now());
      const retryAfterMs = askedMs ?? estimatedMs;
      return { failure: { ...base, ...said, status, retryAfterMs }, failed: { status, askedMs, estimatedMs } };
    }
    switch (read.kind) {
      case 'whole':
        return { answer: { status, headers: response.headers, bytes: read.bytes } };
      case 'too-large':
        return { failure: { ...base, ...TOO_LARGE, what: `answered with more than ${request.maxBytes} bytes` }, failed: { status } };
      case 'cut':
        return brokenOff(request, `after ${read.receivedBytes} of ${read.totalBytes} bytes`);
      case 'broken':
        return brokenOff(request, `after ${read.receivedBytes} bytes`, this.#causeText(read.caught));
    }
  }

  async #readBody(request: HostedRequest, response: Response, signal: AbortSignal): Promise<BodyRead | BrokenRead> {
    let seenBytes = 0;
    const isError = response.status >= 400;
    try {
      return await readCapped(response, {
        maxBytes: isError ? MAX_ERROR_BYTES : request.maxBytes,
        signal,
        onBytes: (receivedBytes, totalBytes) => {
          this.#bytes.down += receivedBytes - seenBytes;
          seenBytes = receivedBytes;
          if (!isError) request.onBytes?.(receivedBytes, totalBytes);
        },
      });
    } catch (caught) {
      signal.throwIfAborted();
      return { kind: 'broken', receivedBytes: seenBytes, caught };
    }
  }
}
