import { type ErrorCode, isImageToImageError } from '../contract/errors.js';

/**
 * HTTP status per error. 503 is not among them: it means "loading, ask again", and the official client asks again at once and without
 * end, so a failure must never carry it. 401 is not either: no token is read.
 */
const STATUSES: Readonly<Record<ErrorCode, number>> = {
  'invalid-input': 400,
  'unsupported-type': 400,
  'image-too-large': 413,
  'unsupported-parameter': 422,
  'environment-unsupported': 500,
  'runtime-unavailable': 500,
  // Of a model that there is: its files could not be fetched. One that is not there is 404.
  'model-unavailable': 502,
  'integrity-mismatch': 500,
  'out-of-memory': 500,
  'device-lost': 500,
  'inference-failed': 500,
  'worker-crashed': 500,
  'deadline-exceeded': 500,
  'remote-refused': 403,
  'consent-required': 403,
  'remote-failed': 502,
};

/** Whether a model is not there at all, unlike one whose files could not be fetched. */
function isUnknownModel(caught: unknown): boolean {
  return isImageToImageError(caught, 'model-unavailable') && caught.phase === 'validate';
}

/** What was caught, as the hosted API tells errors: `{ error }`; `code` beside it, where the error has one. */
export function errorAnswer(caught: unknown, advice = ''): Response {
  const error = caught instanceof Error ? caught.message : String(caught);
  if (!isImageToImageError(caught)) {
    // Misuse: a parameter of the wrong kind, or out of range.
    const isMisuse = caught instanceof TypeError || caught instanceof RangeError;
    return jsonAnswer(isMisuse ? 400 : 500, { error });
  }
  const { code } = caught;
  if (isUnknownModel(caught)) return jsonAnswer(404, { error: error + advice, code });
  return jsonAnswer(STATUSES[code], { error, code });
}

/** That a model is not there yet, in the hosted API's words. @param seconds Until it is, as far as one can tell. */
export function loadingAnswer(model: string, seconds: number): Response {
  const body = { error: `Model ${model} is currently loading`, estimated_time: seconds };
  return jsonAnswer(503, body, { 'retry-after': String(Math.ceil(seconds)) });
}

/** By which provider a model is served: this one. Keyed by provider, the form that old and new clients read. */
export function providersAnswer(model: string): Response {
  const entry = { hfModelId: model, providerId: model, status: 'live', task: 'image-to-image' };
  return jsonAnswer(200, { id: model, inferenceProviderMapping: { 'hf-inference': entry } });
}

/** For a method that a model's address does not have. */
export function methodAnswer(method: string): Response {
  return jsonAnswer(405, { error: `${method} is not answered here. Send a POST.` }, { allow: 'POST' });
}

/** The result's bytes. `x-compute-type` is the hosted API's header for what a result was computed on. */
export function pictureAnswer(picture: Blob, isFromCache: boolean): Response {
  const headers = { 'content-type': picture.type, ...(isFromCache ? { 'x-compute-type': 'cache' } : {}) };
  return new Response(picture, { headers });
}

function jsonAnswer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}
