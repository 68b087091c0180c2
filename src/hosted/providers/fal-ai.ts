import { ask, awaitJob, type JobState, rebaseUrl, unreadable } from './job.js';
import { readJson, textAt, valueAt } from './read-answer.js';
import { receivePicture } from './receive-picture.js';
import type { SubmittedCall } from './submitted-call.js';

/**
 * fal's queue: the job is asked for, its result fetched, the picture downloaded. The addresses come from fal's answers, for a job
 * may be at another path than its model. Source: https://docs.fal.ai/model-apis/model-endpoints/queue
 */
export async function collectFromFal(call: SubmittedCall): Promise<Blob> {
  const submitted = readJson(call.answer.bytes);
  const responseUrl = textAt(submitted, 'response_url');
  const resultUrl = queueUrl(call, responseUrl);
  if (responseUrl === undefined || resultUrl === undefined) throw unreadable(call);
  const cancelUrl = queueUrl(call, textAt(submitted, 'cancel_url') ?? below(responseUrl, 'cancel'));
  await awaitJob(call, {
    statusUrl: queueUrl(call, textAt(submitted, 'status_url') ?? below(responseUrl, 'status')),
    cancel: cancelUrl === undefined ? undefined : { method: 'PUT', url: cancelUrl },
    stateOf,
  });
  return receivePicture(call, await ask(call, resultUrl), 'poll');
}

function stateOf(body: unknown): JobState {
  const status = textAt(body, 'status');
  switch (status) {
    case undefined:
      return { kind: 'unreadable' };
    case 'COMPLETED':
      return { kind: 'done' };
    case 'FAILED':
    case 'ERROR':
    case 'CANCELLED':
      return { kind: 'failed', status, said: textAt(body, 'error') ?? textAt(body, 'detail') };
    case 'IN_QUEUE': {
      const position = valueAt(body, 'queue_position');
      return typeof position === 'number' ? { kind: 'queued', position } : { kind: 'queued' };
    }
    // IN_PROGRESS, and whatever fal may add: the deadline ends it.
    default:
      return { kind: 'running' };
  }
}

/** Keeps what tells the router that the queue is meant. */
function queueUrl(call: SubmittedCall, address: string | undefined): string | undefined {
  const rebased = rebaseUrl(address, call.url, '/fal-ai');
  const subdomain = new URL(call.url).searchParams.get('_subdomain');
  if (rebased === undefined || subdomain === null) return rebased;
  const url = new URL(rebased);
  url.searchParams.set('_subdomain', subdomain);
  return url.href;
}

function below(address: string, name: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.pathname += `/${name}`;
  return url.href;
}
