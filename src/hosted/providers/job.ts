import type { ImageToImageError } from '../../contract/errors.js';
import type { HostedEvent } from '../hosted-call.js';
import { kindOfStatus } from '../remote-error-answer.js';
import type { HostedAnswer } from '../transport.js';
import { readJson } from './read-answer.js';
import { maxJsonBytes, type SubmittedCall } from './submitted-call.js';

/** How far a provider is with a job. */
export type JobState =
  /** `position`: jobs before this one. */
  | { readonly kind: 'queued'; readonly position?: number }
  | { readonly kind: 'running' }
  | { readonly kind: 'done' }
  /** It ended without a picture. `said`: in the provider's own words. `httpStatus`: where its body names one of HTTP's. */
  | {
      readonly kind: 'failed';
      readonly status: string;
      readonly said?: string | undefined;
      readonly httpStatus?: number;
    }
  /** The answer does not say. */
  | { readonly kind: 'unreadable' };

/** A job that a provider has taken on. */
export interface Job {
  /** Asked how far it is. Undefined if the provider named none: then it must be done already. */
  readonly statusUrl: string | undefined;
  /** Left out where the provider knows no cancelling, or names no address for it. */
  readonly cancel?: { readonly method: 'POST' | 'PUT'; readonly url: string } | undefined;
  /** Reads an answer, as JSON. */
  stateOf(body: unknown): JobState;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 2000;
const WAIT_GROWTH = 1.25;

/**
 * Asks until the job that the submit's answer names is done; one that nobody waits for any more is cancelled, and nobody waits for
 * that.
 * @returns The last answer, which says that it is done.
 * @throws ImageToImageError `remote-failed` for a job that failed; else what the transport throws.
 */
export async function awaitJob(call: SubmittedCall, job: Job): Promise<HostedAnswer> {
  const { answer, state } = await untilEnded(call, job).catch((caught: unknown) => {
    cancelJob(call, job);
    throw caught;
  });
  if (state.kind === 'failed') throw jobFailed(call, state);
  return answer;
}

async function untilEnded(
  call: SubmittedCall,
  job: Job,
): Promise<{ readonly answer: HostedAnswer; readonly state: JobState }> {
  let { answer } = call;
  let told = '';
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * WAIT_GROWTH)) {
    const state = job.stateOf(readJson(answer.bytes));
    if (state.kind === 'done' || state.kind === 'failed') return { answer, state };
    if (state.kind === 'unreadable' || job.statusUrl === undefined) throw unreadable(call);
    const news = JSON.stringify(state);
    if (news !== told) call.onEvent(eventOf(state));
    told = news;
    await call.transport.wait(waitMs);
    answer = await ask(call, job.statusUrl);
  }
}

function eventOf(state: Extract<JobState, { kind: 'queued' | 'running' }>): HostedEvent {
  const { kind: type, ...more } = state;
  return { type, ...more };
}

/** Gets what the provider has on the job; it may hold a picture. */
export function ask({ answerer, scheme, transport, maxBytes }: SubmittedCall, url: string): Promise<HostedAnswer> {
  return transport.send({
    step: 'poll',
    method: 'GET',
    url,
    provider: answerer,
    scheme,
    maxBytes: maxJsonBytes(maxBytes),
  });
}

function cancelJob({ answerer, scheme, transport }: SubmittedCall, { cancel }: Job): void {
  if (!cancel) return;
  // The call has failed for another reason, which is told at once; whether the provider heeds this changes nothing.
  transport.send({ step: 'cancel', ...cancel, provider: answerer, scheme, maxBytes: 65_536 }).catch(() => {});
}

function jobFailed(
  { answerer, transport }: SubmittedCall,
  { status, said, httpStatus }: Extract<JobState, { kind: 'failed' }>,
): ImageToImageError {
  return transport.failure({
    kind: httpStatus === undefined ? 'provider-error' : kindOfStatus(httpStatus, said),
    step: 'poll',
    provider: answerer,
    status: httpStatus,
    what: `ended the job without a picture (${status})`,
    said,
  });
}

/** The error for an answer that is not what the provider's interface says. */
export function unreadable({ answerer, transport }: SubmittedCall): ImageToImageError {
  return transport.failure({
    kind: 'bad-answer',
    step: 'poll',
    provider: answerer,
    what: 'answered something that is neither a job nor a picture',
  });
}

/**
 * An address that a provider's answer names, at the origin that the picture went to: the router passes jobs on like pictures, and
 * a token goes to no other host.
 * @param prefix Path of the provider on the router.
 */
export function rebaseUrl(address: string | undefined, submitUrl: string, prefix: string): string | undefined {
  if (address === undefined || !URL.canParse(address, submitUrl)) return undefined;
  const named = new URL(address, submitUrl);
  const { origin, host } = new URL(submitUrl);
  if (named.origin === origin) return named.href;
  return `${origin}${host === 'router.huggingface.co' ? prefix : ''}${named.pathname}${named.search}`;
}
