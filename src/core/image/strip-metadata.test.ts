import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PictureFormat } from '../../contract/picture.js';
import { readOrientation } from './exif.js';
import { crc32 } from './headers/crc32.js';
import { orientedSize } from './orientation.js';
import { type PictureHeader, sniffPicture } from './sniff.js';
import { stripMetadata } from './strip-metadata.js';

type Part = Uint8Array | readonly number[] | string;
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const bytes = (...parts: readonly Part[]) =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? latin1(part) : part)]));
const u16 = (value: number) => [value >> 8, value & 255];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const u32le = (value: number) => u32(value).reverse();
const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

// 8 x 6 pixels each, as libjpeg (baseline, progressive), libwebp and cgif write them.
const JPEG = fromBase64(
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAGAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAcEAACAgIDAAAAAAAAAAAAAAABAgADESFR0uH/xAAVAQEBAAAAAAAAAAAAAAAAAAABA//EABkRAQACAwAAAAAAAAAAAAAAAAEAAgMRQf/aAAwDAQACEQMRAD8AlihK1RUAyMkc6XsB4CGRERdEvhrWwqdn/9k=',
);
const PROGRESSIVE = fromBase64(
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAGAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAVAQEBAAAAAAAAAAAAAAAAAAAAAv/aAAwDAQACEAMQAAABgX//xAAVEAEBAAAAAAAAAAAAAAAAAAABMf/aAAgBAQABBQJn/8QAFhEBAQEAAAAAAAAAAAAAAAAAAQAC/9oACAEDAQE/AcA3/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPwF//8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAGPwJ//8QAGRABAAIDAAAAAAAAAAAAAAAAARHwIUHR/9oACAEBAAE/IRAAuO3f/9oADAMBAAIAAwAAABD/AP/EABYRAQEBAAAAAAAAAAAAAAAAAAEAQf/aAAgBAwEBPxABU2//xAAWEQEBAQAAAAAAAAAAAAAAAAABABH/2gAIAQIBAT8QFwv/xAAaEAEAAQUAAAAAAAAAAAAAAAABEQAhUdHh/9oACAEBAAE/EAJSSUzbQcEp/9k=',
);
const WEBP_LOSSY = fromBase64(
  'UklGRmAAAABXRUJQVlA4IFQAAADQAQCdASoIAAYABABoJbACdAD0en6cAADOKjCR352eiO7/EBsjp/LZ+5ucnPmkdObEJZrRc6gR9MPGyH9ghMpLBbtgqxLXGdZHNH2FT6vx/nMAAAA=',
);
const WEBP_LOSSLESS = fromBase64('UklGRioAAABXRUJQVlA4TB4AAAAvB0ABAM1lRP8DZNI2aqqvb/2zawpme0piAlh23AA=');
const WEBP_ANIMATED = fromBase64(
  'UklGRhgBAABXRUJQVlA4WAoAAAASAAAABwAABQAAQU5JTQYAAAD/////AABBTk1GdAAAAAAAAAAAAAcAAAUAAGQAAAJBTFBIGAAAAAG5jOh/gDDbyJ9igxrSvY4gYgImgNm6AVZQOCA8AAAAsAEAnQEqCAAGAAdAliWgAnQA83rI4ADNwiQ4sGw1PuQ51gXULidGlL7fPIHMsXKVchdgoFYEBGLZ6AAAQU5NRnAAAAAAAAAAAAAHAAAFAABkAAACQUxQSBgAAAABuYzof4Aw2wh1aoMa0r2OIGICJoDZugFWUDggOAAAALABAJ0BKggABgAHQJYlAFYAHm9ZtAAAzB1A7v7sEANtvsZoF0FuPxtExIwnYO8WefGrrjp4EAAA',
);
const GIF = fromBase64(
  'R0lGODlhCAAGAIEAAExpcfMnXEd8sRdLgCH/C05FVFNDQVBFMi4wAwEAAAAh+QQJCgAAACwAAAAACAAGAAACDRwuEwe5qFiSE74WbQEAIfkEBQoAAAAsAAAAAAgABgCBTGlx7iNYEUV6RXqvAg2EJ3FoMHxSQypWJyYsADs=',
);

