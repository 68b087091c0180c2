import type { ConsentRequest, ImageToImageArgs } from 'tintype';
import { failureTitle } from '../failure-titles.js';
import { bytesInWords, counted, lowered, sizeInWords } from '../words.js';
import type { HostingWish } from './hosting-choices.js';
import { providerName } from './provider-words.js';
import type { Sent } from './traffic.js';

/** The line beside the page's name: what happens to pictures here. */
export function promiseInWords(wish: HostingWish | undefined): string {
  if (wish === undefined) return 'Better pictures, made in this page. Nothing is uploaded.';
  const { mode, recipient } = wish;
  return mode === 'local-first'
    ? `Better pictures, made in this page. Where that fails, ${recipient} is asked, if you agree.`
    : `Better pictures, made by ${recipient}. Each is sent only after you agreed.`;
}

/** What the page's policy allows, and what this page does with that. */
export function policyInWords(wish: HostingWish | undefined, isStrict: boolean): string {
  const place = 'The network runs in Web Workers of this page; the page';
  const allowed = isStrict
    ? `${place} is allowed to talk to its own server only`
    : `${place} is allowed to talk to its own server, to Hugging Face and to its providers`;
  const sends =
    wish === undefined ? `sends ${isStrict ? 'it' : 'them'} no picture` : 'sends no picture before you agreed';
  return `${allowed}, and ${sends}.`;
}

/** "0 requests to services, 0 bytes left this page." */
export function trafficInWords({ requests, bytes, hosts }: Sent): string {
  const whereto = hosts.length === 0 ? '' : `, to ${hosts.join(', ')}`;
  return `${counted(requests, 'request')} to services, ${bytesInWords(bytes)} left this page${whereto}.`;
}

/** What marks a result whose picture left the page; undefined for all others. */
export function badgeInWords({ hosts }: Sent, isMadeHere: boolean): string | undefined {
  if (hosts.length === 0) return undefined;
  return `Sent to ${hosts.join(', ')}${isMadeHere ? ', made here' : ''}`;
}

/** What the owner is shown before a picture leaves, line by line: name and value. */
export function consentInWords(
  request: ConsentRequest,
  args: ImageToImageArgs,
): readonly (readonly [string, string])[] {
  const { reason, hosts, provider, model, width, height, sizeBytes } = request;
  const along = parametersInWords(args);
  return [
    ['Why', reasonInWords(reason)],
    ['To', hosts.join(', ')],
    ['Who does it', providerInWords(provider)],
    ['Model', model === '' ? 'the one at that address' : model],
    ['Picture', `${sizeInWords({ width, height })} px, ${bytesInWords(sizeBytes)}`],
    ...(along === '' ? [] : [['With it', along] as const]),
    ['Token', args.accessToken === undefined ? 'none' : 'yours, to that host'],
  ];
}

function reasonInWords(reason: string): string {
  const title = failureTitle(reason);
  if (title !== undefined) return `This page could not do it: ${lowered(title)}.`;
  return 'You chose that a service does it.';
}

function providerInWords(provider: string): string {
  if (provider === 'auto') return 'the provider that Hugging Face names first for the model';
  return provider === 'endpoint' ? 'what answers at that address' : providerName(provider);
}

const PARAMETER_WORDS = [
  ['guidance_scale', 'guidance'],
  ['image_guidance_scale', 'image guidance'],
  ['num_inference_steps', 'steps'],
  ['strength', 'strength'],
  ['seed', 'seed'],
] as const;

function parametersInWords({ parameters = {} }: ImageToImageArgs): string {
  const { prompt, negative_prompt: negative, target_size: size, mask_image: mask } = parameters;
  const facts = [
    ...(prompt === undefined ? [] : [`“${prompt}”`]),
    ...(negative === undefined ? [] : [`not “${[negative].flat().join(', ')}”`]),
    ...PARAMETER_WORDS.flatMap(([name, words]) =>
      parameters[name] === undefined ? [] : [`${words} ${parameters[name]}`],
    ),
    ...(size === undefined ? [] : [`size ${sizeInWords(size)}`]),
    ...(mask === undefined ? [] : ['your mask']),
  ];
  return facts.join(', ');
}
