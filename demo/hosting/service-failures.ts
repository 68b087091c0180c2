import type { ImageToImageError } from 'tintype';

/** A failure of a service in words. */
export interface ServiceFailure {
  readonly title: string;
  readonly advice: string;
  /** Whether the very same call may succeed if it is made again. */
  readonly retryable: boolean;
}

const ELSE: ServiceFailure = {
  title: 'The service failed',
  advice: 'Try again later, or choose another model or provider.',
  retryable: true,
};

/** By `details.kind` of a `remote-failed` error. */
const FAILURES: Readonly<Record<string, ServiceFailure>> = {
  auth: {
    title: 'The token was not accepted',
    advice: 'Look at the token under “Where it may run”: it must be allowed to call inference providers.',
    retryable: false,
  },
  payment: {
    title: 'The account has no credit left',
    advice: "Add credit to the token's account, or use another service.",
    retryable: false,
  },
  forbidden: {
    title: 'The token may not do this',
    advice: "Give it the permission, or accept the model's conditions on its page.",
    retryable: false,
  },
  'not-found': {
    title: 'The service does not have this model',
    advice: 'Look at the model, the provider or the address under “Where it may run”.',
    retryable: false,
  },
  'too-large': {
    title: 'The picture is too large for the service',
    advice: 'Take a smaller picture.',
    retryable: false,
  },
  validation: {
    title: 'The service did not take it',
    advice: 'Another model may want something else: a prompt, other numbers, another size.',
    retryable: false,
  },
  'rate-limited': {
    title: 'The service wants a pause',
    advice: 'Try again in a while.',
    retryable: true,
  },
  'model-loading': {
    title: 'The service is still loading the model',
    advice: 'Try again in a minute.',
    retryable: true,
  },
  'provider-error': ELSE,
  'network-or-cors': {
    title: 'The service could not be reached',
    advice: 'Check the connection and the address; the service must allow requests of other pages, too (CORS).',
    retryable: true,
  },
  'bad-answer': {
    title: 'The service answered with no picture',
    advice: 'Check that the address is that of the service itself.',
    retryable: true,
  },
};

/** An error of the hosted side for people; undefined for any other. */
export function serviceFailure({ code, phase, details }: ImageToImageError): ServiceFailure | undefined {
  if (code === 'deadline-exceeded' && phase === 'hosted') {
    const advice = 'It may still be at work, and bill it. Try again later.';
    return { title: 'The service took too long', advice, retryable: true };
  }
  if (code !== 'remote-failed') return undefined;
  const kind = String(details.kind);
  return Object.hasOwn(FAILURES, kind) ? (FAILURES[kind] ?? ELSE) : ELSE;
}

/** The first sentence of the library's message; what a service said ends it, in quotes, and may be several. */
export function firstSentence(message: string): string {
  const [quoting] = /^(?:(?!\.\s)[^"])*: "[^"]*"\./.exec(message) ?? [];
  if (quoting !== undefined) return quoting.replace(/([.!?])"\.$/, '$1"');
  const [plain = message] = message.split(/(?<=\.)\s/);
  return plain;
}
