import { awaitJob, type JobState, rebaseUrl } from './job.js';
import { readJson, textAt, valueAt } from './read-answer.js';
import { receivePicture } from './receive-picture.js';
import type { SubmittedCall } from './submitted-call.js';

/**
 * Replicate answers within its 60 seconds (`Prefer: wait`), or with a prediction that still runs and is asked for.
 * Source: https://replicate.com/docs/topics/predictions/lifecycle
 */
export async function collectFromReplicate(call: SubmittedCall): Promise<Blob> {
  const submitted = readJson(call.answer.bytes);
  const cancelUrl = rebaseUrl(textAt(submitted, 'urls', 'cancel'), call.url, '/replicate');
  const prediction = await awaitJob(call, {
    statusUrl: rebaseUrl(textAt(submitted, 'urls', 'get'), call.url, '/replicate'),
    cancel: cancelUrl === undefined ? undefined : { method: 'POST', url: cancelUrl },
    stateOf,
  });
  return receivePicture(call, prediction, 'poll');
}

function stateOf(body: unknown): JobState {
  const status = textAt(body, 'status');
  switch (status) {
    // The official client looks at the output alone.
    case undefined:
      return { kind: valueAt(body, 'output') ? 'done' : 'unreadable' };
    case 'succeeded':
      return { kind: 'done' };
    case 'failed':
    case 'canceled':
    case 'aborted':
      return { kind: 'failed', status, said: textAt(body, 'error') };
    case 'starting':
      return { kind: 'queued' };
    // processing, and whatever Replicate may add: the deadline ends it.
    default:
      return { kind: 'running' };
  }
}