/** In every place where a file can hold something; no result may hold it. */
const SECRET = 'N 52.520008 E 13.404954';
/** In every ICC profile; every result must hold it. */
const PROFILE = 'profile of the picture\0';

/** EXIF as cameras write it: the orientation behind another tag, a GPS directory, a thumbnail. */
function exifOf(orientation: number): Uint8Array {
  const entry = (tag: number, type: number, count: number, value: readonly number[]) =>
    [...u16(tag), ...u16(type), ...u32(count), ...value, 0, 0].slice(0, 12);
  const gpsAt = 8 + 2 + 3 * 12 + 4;
  const textAt = gpsAt + 2 + 12 + 4;
  return bytes(
    'MM\0*',
    u32(8),
    u16(3),
    entry(0x010f, 2, SECRET.length, u32(textAt)),
    entry(0x0112, 3, 1, [...u16(orientation), 0, 0]),
    entry(0x8825, 4, 1, u32(gpsAt)),
    u32(0),
    u16(1),
    entry(0x001d, 2, SECRET.length, u32(textAt)),
    u32(0),
    SECRET,
    JPEG,
  );
}

const segment = (marker: number, ...parts: readonly Part[]) => {
  const data = bytes(...parts);
  return bytes([0xff, marker], u16(data.length + 2), data);
};
const JFIF = segment(0xe0, 'JFIF\0', [1, 2, 1, 0, 72, 0, 72, 0, 0]);
const ADOBE = segment(0xee, 'Adobe', [0, 100, 0, 0, 0, 0, 1]);
const ICC_SEGMENT = segment(0xe2, 'ICC_PROFILE\0', [1, 1], PROFILE);
const XMP = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">${SECRET}</x:xmpmeta>`;

/** A JPEG with a secret in every place, and what stays of it. */
function fullJpeg(picture: Uint8Array, orientation: number): Uint8Array {
  const end = picture.length - 2;
  return bytes(
    [0xff, 0xd8],
    // Its thumbnail is 1 x 8 pixels of 3 bytes.
    segment(0xe0, 'JFIF\0', [1, 2, 1, 0, 72, 0, 72, 1, 8], SECRET.padEnd(24)),
    segment(0xe0, 'JFXX\0', [0x10], SECRET, JPEG),
    [0xff, 0xff],
    segment(0xe1, 'Exif\0\0', exifOf(orientation)),
    segment(0xe1, XMP),
    segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', SECRET),
    ICC_SEGMENT,
    segment(0xe2, 'MPF\0', SECRET),
    segment(0xe4, SECRET),
    segment(0xeb, 'JP', [0, 1, 0, 0, 0, 1], SECRET),
    segment(0xed, 'Photoshop 3.0\x008BIM', [4, 4], SECRET),
    segment(0xee, 'Adobe', [0, 100, 0, 0, 0, 0, 1], SECRET),
    segment(0xfe, SECRET),
    picture.subarray(2, end),
    segment(0xfe, SECRET),
    segment(0xe1, 'Exif\0\0', exifOf(3)),
    [0xff, 0xd9],
    JPEG,
    SECRET,
  );
}

const chunk = (type: string, ...parts: readonly Part[]) => {
  const data = bytes(type, ...parts);
  return bytes(u32(data.length - 4), data, u32(crc32(data)));
};
const PNG_HEAD = bytes('\x89PNG\x0d\x0a\x1a\x0a', chunk('IHDR', u32(8), u32(6), [8, 2, 0, 0, 0]));
const PNG_END = chunk('IEND');
const PIXELS = Uint8Array.from(
  deflateSync(Uint8Array.from({ length: 6 * 25 }, (_, at) => (at % 25 ? (at * 37) % 256 : 0))),
);
const pixelChunks = [chunk('IDAT', PIXELS.subarray(0, 20)), chunk('IDAT', PIXELS.subarray(20))] as const;
const pngOf = (before: Part, after: Part, behind: Part = []) =>
  bytes(PNG_HEAD, before, ...pixelChunks, after, PNG_END, behind);
