import { errorAnswer, ProxyRefusal } from './answers.js';
import { startDeadline } from './deadline.js';
import { checkOptions, type HostedProxy, type HostedProxyOptions, type ProxySettings } from './options.js';
import { judgeOrigin, mergeHeaders, preflightAnswer } from './origin.js';
import { passOn } from './pass-on.js';
import { forwardedHeaders, readBody, readFacts, readModel } from './read-request.js';

const UPSTREAM = 'https://router.huggingface.co/hf-inference/models/';

/** Nginx's word for a client that went away; nobody reads it. */
const CLIENT_GONE = 499;

/**
 * Makes a handler for an application's server, so that its page names `endpointUrl: '/api/hf/models/owner/name'` and
 * holds no token. A POST to a path that ends in `/models/{id}`, with raw bytes of a picture or JSON, goes to Hugging
 * Face's own inference with the server's token. Of the browser's headers only `accept`, `content-type`, `x-use-cache`
 * and `x-wait-for-model` are forwarded; of the answer's, status, `content-type`, `retry-after`, `x-request-id` and
 * `ratelimit`. Redirects are never followed.
 * @throws TypeError or RangeError for options that cannot be meant.
 */
export function createHostedProxy(options: HostedProxyOptions): HostedProxy {
  const settings = checkOptions(options);
  return async (request) => {
    const origin = judgeOrigin(request, settings.origins);
    if (!origin.isAllowed) return errorAnswer(403, 'Pages of this origin are not served here.', origin.headers);
    const deadline = startDeadline(request, settings.timeoutMs);
    const answered = await answer(request, settings, deadline.signal);
    const body = deadline.endWith(answered.body);
    return new Response(body, {
      status: answered.status,
      statusText: answered.statusText,
      headers: mergeHeaders(answered.headers, origin.headers),
    });
  };
}

async function answer(request: Request, settings: ProxySettings, end: AbortSignal): Promise<Response> {
  // What failed if nothing says more: the application's hooks, the client's upload, the hosted side.
  let step: 'check' | 'upload' | 'ask' = 'check';
  try {
    const model = readModel(new URL(request.url).pathname);
    if (model === undefined)
      throw new ProxyRefusal(404, 'No model is named. Send a POST to a path like models/owner/name.');
    if (request.method === 'OPTIONS') return preflightAnswer();
    const facts = readFacts(request, model, settings.maxBodyBytes);
    const verdict = await settings.authorize(request);
    // A copy: one that was read already fails here.
    if (verdict instanceof Response) return new Response(verdict.body, verdict);
    if (verdict !== true) throw new ProxyRefusal(401, 'This application does not know you. Sign in and try again.');
    if (!(await settings.mayAsk(facts))) throw new ProxyRefusal(403, `This application does not offer ${model}.`);
    if (request.bodyUsed) throw new TypeError('authorize has read the body of the request. Let it read a clone.');
    step = 'upload';
    const body = await readBody(request, settings.maxBodyBytes, end);
    step = 'check';
    const token = await settings.readToken();
    step = 'ask';
    end.throwIfAborted();
    const { fetch } = settings;
    const headers = forwardedHeaders(request, token);
    // `manual`, for edge runtimes have no `error` (workerd refuses it); passOn does the refusing.
    const asked = await fetch(UPSTREAM + model, { method: 'POST', headers, body, redirect: 'manual', signal: end });
    return await passOn(asked, token, end);
  } catch (caught) {
    if (caught instanceof ProxyRefusal) return errorAnswer(caught.status, caught.message, caught.headers);
    if (request.signal.aborted) return errorAnswer(CLIENT_GONE, 'The request was ended by its sender.');
    if (step === 'upload') {
      return end.aborted ? errorAnswer(408, 'The upload took too long.') : errorAnswer(400, 'The upload broke off.');
    }
    settings.onError(caught);
    if (step === 'check') return errorAnswer(500, "The application's server failed.");
    return end.aborted
      ? errorAnswer(504, 'The hosted side took too long.')
      : errorAnswer(502, 'The hosted side could not be reached.');
  }
}
