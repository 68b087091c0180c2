import { sniffPicture } from '../core/image/sniff.js';
import { decodeBase64 } from './base64-body.js';
import { errorWords, fieldOf, parseJson, readErrorText } from './remote-error-text.js';
import type { HostedStep, Transport } from './transport.js';

/** An answer that should be a picture. */
export interface PictureAnswer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Named in errors, as is the provider. */
  readonly step: HostedStep;
  readonly provider: string;
  readonly transport: Pick<Transport, 'failure'>;
  /** Fetches the address that a JSON answer names instead of a picture. Left out, such an answer is refused. */
  readonly download?: ((url: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
}

/**
 * The picture that an answer is, whatever its MIME type says: the picture's bytes, or JSON that holds it as base64, as dedicated
 * endpoints answer without `Accept: image/png`: a bare string, or one in `image`, `images`, `output` or `data[].b64_json`, also
 * as a data URL.
 * @returns With the type that its bytes say.
 * @throws ImageToImageError `remote-failed`, kind `bad-answer`: an HTML page, an error as JSON, a file of another kind, no bytes.
 */
export async function answerPicture(answer: PictureAnswer): Promise<Blob> {
  const direct = pictureBlob(answer.bytes);
  if (typeof direct !== 'string') return direct;
  const text = startOf(answer.bytes);
  if (!/^["{[]/.test(text)) throw noPicture(answer, direct, isReadable(text) ? readErrorText(text) : '');
  const value = parseJson(new TextDecoder().decode(answer.bytes));
  const found = findPictureText(value);
  if (found === undefined) throw noPicture(answer, 'JSON without a picture', errorWords(value));
  if (isAddress(found) && !answer.download) throw noPicture(answer, 'JSON that names an address', '');
  const bytes = await bytesOf(found, answer);
  const picture = bytes && pictureBlob(bytes);
  if (picture === undefined) throw noPicture(answer, 'JSON with text that is no base64', '');
  if (typeof picture === 'string') throw noPicture(answer, `JSON that holds ${picture}`, '');
  return picture;
}

/** Where JSON answers keep a picture, in the order they are looked through. */
const PICTURE_FIELDS = ['b64_json', 'image', 'images', 'output', 'outputs', 'data', 'generated_image', 'url'] as const;

/** The first text in an answer that may be a picture: base64, a data URL or an http(s) address; undefined where there is none. */
function findPictureText(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return /^\s*(https?:|data:|[A-Za-z0-9+/]{16})/.test(value) ? value.trim() : undefined;
  if (typeof value !== 'object' || value === null || depth > 3) return undefined;
  if (Array.isArray(value)) return findPictureText(value[0], depth + 1);
  for (const name of PICTURE_FIELDS) {
    const found = findPictureText(fieldOf(value, name), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function bytesOf(text: string, { download }: PictureAnswer): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (isAddress(text)) return download?.(text);
  const data = /^data:[^,]*;base64,/i.exec(text)?.[0] ?? '';
  return decodeBase64(data === '' ? text : text.slice(data.length));
}

/** The picture, or what is there instead, in words. */
function pictureBlob(bytes: Uint8Array<ArrayBuffer>): Blob | string {
  const sniffed = sniffPicture(bytes, true);
  switch (sniffed.kind) {
    case 'picture':
      return new Blob([bytes], { type: `image/${sniffed.header.format}` });
    case 'damaged':
      return `a damaged picture (${sniffed.reason})`;
    case 'unsupported':
      return FOREIGN_TYPES[sniffed.type] ?? `a file of the type ${sniffed.type}`;
    case 'need-more':
      return 'the beginning of a picture';
  }
}

const FOREIGN_TYPES: Readonly<Record<string, string>> = {
  empty: 'no bytes',
  html: 'a page of HTML',
  unknown: 'something that is no picture',
};

function startOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 1024)).trimStart();
}

function isAddress(text: string): boolean {
  return /^https?:/i.test(text);
}

/** Letters, as opposed to the bytes of some other kind of file. */
function isReadable(text: string): boolean {
  return !/[^\P{Cc}\s]|\ufffd/u.test(text.slice(0, -4));
}

function noPicture({ transport, step, provider }: PictureAnswer, found: string, said: string): Error {
  return transport.failure({
    kind: 'bad-answer',
    step,
    provider,
    what: `answered with ${found} instead of a picture`,
    said,
  });
}