const COLOUR_CHUNKS = bytes(
  chunk('gAMA', u32(45455)),
  chunk('cHRM', new Uint8Array(32)),
  chunk('sRGB', [0]),
  chunk('iCCP', 'icc\0\0', deflateSync(latin1(PROFILE)), PROFILE),
  chunk('cICP', [1, 13, 0, 1]),
  chunk('sBIT', [8, 8, 8]),
  chunk('bKGD', [0, 0, 0, 0, 0, 0]),
  chunk('pHYs', u32(2835), u32(2835), [1]),
  chunk('tRNS', [0, 1, 0, 2, 0, 3]),
);
const PNG_SECRETS = bytes(
  chunk('tEXt', 'Comment\0', SECRET),
  chunk('zTXt', 'Comment\0\0', deflateSync(latin1(SECRET)), SECRET),
  chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0', XMP),
  chunk('tIME', [7, 234, 1, 1, 0, 0, 0]),
  chunk('sPLT', SECRET, [0, 8]),
  chunk('caBX', SECRET),
);

const riffChunk = (type: string, ...parts: readonly Part[]) => {
  const data = bytes(...parts);
  return bytes(type, u32le(data.length), data, new Uint8Array(data.length & 1));
};
const riff = (...chunks: readonly Uint8Array[]) => bytes('RIFF', u32le(4 + bytes(...chunks).length), 'WEBP', ...chunks);
const vp8x = (flags: number) => riffChunk('VP8X', [flags, 0, 0, 0], [7, 0, 0], [5, 0, 0]);
const FLAGS = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 };

const subBlocks = (...parts: readonly Part[]) => bytes(...parts.flatMap((part) => [[part.length], part]), [0]);
const GIF_BLOCKS_AT = 25;
const gifWith = (...blocks: readonly Part[]) =>
  bytes(GIF.subarray(0, GIF_BLOCKS_AT), ...blocks, GIF.subarray(GIF_BLOCKS_AT));
const GIF_COMMENT = bytes([0x21, 0xfe], subBlocks(SECRET, SECRET));
const GIF_PROFILE = bytes([0x21, 0xff, 11], 'ICCRGBG1012', subBlocks(PROFILE));
/** XMP stands there without sub-blocks; a row of falling numbers leads walkers to its end. */
const GIF_XMP = bytes(
  [0x21, 0xff, 11],
  'XMP DataXMP',
  XMP,
  [1],
  Array.from({ length: 256 }, (_, index) => 255 - index),
  [0],
);

function headerOf(file: Uint8Array | undefined): PictureHeader {
  const result = sniffPicture(file ?? new Uint8Array(0), true);
  if (result.kind !== 'picture') throw new Error(JSON.stringify(result));
  return result.header;
}

/** All that a header says but where its EXIF data lies. */
function claims(file: Uint8Array | undefined): Omit<PictureHeader, 'exif'> {
  const { exif: _, ...rest } = headerOf(file);
  return rest;
}

function holds(file: Uint8Array | undefined, text: string): boolean {
  return Buffer.from(file ?? []).includes(Buffer.from(text, 'latin1'));
}

/** The EXIF block that is left, if any. */
function exifIn(file: Uint8Array | undefined): Uint8Array | undefined {
  const { exif } = headerOf(file);
  return exif && file?.subarray(exif.offset, exif.offset + exif.length);
}

const REMNANT_BYTES = 26;

