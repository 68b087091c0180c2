/** An encoded picture. */
export interface Picture {
  readonly bytes: Uint8Array;
  /** By its first bytes; `application/octet-stream` if they say nothing. */
  readonly type: string;
}

const UNKNOWN_TYPE = 'application/octet-stream';

/** First bytes, as Latin-1. */
const SIGNATURES: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
  'image/gif': /^GIF8/,
};

/** A PNG of one pixel: the result where the upload was only a URL, so that there is nothing to echo. */
const ONE_PIXEL: Picture = asPicture(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=', 'base64'),
);

/** Takes bytes for a picture without asking whether they are one. */
export function asPicture(bytes: Uint8Array): Picture {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const found = Object.entries(SIGNATURES).find(([, pattern]) => pattern.test(start));
  return { bytes, type: found?.[0] ?? UNKNOWN_TYPE };
}

/** @returns undefined if the first bytes are not those of a picture. */
export function fromBytes(bytes: Uint8Array): Picture | undefined {
  const picture = asPicture(bytes);
  return picture.type === UNKNOWN_TYPE ? undefined : picture;
}

/** @returns undefined if the value is not the bare, padded base64 of a picture. */
export function fromBase64(value: unknown): Picture | undefined {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  return fromBytes(Buffer.from(value, 'base64'));
}

/** @returns undefined if the value is neither a base64 data URL of a picture that names an image type, nor a web address. */
export function fromUrl(value: unknown): Picture | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^https?:\/\//.test(value)) return ONE_PIXEL;
  const [head, data] = [value.slice(0, value.indexOf(',')), value.slice(value.indexOf(',') + 1)];
  return /^data:image\/[\w.+-]+;base64$/.test(head) ? fromBase64(data) : undefined;
}
