import { type Answer, json } from '../answer.js';
import { fromBase64, fromBytes, type Picture } from '../picture.js';
import { type Call, fieldsOf, type Protocol, refuseToken, resultOf } from './protocol.js';

/**
 * A dedicated endpoint that runs huggingface-inference-toolkit. It wants to know the type of the body and answers in the
 * form that `Accept` asks for: a bare JSON string of base64 for anything or nothing, bytes for exactly one image type.
 */
export const endpoint: Protocol = {
  stageOf: () => 'submit',
  answer(call, site) {
    const refused = refuseToken(call, site, 'endpoint');
    if (refused !== undefined) return refused;
    if (call.method !== 'POST') return json(405, { error: 'Method Not Allowed' });
    const upload = readUpload(call);
    return 'status' in upload ? upload : inAcceptedForm(call.headers.accept, resultOf(upload, site));
  },
};

function readUpload(call: Call): Picture | Answer {
  const type = call.headers['content-type'] ?? '';
  if (type === '') return json(400, { error: 'No content type provided' });
  if (/^application\/json\b/.test(type)) {
    return fromBase64(fieldsOf(call).inputs) ?? json(400, { error: 'inputs is not the base64 of an image' });
  }
  if (!type.startsWith('image/')) return json(400, { error: `Content type "${type}" not supported` });
  return fromBytes(call.body) ?? json(400, { error: 'cannot identify image file' });
}

function inAcceptedForm(accept: string | undefined, { bytes, type }: Picture): Answer {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') {
    return json(200, Buffer.from(bytes).toString('base64'));
  }
  // The toolkit looks the value up as it is, so that a list fits nothing. It would also convert; the fake sends what it has.
  if (/^image\/\w+$/.test(accept)) return { status: 200, headers: { 'content-type': type }, bytes };
  return json(400, { error: `Accept type "${accept}" not supported` });
}
