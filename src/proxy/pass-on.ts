import { readCapped } from '../hosted/read-capped.js';
import { answerWith, errorAnswer, ProxyRefusal } from './answers.js';

/** Of all that the router sends, what a client needs to wait and to report. */
const PASSED_HEADERS: readonly string[] = ['ratelimit', 'retry-after', 'x-request-id'];

const MAX_ERROR_BYTES = 65_536;

/** Pictures as base64 in JSON; they are read whole, so a server's memory is the measure. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Other words of a service that is no JSON are cut here, in characters. */
const MAX_ERROR_TEXT = 1000;

/**
 * Makes the proxy's answer of the router's. Pictures are streamed as they come; texts are read, so that none can carry
 * the token, whatever the router put into them.
 * @throws ProxyRefusal 502 for what is neither a picture nor an error; what the stream fails with.
 */
export async function passOn(response: Response, token: string, signal: AbortSignal): Promise<Response> {
  const { status } = response;
  // A redirect is not followed: the picture would be sent again, to whom nobody agreed to.
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw await dropped(response, 'with a redirect');
  }
  const headers = passedHeaders(response, token);
  if (!response.ok) return passOnError(response, headers, token, signal);
  const contentType = response.headers.get('content-type') ?? 'application/octet-stream';
  const essence = contentType.split(';', 1).join('').trim().toLowerCase();
  if (essence === 'application/json') {
    const text = await readText(response, MAX_JSON_BYTES, signal);
    if (text === undefined) throw new ProxyRefusal(502, `The hosted side answered with over ${MAX_JSON_BYTES} bytes.`);
    return answerWith(status, essence, withoutToken(text, token), headers);
  }
  // SVG is a program, and from here it would be the application's own.
  const isPicture = /^image\/[\w.+-]+$/.test(essence) && !essence.includes('svg');
  if (!response.body || !(isPicture || essence === 'application/octet-stream')) {
    throw await dropped(response, 'with something that is no picture');
  }
  return answerWith(status, essence, response.body, headers);
}

/** JSON stays as it is, for it may say how long a model will load; anything else is put into `error`. */
async function passOnError(
  response: Response,
  headers: Readonly<Record<string, string>>,
  token: string,
  signal: AbortSignal,
): Promise<Response> {
  const { status } = response;
  // An error cut short may end in half a token.
  const text = withoutToken((await readText(response, MAX_ERROR_BYTES, signal)) ?? '', token);
  if (isJson(text)) return answerWith(status, 'application/json', text, headers);
  const said = text.trim().slice(0, MAX_ERROR_TEXT);
  return errorAnswer(status, said === '' ? `The hosted side answered with status ${status}.` : said, headers);
}

/** Undefined for a text over the cap. */
async function readText(response: Response, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
  const read = await readCapped(response, { maxBytes, signal });
  if (read.kind === 'cut') throw new ProxyRefusal(502, "The hosted side's answer broke off.");
  return read.kind === 'whole' ? new TextDecoder().decode(read.bytes) : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function passedHeaders(response: Response, token: string): Readonly<Record<string, string>> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) passed[name] = withoutToken(value, token);
  }
  return passed;
}

function withoutToken(text: string, token: string): string {
  return text.replaceAll(token, '[token]');
}

async function dropped(response: Response, what: string): Promise<ProxyRefusal> {
  await response.body?.cancel().catch(() => {});
  return new ProxyRefusal(502, `The hosted side answered ${what} (status ${response.status}).`);
}
