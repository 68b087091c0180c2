import { describe, expect, test } from 'vitest';
import { isImageToImageError } from '../contract/errors.js';
import { answerPicture } from './answer-picture.js';
import { remoteFailed } from './remote-error.js';

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** One white pixel, whole. */
const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
    'base64',
  ),
);

/** Heads are enough: the sniffer decodes nothing. */
const HEADS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  png: PNG,
  jpeg: hex('ffd8 ffc0 0011 08 0010 0010 03 01 1100 02 1101 03 1101 ffda 0008 01 01 00 00 3f 00 00 ffd9'),
  gif: hex('47494638 3961 0100 0100 80 00 00 ffffff 000000 2c 0000 0000 0100 0100 00 02 02 44 01 00 3b'),
  webp: hex('52494646 1a000000 57454250 5650384c 0d000000 2f 00000010 07 10 1111 8888 08'),
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const read = (
  bytes: Uint8Array<ArrayBuffer>,
  download?: (url: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Blob> =>
  answerPicture({
    bytes,
    step: 'download',
    provider: 'fal-ai',
    transport: { failure: (failure) => remoteFailed(failure, []) },
    download,
  });

describe('answerPicture', () => {
  test.each(Object.entries(HEADS))('%s bytes have that type', async (format, bytes) => {
    const blob = await read(bytes);
    expect(blob.type).toBe(`image/${format}`);
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
  });

  const text = base64(PNG);
  test.each([
    ['a bare string', text],
    ['image', { image: text }],
    ['images', { images: [text] }],
    ['images with fields', { images: [{ url: `data:image/png;base64,${text}`, content_type: 'image/png' }] }],
    ['output', { output: text }],
    ['outputs', { outputs: [`data:image/jpeg;base64,${text}`] }],
    ['b64_json', { data: [{ b64_json: text }] }],
    ['output in data', { data: { outputs: [text] } }],
    ['a list', [text]],
    ['beside other texts', { model: 'stabilityai/sdxl-turbo-x', seed: 1, image: text }],
    ['base64 in lines', { image: text.replace(/.{20}/g, '$&\n') }],
  ])('JSON: %s', async (_where, value) => {
    const blob = await read(bytesOf(`\n ${JSON.stringify(value)}`));
    expect(blob.type).toBe('image/png');
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(PNG);
  });

  test('JSON that names an address: fetched where that is allowed', async () => {
    const answer = bytesOf(JSON.stringify({ images: [{ url: 'https://cdn.example/a.png' }] }));
    const asked: string[] = [];
    const blob = await read(answer, async (url) => {
      asked.push(url);
      return PNG;
    });
    expect([blob.type, asked]).toEqual(['image/png', ['https://cdn.example/a.png']]);
    await expect(read(answer)).rejects.toThrow(/fal-ai answered with JSON that names an address instead of a picture/);
    await expect(read(answer, async () => bytesOf('<html></html>'))).rejects.toThrow(/a page of HTML/);
  });

  test.each([
    ['a page of HTML', '<!doctype html><title>Sign in</title>', /a page of HTML instead of a picture: "Sign in"\./],
    ['no bytes', '', /with no bytes instead/],
    ['an error as JSON', '{"error": {"message": "NSFW"}}', /JSON without a picture instead of a picture: "NSFW"\./],
    ['an empty list', '{"images": []}', /JSON without a picture/],
    ['words', 'Internal trouble', /something that is no picture instead of a picture: "Internal trouble"\./],
    [
      'base64 of something else',
      `{"image": "${base64(bytesOf('<html>hello there</html>'))}"}`,
      /JSON that holds a page of HTML/,
    ],
    ['text that is no base64', '{"image": "abcdefghijklmnopq*"}', /JSON with text that is no base64/],
    ['JSON cut short', '{"image": "iVBORw0KGg', /JSON without a picture/],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', /a file of the type svg/],
    ['PDF', '%PDF-1.7', /a file of the type pdf/],
  ])('%s is no picture', async (_what, body, message) => {
    const failing = read(bytesOf(body));
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toSatisfy((error) => isImageToImageError(error, 'remote-failed'));
    await expect(failing).rejects.toMatchObject({
      details: { kind: 'bad-answer', step: 'download', provider: 'fal-ai' },
    });
  });

  test('a picture that ends in its header is damaged, and bytes of another kind are not quoted', async () => {
    await expect(read(PNG.slice(0, 20))).rejects.toThrow(/a damaged picture \(.*\) instead of a picture\. /);
    await expect(read(hex('00 01 02 7f 80 81 fe 41 42 43'))).rejects.toThrow(/no picture instead of a picture\. /);
  });
});
