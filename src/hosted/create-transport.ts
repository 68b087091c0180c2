import { ImageToImageError } from '../contract/errors.js';
import { type AddressFault, findAddressFault } from './allowed-address.js';
import { type CallLimits, createCallLimits, sleep } from './call-limits.js';
import type { AccessToken, HostedEvent, HostedOptions } from './hosted-call.js';
import { nameStep, type RemoteFailure, remoteFailed } from './remote-error.js';
import { type AttemptContext, attemptRequest, describeCaught, providerOf } from './request-attempt.js';
import { type FailedAttempt, retryWait } from './retry-rule.js';
import { createTokenSource } from './token.js';
import type { HostedAnswer, HostedRequest, HostedStep, Transport } from './transport.js';

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

/** A cancel that takes longer is given up. */
const CANCEL_TIMEOUT_MS = 10_000;

/** The transport of one call; the call's time counts from now on. */
export function createTransport(options: TransportOptions): Transport {
  return new CallTransport(options);
}

class CallTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #context: AttemptContext;
  readonly #limits: CallLimits;
  readonly #timeoutMs: number;
  /** Of the latest request; for errors that arise between requests. */
  #step: HostedStep = 'lookup';
  #provider = 'The hosted side';

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const { now = Date.now, tokenHosts, signal } = options;
    this.#context = {
      fetch: options.fetch ?? globalThis.fetch,
      tokens: createTokenSource(options.token, (caught) => this.#tokenFailure(caught)),
      tokenHosts,
      credentials: readCredentials(options.includeCredentials),
      sent: { down: 0, up: 0, submits: 0 },
      now,
    };
    this.#limits = createCallLimits({ signal, timeoutMs: this.#timeoutMs, now, exceeded: () => this.#exceeded() });
  }

  get bytes(): Transport['bytes'] {
    const { down, up } = this.#context.sent;
    return { down, up };
  }

  get attempts(): number {
    return this.#context.sent.submits;
  }

  async send(request: HostedRequest): Promise<HostedAnswer> {
    const fault = findAddressFault(request.url);
    if (fault) throw this.#addressError(request, fault);
    if (request.step === 'cancel') return this.#cancel(request);
    this.#step = request.step;
    this.#provider = providerOf(request);
    let previousStatus: number | undefined;
    for (let number = 1; ; number++) {
      const attempt = { number, previousStatus };
      const outcome = await this.#limits.hold((signal) => attemptRequest(request, attempt, this.#context, signal));
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
    return this.#limits.hold(() => this.#context.tokens.peek());
  }

  failure(failure: RemoteFailure): ImageToImageError {
    return remoteFailed(failure, [...this.#context.tokens.seen, ...(this.#options.secrets ?? [])]);
  }

  /** @throws The failure, where the request is not sent again. */
  async #waitForAnother(request: HostedRequest, failure: RemoteFailure, failed: FailedAttempt): Promise<void> {
    const { retry_on_error = true, random = Math.random, onEvent } = this.#options;
    const remainingMs = this.#limits.remainingMs();
    const waitMs = retry_on_error ? retryWait(request, failed, { remainingMs, random }) : undefined;
    if (waitMs === undefined) throw this.failure(failure);
    onEvent(eventOf(failure, failed, waitMs));
    await this.wait(waitMs);
  }

  /** Also when the call is over, so with limits of its own. */
  async #cancel(request: HostedRequest): Promise<HostedAnswer> {
    const { step } = request;
    const provider = providerOf(request);
    const limits = createCallLimits({
      timeoutMs: CANCEL_TIMEOUT_MS,
      now: this.#context.now,
      exceeded: () =>
        this.failure({ kind: 'network-or-cors', step, provider, what: 'did not answer the wish to cancel' }),
    });
    const attempt = { number: 1, previousStatus: undefined };
    const outcome = await limits.hold((signal) => attemptRequest(request, attempt, this.#context, signal));
    if ('answer' in outcome) return outcome.answer;
    throw this.failure(outcome.failure);
  }

  #exceeded(): ImageToImageError {
    const submitted = this.attempts > 0 ? ' What was submitted may still be carried out, and billed.' : '';
    return new ImageToImageError({
      code: 'deadline-exceeded',
      phase: 'hosted',
      message: `${this.#provider} was not done within ${this.#timeoutMs / 1000} s; the call ended at ${nameStep(this.#step)}.${submitted} Call again later, or raise timeoutMs.`,
      details: { step: this.#step, provider: this.#provider, timeoutMs: this.#timeoutMs },
    });
  }

  #tokenFailure(caught: unknown): ImageToImageError {
    return this.failure({
      kind: 'auth',
      step: this.#step,
      provider: this.#provider,
      what: 'was not asked: the accessToken function failed',
      advice: 'See the cause.',
      cause: describeCaught(caught),
    });
  }

  #addressError(request: HostedRequest, fault: AddressFault): Error {
    const fix = ADDRESS_WORDS[fault];
    // These two come from the application or from our own tables, the others from a reply.
    if (request.step === 'lookup' || request.step === 'submit') return new RangeError(`The hosted address ${fix}.`);
    return this.failure({
      kind: 'bad-answer',
      step: request.step,
      provider: request.provider ?? this.#provider,
      what: `named an address that ${fix}`,
    });
  }
}

const ADDRESS_WORDS: Readonly<Record<AddressFault, string>> = {
  'not-a-url': 'is not an absolute URL',
  'not-https': 'is not https (plain http is for loopback and the own origin of the page only)',
  'holds-credentials': 'holds a user name or password, which no request may',
};

function eventOf(failure: RemoteFailure, { number, status, estimatedMs }: FailedAttempt, waitMs: number): HostedEvent {
  if (failure.kind === 'model-loading') {
    return { type: 'loading-model', ...(estimatedMs === undefined ? {} : { estimatedMs }) };
  }
  const reason = status === undefined ? failure.kind : `${failure.kind} (${status})`;
  return { type: 'retrying', attempt: number + 1, waitMs, reason };
}

/** As the official client reads the option, but never more than was asked for. */
function readCredentials(includeCredentials: string | boolean | undefined): RequestCredentials {
  switch (includeCredentials) {
    case true:
    case 'include':
      return 'include';
    case 'same-origin':
      return 'same-origin';
    case undefined:
    case false:
    case 'omit':
      return 'omit';
    default:
      throw new TypeError(`includeCredentials must be true, false, 'include', 'same-origin' or 'omit'.`);
  }
}
