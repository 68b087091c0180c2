import { type Answer, json } from '../answer.js';
import { fromUrl } from '../picture.js';
import { fieldsOf, fileLink, firstPicture, type OwnKey, type Protocol, refuseToken, resultOf } from './protocol.js';

const OWN_KEY: OwnKey = {
  pattern: /^Bearer (?!hf_|undefined$)\S+$/,
  body: error('Invalid API key provided', 'invalid_api_key'),
};

/** `POST /v1/images/generations`: base64 in JSON if `response_format` is `base64`, else a link. */
export const together: Protocol = {
  stageOf: () => 'submit',
  answer(call, site) {
    const refused = refuseToken(call, site, 'together', OWN_KEY);
    if (refused !== undefined) return refused;
    if (call.method !== 'POST' || call.path !== '/v1/images/generations') return json(404, error('Not found', null));
    const { model, prompt, image_url: one, reference_images: list, response_format: format } = fieldsOf(call);
    if (typeof model !== 'string') return invalid('model is required');
    if (typeof prompt !== 'string') return invalid('prompt is required');
    const upload = firstPicture([one, list], fromUrl);
    if (upload === undefined) return invalid('image_url or reference_images is required');
    const job = site.jobs.create(model, resultOf(upload, site), []);
    const content =
      format === 'base64'
        ? { b64_json: Buffer.from(job.picture.bytes).toString('base64') }
        : { url: fileLink(job, site, 'api.together.ai', 'shrt') };
    return json(200, { id: job.id, model, object: 'list', data: [{ index: 0, ...content }] });
  },
};

function invalid(message: string): Answer {
  return json(400, error(message, 'invalid_request'));
}

function error(message: string, code: string | null): object {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}
