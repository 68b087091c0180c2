// Fetched with the first call that leaves the page, after its owner has agreed or to ask them.
import { ImageToImageError } from '../contract/errors.js';
import type { ImageToImageArgs, ImageToImageParameters } from '../contract/parameters.js';
import type { ProgressEvent } from '../contract/progress.js';
import { joinNegative } from '../negative-prompt.js';
import type { ConsentRequest, ImageToImageOptions } from '../options.js';
import { toTransferable } from '../picture-input.js';
import type { ReportDraft } from '../report-draft.js';
import { callHosted } from './call-hosted.js';
import { hostsOf, isHuggingFace } from './host-set.js';
import type { AccessToken, HostedEvent } from './hosted-call.js';
import { prepareUpload } from './prepare-upload.js';
import { remoteFailed } from './remote-error.js';
import { describeCaught } from './request-attempt.js';
import { createTokenSource } from './token.js';
import { warnOfToken } from './token-warning.js';

/** A call that is to go to the hosted side. */
export interface HostedRun {
  readonly args: ImageToImageArgs;
  readonly options: ImageToImageOptions;
  /** Of the client; a call's own wins. */
  readonly accessToken: AccessToken | undefined;
  /** Id on the hosted side; undefined where nothing is known of one. */
  readonly model: string | undefined;
  /** Why it goes there: a code of the page's error, or the decision's reason. */
  readonly reason: string;
  /** The page's error itself, where one brought the call here. */
  readonly cause: unknown;
  readonly draft: ReportDraft;
  tell(event: ProgressEvent): void;
}

/**
 * Asks the owner, then the hosted side.
 * @throws ImageToImageError `consent-required` before any request; `remote-failed` or `deadline-exceeded` after.
 */
export async function runHosted(run: HostedRun): Promise<Blob> {
  const { args, options, model, draft } = run;
  const target = targetOf(args, options);
  if (target.endpointUrl === undefined && model === undefined) throw noHostedModel(args.model);
  const given = args.accessToken ?? forEndpoint(run.accessToken, target.endpointUrl);
  // Nobody could agree: nothing is read, and no token is asked for.
  if (options.consent === undefined) throw noConsent(run.reason, likelyHost(target, given), false, run.cause);
  const tokens = createTokenSource(given, tokenFailed);
  const parameters = hostedParameters(args.parameters);
  const picture = await prepareUpload(await toTransferable(args.inputs), options.hosted?.maxUploadPixels);
  const maskInput = args.parameters?.mask_image;
  const mask = maskInput === undefined ? undefined : await prepareUpload(await toTransferable(maskInput), undefined);
  const token = await tokens.peek();
  const hosts = hostsOf({ ...target, token });
  await askConsent(
    options.consent,
    {
      reason: run.reason,
      host: hosts[0] ?? '',
      hosts,
      provider: target.endpointUrl === undefined ? target.provider : 'endpoint',
      model: model ?? '',
      sizeBytes: picture.blob.size + (mask?.blob.size ?? 0),
      width: picture.width,
      height: picture.height,
    },
    run.cause,
  );
  options.signal?.throwIfAborted();
  if (options.hosted?.warnsOfToken !== false) warnOfToken(token);
  draft.sent();
  const { signal, retry_on_error, includeCredentials, billTo, use_cache, wait_for_model } = options;
  const result = await callHosted({
    picture: picture.blob,
    mask: mask?.blob,
    model,
    ...target,
    // The one that was looked at above is the first attempt's.
    accessToken: async () => sameHosts(await tokens.next(), target, hosts),
    parameters,
    options: {
      fetch: options.fetch,
      signal,
      retry_on_error,
      includeCredentials,
      billTo,
      use_cache,
      wait_for_model,
      timeoutMs: options.hosted?.timeoutMs,
      maxAnswerBytes: options.hosted?.maxAnswerBytes,
    },
    onEvent: (event) => run.tell(progressOf(event)),
    onRoute: (route) => draft.routed(route),
  });
  draft.answered(result, picture);
  return result.blob;
}

function targetOf(
  { provider, endpointUrl }: ImageToImageArgs,
  { hosted = {} }: ImageToImageOptions,
): { readonly provider: string; readonly endpointUrl: string | undefined } {
  // What the call itself says is one answer: a provider of its own is not sent to the client's endpoint.
  const own = provider !== undefined || endpointUrl !== undefined;
  const url = own ? endpointUrl : hosted.endpointUrl;
  return {
    provider: (own ? provider : hosted.provider) ?? 'auto',
    endpointUrl: url === undefined ? undefined : new URL(url, globalThis.location?.href).href,
  };
}

