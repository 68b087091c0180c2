import { ImageToImageError } from '../contract/errors.js';

/**
 * The bytes of base64, bare or as a `data:` URL.
 * @param name What the caller calls it, for the message.
 * @throws ImageToImageError `invalid-input`
 */
export function bytesOfBase64(text: string, name: string): Uint8Array<ArrayBuffer> {
  const payload = /^data:[^,]*;base64,/i.test(text) ? text.slice(text.indexOf(',') + 1) : text;
  try {
    return nativeDecoder?.(payload) ?? decode(payload);
  } catch {
    throw new ImageToImageError({
      code: 'invalid-input',
      phase: 'validate',
      message: `\`${name}\` is not base64. Send the picture's file as base64 or as a data: URL with base64; addresses are not fetched.`,
    });
  }
}

/** ES2026; several times as fast. */
const nativeDecoder: ((text: string) => Uint8Array<ArrayBuffer>) | undefined = (
  Uint8Array as unknown as { readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }
).fromBase64?.bind(Uint8Array);

function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