describe('JPEG', () => {
  it.each([
    ['baseline', JPEG],
    ['progressive', PROGRESSIVE],
  ])(
    'keeps the picture of a %s file, JFIF, profile, colour transform and orientation, and nothing else',
    (_, picture) => {
      const file = fullJpeg(picture, 6);
      const result = stripMetadata(file, 'jpeg');
      const remnant = segment(0xe1, 'Exif\0\0', exifIn(result) ?? []);
      expect(result).toEqual(bytes([0xff, 0xd8], JFIF, remnant, ICC_SEGMENT, ADOBE, picture.subarray(2)));
      expect(exifIn(result)).toHaveLength(REMNANT_BYTES);
      expect(claims(result)).toEqual(claims(file));
      expect(orientedSize(headerOf(result))).toEqual({ width: 6, height: 8 });
    },
  );

  it('keeps no EXIF data of an upright picture', () => {
    const upright = bytes([0xff, 0xd8], JFIF, ICC_SEGMENT, ADOBE, JPEG.subarray(2));
    expect(stripMetadata(fullJpeg(JPEG, 1), 'jpeg')).toEqual(upright);
    expect(stripMetadata(JPEG, 'jpeg')).toEqual(JPEG);
  });

  it('knows stuffed bytes, fill bytes and restart marks from the end of a scan', () => {
    const scan = [0xff, 0xda, ...u16(8), 1, 1, 0, 0, 63, 0, 1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xff, 0, 4];
    const frame = segment(0xc0, [8], u16(6), u16(8), [1, 1, 0x11, 0]);
    const file = bytes([0xff, 0xd8], frame, scan, segment(0xfe, SECRET), scan, [0xff, 0xff, 0xd9], SECRET);
    expect(stripMetadata(file, 'jpeg')).toEqual(bytes([0xff, 0xd8], frame, scan, scan, [0xff, 0xd9]));
  });

  it.each([
    ['without an end mark', JPEG.subarray(0, -2)],
    ['cut in a comment behind a scan', bytes(JPEG.subarray(0, -2), segment(0xfe, SECRET).subarray(0, -5))],
    ['with stray bytes between segments', bytes(JPEG.subarray(0, 2), SECRET, JPEG.subarray(2))],
    ['with a reserved marker', bytes(JPEG.subarray(0, 2), segment(0xf7, SECRET), JPEG.subarray(2))],
    ['with a second begin', bytes(JPEG.subarray(0, 2), JPEG)],
  ])('declines a file %s', (_, file) => {
    expect(stripMetadata(file, 'jpeg')).toBeUndefined();
  });
});

describe('PNG', () => {
  it('keeps pixels and colour chunks, and the orientation where it stood', () => {
    const turned = chunk('eXIf', exifOf(8));
    for (const isFirst of [true, false]) {
      const place = (exif: Part, secrets: Part) =>
        [bytes(COLOUR_CHUNKS, secrets, isFirst ? exif : []), bytes(secrets, isFirst ? [] : exif)] as const;
      const file = pngOf(...place(turned, PNG_SECRETS), SECRET);
      const result = stripMetadata(file, 'png');
      const remnant = chunk('eXIf', exifIn(result) ?? []);
      expect(exifIn(result)).toHaveLength(REMNANT_BYTES);
      expect(readOrientation(exifIn(result) ?? new Uint8Array(0))).toBe(8);
      expect(result).toEqual(pngOf(...place(remnant, [])));
      expect(claims(result)).toEqual(claims(file));
    }
  });

  it('keeps an animation, and no EXIF data of an upright picture', () => {
    const control = (sequence: number) => chunk('fcTL', u32(sequence), u32(8), u32(6), new Uint8Array(14));
    const frames = bytes(control(1), chunk('fdAT', u32(2), PIXELS));
    const plain = pngOf(bytes(chunk('acTL', u32(2), u32(0)), control(0)), frames);
    const file = pngOf(
      bytes(chunk('acTL', u32(2), u32(0)), PNG_SECRETS, control(0)),
      bytes(frames, chunk('eXIf', exifOf(1))),
    );
    expect(stripMetadata(file, 'png')).toEqual(plain);
    expect(headerOf(plain).animated).toBe(true);
  });

  it.each([
    ['without its end', pngOf([], []).subarray(0, -12)],
    ['with an end that holds something', bytes(pngOf([], []).subarray(0, -12), chunk('IEND', SECRET))],
    ['with an unknown chunk that must not be ignored', pngOf(chunk('QQQQ', SECRET), [])],
    ['with a second header', pngOf(chunk('IHDR', SECRET), [])],
    ['with a colour chunk that is too long', pngOf(chunk('gAMA', SECRET), [])],
    ['with a text among its pixels', bytes(PNG_HEAD, pixelChunks[0], chunk('tEXt', SECRET), pixelChunks[1], PNG_END)],
    ['with a chunk that goes on behind the end', bytes(pngOf([], []).subarray(0, -12), u32(1000), 'tEXt', SECRET)],
  ])('declines a file %s', (_, file) => {
    expect(stripMetadata(file, 'png')).toBeUndefined();
  });
});

