import { type Answer, json } from '../answer.js';
import type { Job, JobPhase, JobState } from '../jobs.js';
import { fromUrl } from '../picture.js';
import {
  type Call,
  fieldsOf,
  fileLink,
  firstPicture,
  type OwnKey,
  type Protocol,
  refuseToken,
  resultOf,
  type Site,
} from './protocol.js';

const WORDS: Readonly<Record<JobPhase, string>> = {
  queued: 'IN_QUEUE',
  running: 'IN_PROGRESS',
  completed: 'COMPLETED',
  failed: 'FAILED',
  canceled: 'CANCELLED',
};

const OWN_KEY: OwnKey = {
  pattern: /^Key \S+$/,
  body: { detail: 'Authentication is required to access this application.' },
};

const JOB_PATH = /^\/(.+?)\/requests\/([0-9a-f]+)(?:\/(status|cancel))?$/;

/**
 * The queue: `POST /{model}`, then of the URLs in the reply `GET status_url` (202 until it has ended), `GET response_url`,
 * `PUT cancel_url`. Their path has only the first two parts of the model id. Through the router the queue is chosen by
 * `?_subdomain=queue`; without it, and on fal.run, a submission is answered with the result at once.
 */
export const falAi: Protocol = {
  stageOf(_method, path) {
    const found = JOB_PATH.exec(path);
    if (found === null) return 'submit';
    if (found[3] === undefined) return 'result';
    return found[3] === 'status' ? 'poll' : 'cancel';
  },
  answer(call, site) {
    const refused = refuseToken(call, site, 'fal-ai', OWN_KEY);
    if (refused !== undefined) return refused;
    const isQueue = call.isRouted ? call.query.get('_subdomain') === 'queue' : call.host === 'queue.fal.run';
    const [isJobPath, , id, action] = JOB_PATH.exec(call.path) ?? [];
    if (isJobPath === undefined) return submit(call, site, isQueue);
    const job = isQueue ? site.jobs.find(id) : undefined;
    if (job === undefined) return json(404, { status: 'NOT_FOUND', detail: `Path ${call.path} not found` });
    if (action === 'cancel') return cancel(call, job);
    if (call.method !== 'GET') return json(405, { detail: 'Method Not Allowed' });
    return action === 'status' ? status(call, site, job) : result(site, job);
  },
};

function submit(call: Call, site: Site, isQueue: boolean): Answer {
  if (call.method !== 'POST') return json(405, { detail: 'Method Not Allowed' });
  const { image_url: one, image_urls: list } = fieldsOf(call);
  const upload = firstPicture([one, list], fromUrl);
  if (upload === undefined) {
    return json(422, { detail: [{ loc: ['body', 'image_url'], msg: 'Invalid image URL', type: 'value_error' }] });
  }
  const states = isQueue ? (site.settings.queues['fal-ai'] ?? ['queued', 'running', 'completed']) : [];
  const job = site.jobs.create(call.path.slice(1), resultOf(upload, site), states);
  return isQueue ? json(200, statusOf(call, site, job)) : result(site, job);
}

function status(call: Call, site: Site, job: Job): Answer {
  job.advance();
  const hasEnded = job.state.phase !== 'queued' && job.state.phase !== 'running';
  return json(hasEnded ? 200 : 202, statusOf(call, site, job));
}

function statusOf(call: Call, site: Site, job: Job): object {
  const { state } = job;
  const app = job.model.split('/').slice(0, 2).join('/');
  const response = site.link('queue.fal.run', `/${app}/requests/${job.id}`);
  return {
    status: state.status ?? WORDS[state.phase],
    request_id: job.id,
    response_url: response,
    status_url: `${response}/status`,
    cancel_url: `${response}/cancel`,
    logs: call.query.get('logs') === '1' ? logsOf(state) : null,
    metrics: {},
    ...(state.phase === 'queued' ? { queue_position: state.position ?? 0 } : {}),
    ...(state.phase === 'failed' ? { error: errorOf(state) } : {}),
  };
}

function result(site: Site, job: Job): Answer {
  const { picture, state } = job;
  if (state.phase === 'failed') {
    return json(422, { detail: [{ loc: ['body'], msg: errorOf(state), type: 'value_error' }] });
  }
  if (state.phase === 'canceled') return json(499, { detail: 'Request was cancelled' });
  if (state.phase !== 'completed') return json(400, { detail: 'Request is still in progress' });
  const url = fileLink(job, site, 'v3.fal.media', 'files');
  return json(200, {
    images: [{ url, content_type: picture.type, file_size: picture.bytes.length }],
    has_nsfw_concepts: [false],
  });
}

function cancel(call: Call, job: Job): Answer {
  if (call.method !== 'PUT') return json(405, { detail: 'Method Not Allowed' });
  return job.cancel() ? json(202, { status: 'CANCELLATION_REQUESTED' }) : json(400, { status: 'ALREADY_COMPLETED' });
}

function errorOf(state: JobState): string {
  return state.error ?? 'The model failed';
}

function logsOf({ logs = [] }: JobState): readonly object[] {
  return logs.map((message) => ({ message, level: 'INFO', source: 'USER', timestamp: new Date().toISOString() }));
}