function hostedParameters(
  parameters: ImageToImageParameters | undefined,
): Omit<ImageToImageParameters, 'mask_image'> | undefined {
  if (parameters === undefined) return undefined;
  const { mask_image: _, negative_prompt, ...rest } = parameters;
  return negative_prompt === undefined ? rest : { ...rest, negative_prompt: joinNegative(negative_prompt) };
}

function tokenFailed(caught: unknown): ImageToImageError {
  return remoteFailed({
    kind: 'auth',
    step: 'submit',
    provider: 'The hosted side',
    what: 'was not asked: the accessToken function failed',
    advice: 'See the cause.',
    cause: describeCaught(caught),
  });
}

/** The client's Hugging Face token is not for an endpoint of somebody else's; one that the call itself gives is. */
function forEndpoint(accessToken: AccessToken | undefined, endpointUrl: string | undefined): AccessToken | undefined {
  if (endpointUrl === undefined || isHuggingFace(endpointUrl) || accessToken === undefined) return accessToken;
  return async () => {
    const token = typeof accessToken === 'function' ? await accessToken() : accessToken;
    return /^hf_/.test(token.trim()) ? '' : token;
  };
}

/** The token, as long as it belongs to the hosts that were agreed to: one of another kind would send the picture elsewhere. */
function sameHosts(token: string, target: ReturnType<typeof targetOf>, agreed: readonly string[]): string {
  if (hostsOf({ ...target, token }).every((host) => agreed.includes(host))) return token;
  throw new ImageToImageError({
    code: 'consent-required',
    phase: 'hosted',
    message:
      'The access token belongs to another host than the one that was agreed to. Nothing was sent there. Call again, so that consent can be asked for it.',
  });
}

async function askConsent(
  consent: ImageToImageOptions['consent'],
  request: ConsentRequest,
  cause: unknown,
): Promise<void> {
  if (consent === true || (typeof consent === 'function' && (await consent(request)) === true)) return;
  throw noConsent(request.reason, request.host, true, cause);
}

/** Where the picture would have gone; a token that was never asked for counts as Hugging Face's. */
function likelyHost(target: ReturnType<typeof targetOf>, token: AccessToken | undefined): string {
  return hostsOf({ ...target, token: typeof token === 'function' ? undefined : token })[0] ?? '';
}

function noConsent(reason: string, host: string, asked: boolean, cause: unknown): ImageToImageError {
  return new ImageToImageError({
    code: 'consent-required',
    phase: 'hosted',
    message: asked
      ? `The call needs the hosted side (${reason}), and the picture's owner did not agree. No request was made.`
      : `The call needs the hosted side (${reason}), and nobody agreed that the picture may leave the page. No request was made. Pass consent, or mode: 'local-only'.`,
    details: { reason, host, asked },
    ...(cause === undefined ? {} : { cause: String(cause) }),
  });
}

function noHostedModel(model: string | undefined): ImageToImageError {
  return new ImageToImageError({
    code: 'remote-refused',
    phase: 'validate',
    message: `"${model ?? 'the default model'}" is a model of the page, and nothing says which hosted one stands for it. No request was made. Name a hosted model (args.model with aliases, or hosted: { model }), or an endpointUrl.`,
    details: { model: model ?? null },
  });
}

function progressOf(event: HostedEvent): ProgressEvent {
  const step = { done: 0, total: 1, unit: 'steps' } as const;
  switch (event.type) {
    case 'uploading':
      return { phase: 'upload', done: 0, total: event.sizeBytes, unit: 'bytes' };
    case 'queued':
      return { phase: 'queued', ...step, ...(event.position === undefined ? {} : { position: event.position }) };
    case 'running':
      return { phase: 'running', ...step };
    case 'loading-model':
      return {
        phase: 'loading-model',
        ...step,
        ...(event.estimatedMs === undefined ? {} : { remainingMs: event.estimatedMs }),
      };
    case 'retrying':
      return { phase: 'retrying', ...step, remainingMs: event.waitMs, attempt: event.attempt, reason: event.reason };
    case 'downloading':
      return { phase: 'download', done: event.receivedBytes, total: event.totalBytes ?? 0, unit: 'bytes' };
  }
}