describe('WebP', () => {
  const all = FLAGS.profile | FLAGS.exif | FLAGS.xmp;
  const profile = riffChunk('ICCP', PROFILE);
  const secrets = [riffChunk('XMP ', XMP), riffChunk('ABCD', SECRET)] as const;

  it.each([
    ['lossy', WEBP_LOSSY],
    ['lossless', WEBP_LOSSLESS],
  ])('keeps the %s picture, the profile and an announced orientation', (_, simple) => {
    const picture = simple.subarray(12);
    for (const prefix of ['', 'Exif\0\0']) {
      const exif = riffChunk('EXIF', prefix, exifOf(5));
      const file = bytes(riff(vp8x(all), profile, picture, exif, ...secrets), SECRET);
      const result = stripMetadata(file, 'webp');
      const remnant = riffChunk('EXIF', exifIn(result) ?? []);
      expect(exifIn(result)).toHaveLength(REMNANT_BYTES);
      expect(readOrientation(exifIn(result) ?? new Uint8Array(0))).toBe(5);
      expect(result).toEqual(riff(vp8x(FLAGS.profile | FLAGS.exif), profile, picture, remnant));
      expect(claims(result)).toEqual(claims(file));
    }
    const upright = riff(vp8x(all), profile, picture, riffChunk('EXIF', exifOf(1)), ...secrets);
    expect(stripMetadata(upright, 'webp')).toEqual(riff(vp8x(FLAGS.profile), profile, picture));
    const unannounced = riff(vp8x(0), riffChunk('EXIF', exifOf(6)), picture);
    expect(stripMetadata(unannounced, 'webp')).toEqual(riff(vp8x(0), picture));
  });

  it('keeps the one chunk of the simple form', () => {
    expect(stripMetadata(WEBP_LOSSY, 'webp')).toEqual(WEBP_LOSSY);
    const file = bytes(riff(WEBP_LOSSLESS.subarray(12), riffChunk('EXIF', exifOf(6)), ...secrets), SECRET);
    expect(stripMetadata(file, 'webp')).toEqual(WEBP_LOSSLESS);
  });

  it('keeps an animation', () => {
    const file = riff(WEBP_ANIMATED.subarray(12), ...secrets);
    expect(stripMetadata(file, 'webp')).toEqual(WEBP_ANIMATED);
  });

  it('fills up chunks of odd length with nothing', () => {
    const file = riff(vp8x(FLAGS.profile), riffChunk('ICCP', 'abc'), WEBP_LOSSY.subarray(12));
    const clean = file.slice();
    file[41] = 0x2a;
    expect(file.subarray(38, 41)).toEqual(latin1('abc'));
    expect(stripMetadata(file, 'webp')).toEqual(clean);
  });

  const picture = WEBP_LOSSY.subarray(12);
  it.each([
    ['cut short', WEBP_LOSSY.subarray(0, -1)],
    ['with half a chunk at its end', riff(vp8x(0), picture, latin1('XMP '))],
    ['with a second extended head', riff(vp8x(0), vp8x(0), picture)],
    ['with a second picture', riff(vp8x(0), picture, picture)],
    ['with a long extended head', riff(riffChunk('VP8X', [0, 0, 0, 0, 7, 0, 0, 5, 0, 0], SECRET), picture)],
    [
      'with text in a frame',
      riff(vp8x(2), riffChunk('ANIM', new Uint8Array(6)), riffChunk('ANMF', new Uint8Array(16), picture, secrets[1])),
    ],
  ])('declines a file %s', (_, file) => {
    expect(stripMetadata(file, 'webp')).toBeUndefined();
  });
});

describe('GIF', () => {
  it('keeps frames, their controls, the loop mark and a profile', () => {
    const file = bytes(gifWith(GIF_COMMENT, GIF_PROFILE, GIF_XMP, [0x21, 0x99], subBlocks(SECRET)), SECRET);
    const result = stripMetadata(file, 'gif');
    expect(result).toEqual(gifWith(GIF_PROFILE));
    expect(claims(result)).toEqual({ ...claims(file), animated: true });
    expect(stripMetadata(GIF, 'gif')).toEqual(GIF);
  });

  it('keeps no loop mark that holds more', () => {
    const mark = bytes([0x21, 0xff, 11], 'NETSCAPE2.0', subBlocks([1, 0, 0], SECRET));
    expect(stripMetadata(gifWith(mark), 'gif')).toEqual(GIF);
  });

  it.each([
    ['without a trailer', GIF.subarray(0, -1)],
    ['with garbage between blocks', gifWith([0x99])],
    ['with text to be drawn', gifWith([0x21, 0x01, 12], new Uint8Array(12), subBlocks(SECRET))],
    ['with a control that holds more', gifWith([0x21, 0xf9], subBlocks([0, 0, 0, 0], SECRET))],
    ['cut in a comment', gifWith(GIF_COMMENT).subarray(0, GIF_BLOCKS_AT + 10)],
  ])('declines a file %s', (_, file) => {
    expect(stripMetadata(file, 'gif')).toBeUndefined();
  });
});

