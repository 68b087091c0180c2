import { type Answer, json } from '../answer.js';
import type { Job, JobPhase } from '../jobs.js';
import { fromBase64, fromUrl } from '../picture.js';
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

/** There is no documented way to cancel, so the word for it is only for tests of unknown ones. */
const WORDS: Readonly<Record<JobPhase, string>> = {
  queued: 'created',
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
  canceled: 'canceled',
};

const OWN_KEY: OwnKey = {
  pattern: /^Bearer (?!hf_|undefined$)\S+$/,
  body: { code: 401, message: 'Unauthorized: invalid API key' },
};

const JOB_PATH = /^\/api\/v3\/predictions\/([0-9a-f]+)(?:\/result)?$/;

/** `POST /api/v3/{model}`, then `GET data.urls.get`. Every answer is wrapped in `{ code, message, data }`. */
export const wavespeed: Protocol = {
  stageOf: (_method, path) => (JOB_PATH.test(path) ? 'poll' : 'submit'),
  answer(call, site) {
    const refused = refuseToken(call, site, 'wavespeed', OWN_KEY);
    if (refused !== undefined) return refused;
    const [isJobPath, id] = JOB_PATH.exec(call.path) ?? [];
    if (isJobPath === undefined) return submit(call, site);
    const job = site.jobs.find(id);
    if (job === undefined || call.method !== 'GET') return json(404, { code: 404, message: 'Not Found' });
    job.advance();
    return json(200, taskOf(site, job));
  },
};

function submit(call: Call, site: Site): Answer {
  const model = /^\/api\/v3\/(.+)$/.exec(call.path)?.[1];
  if (call.method !== 'POST' || model === undefined) return json(404, { code: 404, message: 'Not Found' });
  const { image, images } = fieldsOf(call);
  const upload = firstPicture([image, images], (value) => fromUrl(value) ?? fromBase64(value));
  if (upload === undefined) return json(400, { code: 400, message: 'property "image" is missing' });
  const states = site.settings.queues.wavespeed ?? ['queued', 'running', 'completed'];
  return json(200, taskOf(site, site.jobs.create(model, resultOf(upload, site), states)));
}

function taskOf(site: Site, job: Job): object {
  const { state } = job;
  return {
    code: 200,
    message: 'success',
    data: {
      id: job.id,
      model: job.model,
      outputs: state.phase === 'completed' ? [fileLink(job, site, 'cdn.wavespeed.ai', 'generated')] : [],
      urls: { get: site.link('api.wavespeed.ai', `/api/v3/predictions/${job.id}`) },
      has_nsfw_contents: [],
      status: state.status ?? WORDS[state.phase],
      error: state.phase === 'failed' ? (state.error ?? 'Task failed') : '',
      executionTime: 0,
      timings: { inference: 0 },
    },
  };
}
