import type { ImageToImageError } from '../contract/errors.js';
import type { Warning } from '../contract/report.js';
import { untilAborted } from '../until-aborted.js';
import { createTransport } from './create-transport.js';
import { hostsOf, isHuggingFace, isProviderKey } from './host-set.js';
import type { HostedCall, HostedResult, HostedRoute } from './hosted-call.js';
import { HUB_HOST, type MappedModel, mapModel } from './model-mapping.js';
import { buildSubmit, type Submit } from './providers/build-submit.js';
import { collectFromFal } from './providers/fal-ai.js';
import { type Answerer, ignoredParameters } from './providers/parameters.js';
import { isProviderName } from './providers/provider-name.js';
import { receivePicture } from './providers/receive-picture.js';
import { collectFromReplicate } from './providers/replicate.js';
import { maxJsonBytes, type SubmittedCall } from './providers/submitted-call.js';
import { collectFromWavespeed } from './providers/wavespeed.js';
import type { Transport } from './transport.js';

const DEFAULT_MAX_ANSWER_BYTES = 64 << 20;

/** How the result is had from each, once they have taken the picture. */
const COLLECT: Readonly<Record<Answerer, (call: SubmittedCall) => Promise<Blob>>> = {
  'hf-inference': collectFromAnswer,
  endpoint: collectFromAnswer,
  'fal-ai': collectFromFal,
  replicate: collectFromReplicate,
  wavespeed: collectFromWavespeed,
  together: collectFromAnswer,
};

/**
 * Sends a picture to the hosted side and gives back what comes of it. Asks nobody: consent is the caller's affair.
 * @throws ImageToImageError `remote-failed` or `deadline-exceeded` (phase `hosted`); the signal's own reason on abort; TypeError or
 * RangeError for an unknown provider, for `auto` with a provider's own key, and for what is no model id.
 */
export async function callHosted(call: HostedCall): Promise<HostedResult> {
  const { endpointUrl, options } = call;
  // Filled when the token has said where the call goes.
  const tokenHosts = new Set<string>();
  const transport = createTransport({
    ...options,
    token: call.accessToken,
    tokenHosts,
    secrets: promptsOf(call),
    onEvent: (event) => call.onEvent(event),
  });
  const token = await transport.peekToken();
  const hosts = hostsOf({ provider: call.provider, endpointUrl, token });
  for (const host of hosts) tokenHosts.add(host);
  if (endpointUrl === undefined && !isProviderKey(token)) tokenHosts.add(HUB_HOST);
  const mapped = endpointUrl === undefined ? await mapModelOf(call, token, transport) : undefined;
  const answerer: Answerer = mapped?.provider ?? 'endpoint';
  const submit = await untilAborted(options.signal, buildSubmit({ call, answerer, mapped, token }));
  const host = new URL(submit.url).host;
  if (!hosts.includes(host)) throw elsewhere(host, hosts, transport);
  const model = call.model ?? '';
  call.onRoute?.(routeOf({ provider: answerer, model, host }, transport));
  const blob = await submitAndCollect(call, answerer, submit, transport);
  return {
    blob,
    provider: answerer,
    model,
    host,
    attempts: transport.attempts,
    bytes: { down: transport.bytes.down, up: transport.bytes.up },
    warnings: warningsOf(call, answerer, mapped, submit.url),
  };
}

function routeOf(target: Pick<HostedRoute, 'provider' | 'model' | 'host'>, transport: Transport): HostedRoute {
  return {
    ...target,
    get attempts() {
      return transport.attempts;
    },
    get bytes() {
      return transport.bytes;
    },
  };
}

function promptsOf({ parameters }: HostedCall): readonly string[] {
  return [parameters?.prompt, parameters?.negative_prompt].filter((text) => typeof text === 'string');
}

function mapModelOf({ model, provider }: HostedCall, token: string, transport: Transport): Promise<MappedModel> {
  if (model === undefined) throw new TypeError('A hosted call without an endpointUrl needs a model.');
  // hostsOf has refused every other name.
  return mapModel({ model, provider: isProviderName(provider) ? provider : 'auto', token, transport });
}

async function submitAndCollect(
  { options, onEvent }: HostedCall,
  answerer: Answerer,
  { url, scheme, headers, body }: Submit,
  transport: Transport,
): Promise<Blob> {
  const maxBytes = options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES;
  onEvent({ type: 'uploading', sizeBytes: body.size, host: new URL(url).host });
  const answer = await transport.send({
    step: 'submit',
    method: 'POST',
    url,
    provider: answerer,
    scheme,
    headers,
    body,
    // A gateway of one's own, not a queue that has taken the job on.
    maxBytes: maxJsonBytes(maxBytes),
  });
  return COLLECT[answerer]({ answerer, url, scheme, answer, transport, maxBytes, onEvent });
}

function collectFromAnswer(call: SubmittedCall): Promise<Blob> {
  return receivePicture(call, call.answer, 'submit');
}

function elsewhere(host: string, hosts: readonly string[], transport: Transport): ImageToImageError {
  return transport.failure({
    kind: 'provider-error',
    step: 'submit',
    provider: host,
    what: `would have got the picture, but consent covers only ${hosts.join(', ')}; nothing was sent`,
    advice: 'Use a version of Tintype that knows where this provider is.',
  });
}

function warningsOf(
  { provider, parameters, mask, options }: HostedCall,
  answerer: Answerer,
  mapped: MappedModel | undefined,
  url: string,
): Warning[] {
  const warnings = ignoredParameters(answerer, { ...parameters, mask_image: mask });
  if (mapped?.isStaging) {
    warnings.push({
      code: 'provider-staging',
      name: 'provider',
      message: `The Hub still tests ${answerer} with this model${provider === 'auto' ? ', and names no other' : ''}.`,
    });
  }
  if (options.billTo && !isHuggingFace(url)) warnings.push(optionIgnored('billTo', answerer));
  if (answerer !== 'hf-inference' && answerer !== 'endpoint') {
    if (options.use_cache === false) warnings.push(optionIgnored('use_cache', answerer));
    if (options.wait_for_model === true) warnings.push(optionIgnored('wait_for_model', answerer));
  }
  return warnings;
}

function optionIgnored(name: string, answerer: Answerer): Warning {
  return { code: 'option-ignored', name, message: `${name} was not sent: ${answerer} has nothing like it.` };
}
