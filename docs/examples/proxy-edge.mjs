// An edge function that asks Hugging Face with its own token, for people who are signed in. HF_TOKEN and SESSION_KEY are
// secrets of the function. The page names it:
//   imageToImage({ inputs, endpointUrl: '/api/hf/models/timbrooks/instruct-pix2pix' },
//     { mode: 'remote-only', consent, includeCredentials: 'same-origin' })   // the cookie is the session
import { createHostedProxy } from 'tintype/proxy';

let proxy;

// biome-ignore lint/style/noDefaultExport: edge runtimes look for it.
export default {
  fetch(request, env) {
    proxy ??= createHostedProxy({
      accessToken: env.HF_TOKEN,
      // Models that Hugging Face's own inference (hf-inference) serves: look at the model's page.
      allow: ['timbrooks/instruct-pix2pix'],
      authorize: (asking) => hasSession(asking.headers.get('cookie') ?? '', env.SESSION_KEY),
    });
    return proxy(request);
  },
};

/**
 * Whether the application has signed the cookie `session=user.expiry.signature`: HMAC-SHA-256 of `user.expiry` in
 * hexadecimal; expiry in seconds since 1970.
 */
async function hasSession(cookies, secret) {
  const [, signed, expiry, hex] = /(?:^|;\s*)session=([\w-]+\.(\d+))\.([\da-f]{64})(?:;|$)/.exec(cookies) ?? [];
  if (!signed || Number(expiry) * 1000 < Date.now()) return false;
  const text = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['verify']);
  const signature = Uint8Array.from(hex.match(/../g), (byte) => Number.parseInt(byte, 16));
  return crypto.subtle.verify('HMAC', key, signature, text.encode(signed));
}
