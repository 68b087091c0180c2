import { awaitJob, type JobState, rebaseUrl } from './job.js';
import { readJson, textAt, valueAt } from './read-answer.js';
import { receivePicture } from './receive-picture.js';
import type { SubmittedCall } from './submitted-call.js';

/**
 * Wavespeed's predictions: asked for, downloaded. There is no way to cancel one.
 * Source: https://wavespeed.ai/docs/get-result
 */
export async function collectFromWavespeed(call: SubmittedCall): Promise<Blob> {
  const submitted = readJson(call.answer.bytes);
  const statusUrl = rebaseUrl(textAt(submitted, 'data', 'urls', 'get'), call.url, '/wavespeed');
  return receivePicture(call, await awaitJob(call, { statusUrl, stateOf }), 'poll');
}

function stateOf(body: unknown): JobState {
  const code = valueAt(body, 'code');
  // An error may stand inside of an answer with status 200.
  if (typeof code === 'number' && code !== 200) {
    return { kind: 'failed', status: `code ${code}`, said: textAt(body, 'message'), httpStatus: code };
  }
  const status = textAt(body, 'data', 'status');
  switch (status) {
    // The answer to a submit may leave it out.
    case undefined:
      return { kind: textAt(body, 'data', 'urls', 'get') === undefined ? 'unreadable' : 'queued' };
    case 'completed':
      return { kind: 'done' };
    case 'failed':
      return { kind: 'failed', status, said: textAt(body, 'data', 'error') };
    case 'created':
      return { kind: 'queued' };
    // processing, and whatever Wavespeed may add: the deadline ends it.
    default:
      return { kind: 'running' };
  }
}