it('declines another format than the one said, AVIF, BMP and what is no picture', () => {
  const bmp = bytes(
    'BM',
    u32le(58),
    u32le(0),
    u32le(54),
    u32le(40),
    u32le(1),
    u32le(1),
    [1, 0, 24, 0],
    new Uint8Array(28),
  );
  expect(headerOf(bmp).format).toBe('bmp');
  expect(stripMetadata(bmp, 'bmp')).toBeUndefined();
  expect(stripMetadata(JPEG, 'png')).toBeUndefined();
  expect(stripMetadata(JPEG, 'avif')).toBeUndefined();
  expect(stripMetadata(latin1(SECRET), 'jpeg')).toBeUndefined();
  expect(stripMetadata(new Uint8Array(0), 'gif')).toBeUndefined();
});

const FULL: Readonly<Record<string, readonly [PictureFormat, Uint8Array]>> = {
  baseline: ['jpeg', fullJpeg(JPEG, 6)],
  progressive: ['jpeg', fullJpeg(PROGRESSIVE, 3)],
  png: ['png', pngOf(bytes(COLOUR_CHUNKS, PNG_SECRETS, chunk('eXIf', exifOf(8))), PNG_SECRETS, SECRET)],
  webp: [
    'webp',
    riff(
      vp8x(FLAGS.profile | FLAGS.exif | FLAGS.xmp),
      riffChunk('ICCP', PROFILE),
      WEBP_LOSSY.subarray(12),
      riffChunk('EXIF', exifOf(7)),
      riffChunk('XMP ', XMP),
    ),
  ],
  animation: ['webp', riff(WEBP_ANIMATED.subarray(12), riffChunk('XMP ', XMP))],
  gif: ['gif', bytes(gifWith(GIF_COMMENT, GIF_PROFILE, GIF_XMP), SECRET)],
};

describe.each(Object.entries(FULL))('any %s file', (name, [format, file]) => {
  it('gives no secret away and keeps its profile', () => {
    const before = file.slice();
    const result = stripMetadata(file, format);
    expect(holds(file, SECRET)).toBe(true);
    for (const text of [SECRET, SECRET.slice(0, 12), SECRET.slice(-12), 'xmpmeta'])
      expect(holds(result, text)).toBe(false);
    expect(holds(result, PROFILE)).toBe(name !== 'animation');
    expect(file).toEqual(before);
    expect(stripMetadata(result ?? file, format)).toEqual(result);
  });

  it('is declined or keeps size and orientation, however it is damaged', () => {
    const damage = fc.record({
      changes: fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }),
      cut: fc.option(fc.nat(file.length)),
      insert: fc.option(fc.tuple(fc.nat(file.length), fc.uint8Array({ maxLength: 40 }))),
    });
    let stripped = 0;
    fc.assert(
      fc.property(damage, ({ changes, cut, insert }) => {
        let damaged = file.slice(0, cut ?? file.length);
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        if (insert) damaged = bytes(damaged.subarray(0, insert[0]), insert[1], damaged.subarray(insert[0]));
        const result = stripMetadata(damaged, format);
        if (!result) return;
        stripped++;
        expect(result.length).toBeLessThanOrEqual(damaged.length + REMNANT_BYTES);
        const { width, height, orientation } = headerOf(damaged);
        expect(headerOf(result)).toMatchObject({ format, width, height, orientation });
        expect(stripMetadata(result, format)).toEqual(result);
      }),
      { numRuns: 1000 },
    );
    expect(stripped).toBeGreaterThan(20);
  });
});
