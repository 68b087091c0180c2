import { isProviderName, type ProviderName, providerUnknown } from './providers/provider-name.js';

/** Where Hugging Face passes requests on to providers, and has its own. */
const ROUTER_HOST = 'router.huggingface.co';

/** Where a provider takes requests with a key of its own. Hugging Face's own inference has no other host. */
const OWN_HOSTS: Readonly<Record<ProviderName, string>> = {
  'hf-inference': ROUTER_HOST,
  'fal-ai': 'queue.fal.run',
  replicate: 'api.replicate.com',
  wavespeed: 'api.wavespeed.ai',
  together: 'api.together.xyz',
};

/** What decides where a picture goes. */
export interface HostQuestion {
  readonly provider: string;
  /** Absolute; makes `provider` meaningless. */
  readonly endpointUrl?: string | undefined;
  readonly token?: string | undefined;
}

/**
 * The hosts that a call may send the picture to, known before any request: the consent names them, and the call sends it nowhere
 * else. A token of Hugging Face's (or none) means its router, any other the provider itself, as in the official client.
 * @throws RangeError for a provider that takes no pictures, TypeError for `auto` with a key, for nothing says whose key it is.
 */
export function hostsOf({ provider, endpointUrl, token }: HostQuestion): readonly string[] {
  if (endpointUrl !== undefined) return [new URL(endpointUrl).host];
  if (provider === 'auto') {
    if (isProviderKey(token)) {
      throw new TypeError(
        "provider 'auto' needs a Hugging Face token (hf_...): a provider's own key must not go to another. Name the provider.",
      );
    }
    return [ROUTER_HOST];
  }
  if (!isProviderName(provider)) throw providerUnknown(provider);
  return [isProviderKey(token) ? OWN_HOSTS[provider] : ROUTER_HOST];
}

/** Whether a token is one of the provider's own, which goes to the provider itself. */
export function isProviderKey(token: string | undefined): boolean {
  return token !== undefined && token !== '' && !token.startsWith('hf_');
}

/** Whether a URL is one of Hugging Face's: nobody else is told who pays there, nor sees its tokens. */
export function isHuggingFace(url: string): boolean {
  return /(^|\.)huggingface\.(co|cloud)$/.test(new URL(url).hostname);
}
