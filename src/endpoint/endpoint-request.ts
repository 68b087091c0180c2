import { ImageToImageError } from '../contract/errors.js';
import { bytesOfBase64 } from './base64.js';

/** What a request to the hosted API says. */
export interface EndpointRequest {
  /** The picture's file. */
  readonly picture: Uint8Array<ArrayBuffer>;
  /** As sent, without those that are null; undefined where there are none. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** Undefined where the request does not say. */
  readonly usesCache: boolean | undefined;
  /** Undefined where the request does not say. */
  readonly waitsForModel: boolean | undefined;
}

/**
 * Reads both forms of a request: JSON `{ inputs, parameters?, options? }` with base64 `inputs`, or the picture's bytes. The bytes tell
 * which, for the Content-Type of raw pictures is often odd or missing. `options` in the body is the oldest form of the `x-` headers.
 * @throws ImageToImageError `invalid-input`
 */
export async function readEndpointRequest(request: Request): Promise<EndpointRequest> {
  const { headers } = request;
  const bytes = new Uint8Array(await request.arrayBuffer());
  const saysJson = /^application\/(?:[^;]*\+)?json\b/i.test(headers.get('content-type') ?? '');
  const body = saysJson || looksLikeJson(bytes) ? parse(bytes) : undefined;
  const options = optionalObject(body?.options, 'options') ?? {};
  return {
    picture: body ? pictureOf(body.inputs) : bytes,
    parameters: parametersOf(body?.parameters),
    usesCache: flagOf(headers.get('x-use-cache')) ?? flagOf(options.use_cache),
    waitsForModel: flagOf(headers.get('x-wait-for-model')) ?? flagOf(options.wait_for_model),
  };
}

/** No picture's file begins with a brace. */
function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b;
}

function parse(bytes: Uint8Array<ArrayBuffer>): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw badRequest('The body is not valid JSON. Send JSON with `inputs`, or the bytes of a picture.');
  }
  const object = optionalObject(body, 'The body');
  if (object === undefined) throw badRequest('The body is null. Send JSON with `inputs`, or the bytes of a picture.');
  return object;
}

function pictureOf(inputs: unknown): Uint8Array<ArrayBuffer> {
  if (typeof inputs === 'string' && inputs !== '') return bytesOfBase64(inputs, 'inputs');
  throw badRequest('`inputs` is missing: send the picture as a base64 text.');
}

/** What Python clients leave out they may send as null; a seed of -1 is how many of them ask for a random one. */
function parametersOf(sent: unknown): Readonly<Record<string, unknown>> | undefined {
  const parameters = optionalObject(sent, 'parameters');
  if (parameters === undefined) return undefined;
  const isMeant = ([name, value]: readonly [string, unknown]): boolean =>
    value !== null && !(name === 'seed' && value === -1);
  return Object.fromEntries(Object.entries(parameters).filter(isMeant));
}

function optionalObject(value: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw badRequest(`${name} must be a JSON object.`);
}

function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

function badRequest(message: string): ImageToImageError {
  return new ImageToImageError({ code: 'invalid-input', phase: 'validate', message });
}
