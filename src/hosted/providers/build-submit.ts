import type { RequestArgs } from '@huggingface/inference';
import { ImageToImageError } from '../../contract/errors.js';
import { base64Parts } from '../base64-body.js';
import { isHuggingFace } from '../host-set.js';
import type { HostedCall } from '../hosted-call.js';
import type { MappedModel } from '../model-mapping.js';
import type { RequestAttempt, RequestHeaders } from '../transport.js';
import { type Answerer, wireParameters } from './parameters.js';
import { createStandIn, replaceStandIns, type StandIn } from './stand-in.js';

/** Those of one attempt. */
export type HeadersOf = (attempt: RequestAttempt) => RequestHeaders;

/** What is sent to a provider, and where. */
export interface Submit {
  readonly url: string;
  /** How the provider wants its token written. */
  readonly scheme: 'Bearer' | 'Key';
  /** Without the token. */
  readonly headers: HeadersOf;
  readonly body: Blob;
}

/** A call whose provider and model are known. */
export interface SubmitQuestion {
  readonly call: Pick<HostedCall, 'picture' | 'mask' | 'parameters' | 'endpointUrl' | 'options'>;
  readonly answerer: Answerer;
  /** Undefined with an `endpointUrl`. */
  readonly mapped: MappedModel | undefined;
  readonly token: string | undefined;
}

/**
 * The request as `@huggingface/inference` would make it, with the differences that build-submit.test.ts lists. The client comes
 * with the first hosted call, and makes no request itself.
 */
export async function buildSubmit(question: SubmitQuestion): Promise<Submit> {
  const { call, answerer, mapped, token } = question;
  const { picture, mask, endpointUrl } = call;
  const standIn = createStandIn(picture.type);
  const maskStandIn = mask && createStandIn(mask.type);
  const official = await importOfficial();
  const helper = official.getProviderHelper(answerer === 'endpoint' ? 'hf-inference' : answerer, 'image-to-image');
  const parameters = sentParameters(question, maskStandIn);
  const payload = await helper.preparePayloadAsync({ inputs: standIn.blob, ...(parameters ? { parameters } : {}) });
  const { url, info } = official.makeRequestOptionsFromResolvedModel(
    mapped?.providerId ?? endpointUrl ?? '',
    helper,
    { ...payload, ...(token ? { accessToken: token } : {}), ...(endpointUrl ? { endpointUrl } : {}) } as RequestArgs,
    mapped?.entry,
    { task: 'image-to-image' },
  );
  const isRaw = typeof info.body !== 'string';
  const headers = info.headers as RequestHeaders;
  return {
    url,
    scheme: headers.Authorization?.startsWith('Key ') ? 'Key' : 'Bearer',
    headers: headersOf(question, url, headers, isRaw),
    body: isRaw
      ? picture
      : await jsonBody(
          info.body as string,
          call.options.signal,
          [standIn, picture],
          maskStandIn && [maskStandIn, mask],
        ),
  };
}

/** Undefined only where the caller passed nothing at all: Hugging Face takes that as raw bytes. */
function sentParameters(
  { call, answerer }: SubmitQuestion,
  mask: StandIn | undefined,
): Record<string, unknown> | undefined {
  if (call.parameters === undefined && mask === undefined) return undefined;
  return wireParameters(answerer, { ...call.parameters, mask_image: mask?.base64 }, call.mask?.type ?? '');
}

async function jsonBody(
  json: string,
  signal: AbortSignal | undefined,
  ...pictures: readonly (readonly [StandIn, Blob] | undefined)[]
): Promise<Blob> {
  const texts = new Map<string, Blob>();
  for (const pair of pictures) if (pair) texts.set(pair[0].base64, await base64Parts(pair[1], signal));
  return replaceStandIns(json, texts);
}

function headersOf(
  { call, answerer }: SubmitQuestion,
  url: string,
  official: RequestHeaders,
  isRaw: boolean,
): HeadersOf {
  // The token is the transport's to write. Firefox asks leave for a User-Agent in the preflight, and is refused.
  const { 'User-Agent': _, Authorization: __, ...rest } = official;
  const headers: Record<string, string> = rest;
  if (isRaw) headers['Content-Type'] = call.picture.type;
  const { billTo, use_cache, wait_for_model } = call.options;
  if (billTo && isHuggingFace(url)) headers['X-HF-Bill-To'] = billTo;
  if (answerer !== 'hf-inference' && answerer !== 'endpoint') return () => headers;
  // Exactly this: dedicated endpoints look the value up as it stands, and answer JSON without it.
  headers.Accept = 'image/png';
  if (use_cache === false) headers['x-use-cache'] = 'false';
  // At first only on request: a header more may fail the preflight, and a loading model is worth an event.
  return ({ previousStatus }) =>
    wait_for_model === true || previousStatus === 503 ? { ...headers, 'x-wait-for-model': 'true' } : headers;
}

async function importOfficial(): Promise<typeof import('@huggingface/inference')> {
  try {
    return await import('@huggingface/inference');
  } catch (caught) {
    throw new ImageToImageError({
      code: 'remote-failed',
      phase: 'download',
      message:
        'The part of Tintype that builds hosted requests could not be fetched. Check that the page is online and its script files are all served, then call again. Nothing was sent.',
      cause: String(caught),
    });
  }
}
