import { type Answer, json } from '../answer.js';
import type { Job, JobPhase } from '../jobs.js';
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
  queued: 'starting',
  running: 'processing',
  completed: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
};

const OWN_KEY: OwnKey = {
  pattern: /^(Bearer|Token) (?!hf_|undefined$)\S+$/,
  body: { title: 'Unauthenticated', detail: 'You did not pass an authentication token', status: 401 },
};

const JOB_PATH = /^\/v1\/predictions\/([0-9a-f]+)(\/cancel)?$/;

/**
 * `POST /v1/models/{owner}/{name}/predictions`, or `/v1/predictions` with a `version`; then `GET urls.get` and
 * `POST urls.cancel`. With `Prefer: wait` the submission is answered when the job has ended or after a minute (here: by
 * the first scripted state, at once), else with `starting`.
 */
export const replicate: Protocol = {
  stageOf(_method, path) {
    const found = JOB_PATH.exec(path);
    if (found === null) return 'submit';
    return found[2] === undefined ? 'poll' : 'cancel';
  },
  answer(call, site) {
    const refused = refuseToken(call, site, 'replicate', OWN_KEY);
    if (refused !== undefined) return refused;
    const [isJobPath, id, cancel] = JOB_PATH.exec(call.path) ?? [];
    if (isJobPath === undefined) return submit(call, site);
    const job = site.jobs.find(id);
    if (job === undefined || call.method !== (cancel === undefined ? 'GET' : 'POST')) return notFound();
    if (cancel === undefined) job.advance();
    else job.cancel();
    return json(200, predictionOf(site, job));
  },
};

function submit(call: Call, site: Site): Answer {
  const model = /^\/v1\/models\/([^/]+\/[^/]+)\/predictions$/.exec(call.path)?.[1];
  if (call.method !== 'POST' || (model === undefined && call.path !== '/v1/predictions')) return notFound();
  const { input, version } = fieldsOf(call);
  const id = model ?? version;
  if (typeof id !== 'string') return invalid('- version is required');
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  // Each model has its own name for the picture.
  const upload = firstPicture([fields.image, fields.images, fields.input_image, fields.input_images], fromUrl);
  if (upload === undefined) return invalid('- input: image is required');
  const states = site.settings.queues.replicate ?? ['completed'];
  const waits = /^wait\b/.test(call.headers.prefer ?? '');
  const job = site.jobs.create(id, resultOf(upload, site), waits ? states : ['queued', ...states]);
  return json(201, predictionOf(site, job));
}

function predictionOf(site: Site, job: Job): object {
  const { state } = job;
  const self = site.link('api.replicate.com', `/v1/predictions/${job.id}`);
  return {
    id: job.id,
    model: job.model,
    input: {},
    logs: (state.logs ?? []).join('\n'),
    output: state.phase === 'completed' ? [fileLink(job, site, 'replicate.delivery', 'xezq')] : null,
    data_removed: false,
    error: state.phase === 'failed' ? (state.error ?? 'Prediction failed') : null,
    status: state.status ?? WORDS[state.phase],
    urls: { get: self, cancel: `${self}/cancel`, web: `https://replicate.com/p/${job.id}` },
  };
}

function notFound(): Answer {
  return json(404, { title: 'Not found', detail: 'The requested resource could not be found.', status: 404 });
}

function invalid(detail: string): Answer {
  return json(422, { title: 'Input validation failed', detail, status: 422 });
}
