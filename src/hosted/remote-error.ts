import { type ErrorDetails, ImageToImageError } from '../contract/errors.js';
import { cleanText, removeSecrets, shortenText } from './remote-error-text.js';
import type { HostedStep } from './transport.js';

/** What kind of `remote-failed` it is; {@link REMOTE_FAILURE_KINDS} says it in words. */
export type RemoteFailureKind =
  | 'auth'
  | 'payment'
  | 'forbidden'
  | 'not-found'
  | 'too-large'
  | 'validation'
  | 'rate-limited'
  | 'model-loading'
  | 'provider-error'
  | 'network-or-cors'
  | 'bad-answer';

/** One row of {@link REMOTE_FAILURE_KINDS}. */
export interface RemoteFailureInfo {
  /** One sentence for the docs: when this happens. */
  readonly when: string;
  /** Whether the same call may succeed if it is simply made again later. */
  readonly retryable: boolean;
  /** What to do; the end of the message. */
  readonly advice: string;
}

/** Every `details.kind` of a `remote-failed` error. */
export const REMOTE_FAILURE_KINDS: Readonly<Record<RemoteFailureKind, RemoteFailureInfo>> = {
  auth: {
    when: 'The token is missing, wrong or expired (401), or the function that gives it failed.',
    retryable: false,
    advice:
      'Check accessToken: a Hugging Face token that may call inference providers, or a key of the provider itself.',
  },
  payment: {
    when: 'The account has no credit left (402).',
    retryable: false,
    advice: "Add credit to the token's account, or name another account that may be billed (billTo).",
  },
  forbidden: {
    when: 'The token is good, but not for this (403).',
    retryable: false,
    advice: "Give the token the permission to call inference providers, or accept the model's conditions on its page.",
  },
  'not-found': {
    when: 'No such model, endpoint, job or file (404, 410).',
    retryable: false,
    advice: 'Check the model id, the provider and endpointUrl. Results are kept for a limited time only.',
  },
  'too-large': {
    when: 'The picture is larger than the service takes (413).',
    retryable: false,
    advice: 'Send a smaller picture.',
  },
  validation: {
    when: 'The service did not accept the parameters or the picture (400, 422 and other statuses from 400 to 499).',
    retryable: false,
    advice: "Check the parameters and the picture against what the model's page says.",
  },
  'rate-limited': {
    when: 'Too many requests for now (429).',
    retryable: true,
    advice: 'Call again later, and less often.',
  },
  'model-loading': {
    when: 'The model is being loaded (503 that says so).',
    retryable: true,
    advice: 'Call again when it has been loaded, or pass wait_for_model: true.',
  },
  'provider-error': {
    when: 'The service failed, or its job ended without a picture (5xx, a failed or cancelled job).',
    retryable: true,
    advice: 'Call again later, or use another provider or model.',
  },
  'network-or-cors': {
    when: 'No whole answer came: offline, no such host, a broken connection, a refused redirect, or an answer that CORS keeps from the page. Browsers do not tell which.',
    retryable: true,
    advice: 'Check the network and the address.',
  },
  'bad-answer': {
    when: 'The service answered with something else than was asked for: a page of HTML, no bytes, too many, a file that is no picture.',
    retryable: true,
    advice: 'Check that the address is that of the service itself; if it is, report this to the service.',
  },
};

/** What a `remote-failed` error is made of. Texts may hold anything; they are cleaned here. */
export interface RemoteFailure {
  readonly kind: RemoteFailureKind;
  readonly step: HostedStep;
  /** Who failed: the provider's name, or a host. */
  readonly provider: string;
  readonly status?: number | undefined;
  /** What happened, to go on after the provider's name. @default the status and the step in words */
  readonly what?: string | undefined;
  /** In the service's own words. */
  readonly said?: string | undefined;
  /** What to do. @default the kind's own advice */
  readonly advice?: string | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds that the service asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** What was caught, as text. */
  readonly cause?: string | undefined;
}

/**
 * Makes the error; its message is what happened, what the service said (at most 200 characters), and what to do.
 * @param secrets Tokens and prompts: removed from the service's words and from the cause, as is all that looks like a token or a
 * picture in base64.
 */
export function remoteFailed(failure: RemoteFailure, secrets: Iterable<string> = []): ImageToImageError {
  const { kind, step, provider, status, requestId, retryAfterMs } = failure;
  const hidden = [...secrets];
  const said = shortenText(cleanText(failure.said ?? '', hidden));
  const what = wordsFor(failure, hidden);
  const details: Record<string, string | number> = { kind, step, provider };
  if (status !== undefined) details.status = status;
  if (requestId !== undefined) details.requestId = shortenText(removeSecrets(requestId, hidden));
  if (retryAfterMs !== undefined) details.retryAfterMs = Math.round(retryAfterMs);
  const message = `${provider} ${what}${said === '' ? '.' : `: "${said}".`} ${failure.advice ?? adviceFor(kind, retryAfterMs)}`;
  return new ImageToImageError({
    code: 'remote-failed',
    phase: 'hosted',
    message,
    retryable: REMOTE_FAILURE_KINDS[kind].retryable,
    details: details satisfies ErrorDetails,
    ...(failure.cause === undefined ? {} : { cause: shortenText(cleanText(failure.cause, hidden)) }),
  });
}

function wordsFor({ what, status, step }: RemoteFailure, hidden: readonly string[]): string {
  if (what === undefined) return `${status === undefined ? 'failed at' : `answered ${status} to`} ${STEP_WORDS[step]}`;
  // Mostly our own words, which a short prompt must not make holes into; but a provider's may be among them.
  return shortenText(
    cleanText(
      what,
      hidden.filter((secret) => secret.length >= LONG_SECRET_CHARACTERS),
    ),
  );
}

/** No word of ours is as long. */
const LONG_SECRET_CHARACTERS = 12;

const STEP_WORDS: Readonly<Record<HostedStep, string>> = {
  lookup: 'the question where the model is hosted',
  submit: 'the request',
  poll: 'the question how far the job is',
  cancel: 'the wish to cancel',
  download: 'the download of the result',
};

/** The step as it stands in messages. */
export function nameStep(step: HostedStep): string {
  return STEP_WORDS[step];
}

function adviceFor(kind: RemoteFailureKind, retryAfterMs: number | undefined): string {
  const { advice } = REMOTE_FAILURE_KINDS[kind];
  if (retryAfterMs === undefined || kind === 'model-loading') return advice;
  return `It asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s. ${advice}`;
}
