import { json } from '../answer.js';
import { fromBase64, fromBytes } from '../picture.js';
import { fieldsOf, type Protocol, refuseToken, resultOf } from './protocol.js';

/**
 * `POST /models/{id}`: raw picture bytes, or JSON with bare base64 in `inputs` and `parameters`; raw bytes back.
 * Unlike a dedicated endpoint it takes raw bytes of no declared type.
 */
export const hfInference: Protocol = {
  stageOf: () => 'submit',
  answer(call, site) {
    const refused = refuseToken(call, site, 'hf-inference');
    if (refused !== undefined) return refused;
    if (call.method !== 'POST' || !/^\/models\/.+/.test(call.path)) return json(404, { error: 'Not Found' });
    const isJson = /^application\/json\b/.test(call.headers['content-type'] ?? '');
    const upload = isJson ? fromBase64(fieldsOf(call).inputs) : fromBytes(call.body);
    if (upload === undefined) return json(400, { error: 'cannot identify image file' });
    const { type, bytes } = resultOf(upload, site);
    return { status: 200, headers: { 'content-type': type }, bytes };
  },
};
