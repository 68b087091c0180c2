import type { HostedSettings, Mode } from 'tintype';
import type { MayConnect } from './page-policy.js';
import { providerName } from './provider-words.js';

/** The panel's fields as they stand. */
export interface HostingChoices {
  readonly mode: Mode;
  readonly target: 'provider' | 'endpoint';
  /** `auto`, or a provider's name. */
  readonly provider: string;
  readonly model: string;
  /** Absolute, or relative to the page. */
  readonly endpoint: string;
  readonly token: string;
}

/** Something may leave the page, after the visitor has agreed. */
export interface HostingWish {
  readonly mode: Exclude<Mode, 'local-only'>;
  /** Who would get pictures, for people: "Hugging Face", "fal", a host. */
  readonly recipient: string;
  readonly token: string | undefined;
  readonly hosted: HostedSettings;
}

/** Why nothing can be sent yet. */
export interface MissingChoice {
  readonly words: string;
  /** The field to look at. */
  readonly field: 'provider' | 'model' | 'endpoint' | 'token';
  /** Whether another page is needed, whose policy allows more. */
  readonly needsOtherPage: boolean;
}

/** What the fields come to; `page` is the mode that never sends anything. */
export type HostingState =
  | { readonly kind: 'page' }
  | { readonly kind: 'unfinished'; readonly missing: MissingChoice }
  | { readonly kind: 'ready'; readonly wish: HostingWish };

/** Where the page is. */
export interface PageFacts {
  readonly address: string;
  readonly mayConnect: MayConnect;
}

const ROUTER = new URL('https://router.huggingface.co/');
/** As the library has it: an owner's name and a model's, or only that. */
const MODEL_ID = /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)?$/;

/** Reads the fields; whatever the library would refuse, or a service without a look at the picture, is refused here. */
export function readHosting(choices: HostingChoices, page: PageFacts): HostingState {
  const { mode } = choices;
  if (mode === 'local-only') return { kind: 'page' };
  const token = choices.token.trim();
  if (!/^[\x21-\x7e]*$/.test(token)) return missing('token', 'The token holds white space or letters of no token.');
  const found = choices.target === 'endpoint' ? endpointOf(choices, page) : providerOf(choices, token, page);
  if ('kind' in found) return found;
  // The library's own warning speaks to authors of pages that hold a token; this one is the visitor's, and the panel says what to use.
  const hosted = { ...found.hosted, warnsOfToken: false };
  return { kind: 'ready', wish: { mode, recipient: found.recipient, token: token || undefined, hosted } };
}

type Target = Pick<HostingWish, 'recipient' | 'hosted'>;

function providerOf({ provider, model }: HostingChoices, token: string, page: PageFacts): Target | HostingState {
  if (!page.mayConnect(ROUTER)) {
    return missing('provider', 'This page may talk to its own server only.', true);
  }
  const id = model.trim();
  if (id === '') return missing('model', 'Name the model that is to do it.');
  if (!MODEL_ID.test(id)) return missing('model', 'A model is named like owner/name.');
  if (token === '') return missing('token', 'No provider works without a token.');
  const isProviderKey = !token.startsWith('hf_');
  if (provider === 'auto' && isProviderKey) {
    return missing('provider', 'Choose whose key this is: Hugging Face tokens begin with hf_.');
  }
  if (provider === 'hf-inference' && isProviderKey) {
    return missing('token', 'This needs a token of Hugging Face; those begin with hf_.');
  }
  return { recipient: isProviderKey ? providerName(provider) : 'Hugging Face', hosted: { provider, model: id } };
}

function endpointOf({ endpoint }: HostingChoices, { address, mayConnect }: PageFacts): Target | HostingState {
  const text = endpoint.trim();
  if (text === '') return missing('endpoint', 'Say which address is to do it.');
  if (!URL.canParse(text, address)) return missing('endpoint', 'That is no address.');
  const url = new URL(text, address);
  const { protocol, hostname, origin, host, username, password } = url;
  if (username !== '' || password !== '') return missing('endpoint', 'An address with a password in it is not used.');
  const isPlain = protocol === 'http:' && (isLoopback(hostname) || origin === new URL(address).origin);
  if (protocol !== 'https:' && !isPlain) return missing('endpoint', 'The address must begin with https://.');
  if (!mayConnect(url)) {
    const isStrict = !mayConnect(ROUTER);
    const more = isStrict ? '' : ', Hugging Face and its providers';
    return missing('endpoint', `This page may talk to its own server${more} only, not to ${host}.`, isStrict);
  }
  return { recipient: host, hosted: { endpointUrl: url.href } };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function missing(field: MissingChoice['field'], words: string, needsOtherPage = false): HostingState {
  return { kind: 'unfinished', missing: { words, field, needsOtherPage } };
}
