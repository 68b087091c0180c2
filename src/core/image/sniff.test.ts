import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orientedSize } from './orientation.js';
import { type PictureHeader, sniffPicture } from './sniff.js';

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const join = (...parts: (Uint8Array | readonly number[] | string)[]) =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? latin1(part) : part)]));
const be16 = (value: number) => [value >> 8, value & 255];
const be32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const le16 = (value: number) => be16(value).reverse();
const le24 = (value: number) => be32(value).slice(1).reverse();
const le32 = (value: number) => be32(value).reverse();

/** A TIFF block whose one tag is the orientation. */
function tiff(orientation: number): Uint8Array {
  return join('MM\0*', be32(8), be16(1), be16(0x0112), be16(3), be32(1), be16(orientation), be16(0), be32(0));
}

function pngChunk(type: string, data: Uint8Array | readonly number[]): Uint8Array {
  const body = join(type, data);
  return join(be32(body.length - 4), body, be32(Number(crc32?.(body) ?? slowCrc(body))));
}

/** node:zlib has crc32 only from 20.15 and 22.2 on. */
function slowCrc(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

function png(
  width: number,
  height: number,
  bits: number,
  type: number,
  before: Uint8Array[] = [],
  after: Uint8Array[] = [],
) {
  const header = pngChunk('IHDR', [...be32(width), ...be32(height), bits, type, 0, 0, 0]);
  const pixels = pngChunk('IDAT', deflateSync(new Uint8Array(Math.min(1e6, height * (1 + width * 8)))));
  return join(PNG_SIGNATURE, header, ...before, pixels, ...after, pngChunk('IEND', []));
}

const segment = (marker: number, data: Uint8Array) => join([0xff, marker], be16(data.length + 2), data);
const frame = (width: number, height: number, components: number, marker = 0xc0) =>
  segment(marker, join([8], be16(height), be16(width), [components], new Uint8Array(components * 3)));
const SCAN = segment(0xda, new Uint8Array(10));
const exifSegment = (orientation: number) => segment(0xe1, join('Exif\0\0', tiff(orientation)));
const jpeg = (...segments: Uint8Array[]) => join([0xff, 0xd8], ...segments, SCAN, [1, 2, 3, 0xff, 0xd9]);

const riffChunk = (type: string, data: Uint8Array) =>
  join(type, le32(data.length), data, new Uint8Array(data.length & 1));
const webp = (...chunks: Uint8Array[]) => join('RIFF', le32(4 + join(...chunks).length), 'WEBP', ...chunks);
const vp8 = (width: number, height: number) =>
  riffChunk('VP8 ', join([0x10, 0, 0, 0x9d, 1, 0x2a], le16(width), le16(height | 0x4000), new Uint8Array(9)));
const vp8l = (width: number, height: number, alpha: boolean) =>
  riffChunk(
    'VP8L',
    join([0x2f], le32((((height - 1) << 14) | (width - 1) | (alpha ? 1 << 28 : 0)) >>> 0), [0, 0, 0, 0, 0]),
  );
const vp8x = (width: number, height: number, flags: number) =>
  riffChunk('VP8X', join([flags, 0, 0, 0], le24(width - 1), le24(height - 1)));

const gifFrame = (x: number, y: number, width: number, height: number) =>
  join([0x2c], le16(x), le16(y), le16(width), le16(height), [0, 2, 3, 1, 2, 3, 0]);
const gifControl = (transparent: boolean) => [0x21, 0xf9, 4, transparent ? 1 : 0, 10, 0, 5, 0];
const GIF_LOOP = join([0x21, 0xff, 11], 'NETSCAPE2.0', [3, 1, 0, 0, 0]);
const gif = (width: number, height: number, ...blocks: (Uint8Array | readonly number[])[]) =>
  join('GIF89a', le16(width), le16(height), [0x81, 0, 0], new Uint8Array(12), ...blocks, [0x3b]);

function bmp(width: number, height: number, bits: number, compression = 0): Uint8Array {
  const info = join(
    le32(40),
    le32(width),
    le32(height >>> 0),
    le16(1),
    le16(bits),
    le32(compression),
    new Uint8Array(20),
  );
  return join('BM', le32(54), le32(0), le32(54), info);
}

const box = (type: string, ...parts: (Uint8Array | readonly number[] | string)[]) => {
  const data = join(...parts);
  return join(be32(8 + data.length), type, data);
};
const full = (type: string, version: number, flags: number, ...parts: (Uint8Array | readonly number[] | string)[]) =>
  box(type, [version, 0, 0, flags], ...parts);
const ispe = (width: number, height: number) => full('ispe', 0, 0, be32(width), be32(height));
const av1C = (flags: number) => box('av1C', [0x81, 0, flags, 0]);
const AUX_ALPHA = full('auxC', 0, 0, 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0');

interface AvifParts {
  readonly properties: readonly Uint8Array[];
  /** Numbers, from 1, of the primary item's properties. */
  readonly own: readonly number[];
  readonly brands?: string;
  readonly exif?: Uint8Array;
}

function avif({ properties, own, brands = 'mif1avifmiaf', exif }: AvifParts): Uint8Array {
  const ftyp = box('ftyp', brands.slice(0, 4), be32(0), brands);
  const items = [full('infe', 2, 0, be16(1), be16(0), 'av01\0')];
  if (exif) items.push(full('infe', 2, 0, be16(2), be16(0), 'Exif\0'));
  const payload = exif ? join(be32(0), exif) : new Uint8Array(0);
  const metaFor = (exifOffset: number) =>
    full(
      'meta',
      0,
      0,
      full('pitm', 0, 0, be16(1)),
      full(
        'iloc',
        0,
        0,
        [0x44, 0],
        be16(exif ? 2 : 1),
        be16(1),
        be16(0),
        be16(1),
        be32(9),
        be32(9),
        exif ? [...be16(2), ...be16(0), ...be16(1), ...be32(exifOffset), ...be32(payload.length)] : [],
      ),
      full('iinf', 0, 0, be16(items.length), ...items),
      box('iprp', box('ipco', ...properties), full('ipma', 0, 0, be32(1), be16(1), [own.length, ...own])),
    );
  const offset = ftyp.length + metaFor(0).length + 8 + 50;
  return join(ftyp, metaFor(offset), box('mdat', new Uint8Array(50), payload));
}

/** The header of a file that is a picture; fails the test otherwise. */
function headerOf(file: Uint8Array, complete = true): PictureHeader {
  const result = sniffPicture(file, complete);
  if (result.kind !== 'picture') throw new Error(JSON.stringify(result));
  return result.header;
}

const plain = { orientation: 1, mayHaveAlpha: false, animated: false, bitsPerChannel: 8, colour: 'rgb' } as const;

describe('PNG', () => {
  it.each([
    [8, 0, { colour: 'grey' }],
    [16, 2, { bitsPerChannel: 16 }],
    [4, 3, { colour: 'palette' }],
    [8, 4, { colour: 'grey', mayHaveAlpha: true }],
    [8, 6, { mayHaveAlpha: true }],
  ] as const)('reads %i bits of colour type %i', (bits, type, expected) => {
    expect(headerOf(png(7, 300, bits, type))).toEqual({ format: 'png', width: 7, height: 300, ...plain, ...expected });
  });

  it('finds transparency and animation', () => {
    expect(headerOf(png(1, 1, 8, 3, [pngChunk('tRNS', [0])])).mayHaveAlpha).toBe(true);
    expect(headerOf(png(1, 1, 8, 2, [pngChunk('acTL', [0, 0, 0, 2, 0, 0, 0, 0])])).animated).toBe(true);
  });

  it('finds EXIF before and behind the pixels, but turns by it only before', () => {
    const before = png(3, 5, 8, 2, [pngChunk('eXIf', tiff(6))]);
    const behind = png(3, 5, 8, 2, [], [pngChunk('eXIf', tiff(6))]);
    expect(orientedSize(headerOf(before))).toEqual({ width: 5, height: 3 });
    expect(orientedSize(headerOf(behind))).toEqual({ width: 3, height: 5 });
    for (const file of [before, behind]) {
      const { offset, length } = headerOf(file).exif!;
      expect(file.subarray(offset, offset + length)).toEqual(tiff(6));
    }
  });

  it('reads an enormous size from few bytes, fast', () => {
    const file = png(16384, 16384, 8, 2);
    // The best of some, for the machine may be busy.
    const timesMs = Array.from({ length: 9 }, () => {
      const started = performance.now();
      expect(headerOf(file.subarray(0, 60), false)).toMatchObject({ width: 16384, height: 16384 });
      return performance.now() - started;
    });
    expect(Math.min(...timesMs)).toBeLessThan(5);
  });

  it('jumps over large metadata once it is there', () => {
    const file = png(9, 9, 8, 2, [pngChunk('zTXt', new Uint8Array(200_000))]);
    expect(sniffPicture(file.subarray(0, 65536), false)).toEqual({ kind: 'need-more', minBytes: 33 + 200_012 + 8 });
    expect(headerOf(file)).toMatchObject({ width: 9 });
  });

  it('knows damage', () => {
    const flipped = png(8, 8, 8, 2);
    flipped[19]! ^= 1;
    expect(sniffPicture(flipped, true).kind).toBe('damaged');
    expect(sniffPicture(png(8, 8, 5, 2), true).kind).toBe('damaged');
    expect(sniffPicture(png(0, 8, 8, 2), true).kind).toBe('damaged');
    expect(sniffPicture(join(png(8, 8, 8, 2).subarray(0, 33), pngChunk('IEND', [])), true).kind).toBe('damaged');
    expect(sniffPicture(latin1('\x89PNG\n\x1a\n\0\0'), true).kind).toBe('damaged');
  });
});

describe('JPEG', () => {
  it.each([
    [1, 'grey'],
    [3, 'rgb'],
    [4, 'cmyk'],
  ] as const)('reads %i components', (components, colour) => {
    expect(headerOf(jpeg(frame(640, 479, components)))).toEqual({
      format: 'jpeg',
      width: 640,
      height: 479,
      ...plain,
      colour,
    });
  });

  it('reads progressive frames, fill bytes and stray bytes', () => {
    expect(headerOf(jpeg(frame(5, 6, 3, 0xc2)))).toMatchObject({ width: 5, height: 6 });
    expect(headerOf(jpeg(join([0xff, 0xff], frame(5, 6, 3))))).toMatchObject({ width: 5 });
    expect(headerOf(jpeg(segment(0xfe, latin1('hi')), join([7, 7, 7], frame(5, 6, 3))))).toMatchObject({ width: 5 });
  });

  it('reads EXIF, before and behind the frame, and not a thumbnail', () => {
    const thumbnail = jpeg(frame(160, 120, 3));
    const file = jpeg(
      segment(0xe0, latin1('JFIF\0xxxxxxxxx')),
      segment(0xe1, join('Exif\0\0', tiff(8), thumbnail)),
      frame(400, 300, 3),
    );
    expect(headerOf(file)).toMatchObject({ width: 400, height: 300, orientation: 8 });
    expect(headerOf(jpeg(frame(4, 3, 3), exifSegment(3)))).toMatchObject({ width: 4, orientation: 3 });
    const { offset, length } = headerOf(file).exif!;
    expect(file.subarray(offset, offset + length)).toEqual(join(tiff(8), thumbnail));
    expect(headerOf(jpeg(exifSegment(6), exifSegment(3), frame(4, 3, 3))).orientation).toBe(6);
    expect(headerOf(jpeg(exifSegment(9), frame(4, 3, 3))).orientation).toBe(1);
  });

  it('asks for more where segments go on', () => {
    const file = jpeg(segment(0xe2, new Uint8Array(60_000)), segment(0xe2, new Uint8Array(60_000)), frame(10, 10, 3));
    const first = sniffPicture(file.subarray(0, 1000), false);
    expect(first).toEqual({ kind: 'need-more', minBytes: 60_006 });
    expect(sniffPicture(file.subarray(0, 1000), true).kind).toBe('damaged');
    expect(headerOf(file)).toMatchObject({ width: 10 });
  });

  it('knows damage and what no browser reads', () => {
    expect(sniffPicture(jpeg(), true).kind).toBe('damaged');
    expect(sniffPicture(jpeg(frame(10, 0, 3)), true).kind).toBe('damaged');
    expect(sniffPicture(jpeg(frame(10, 9, 2)), true).kind).toBe('damaged');
    expect(sniffPicture(join([0xff, 0xd8, 0xff, 0xd9], new Uint8Array(40)), true).kind).toBe('damaged');
    expect(sniffPicture(jpeg(frame(10, 9, 3, 0xc3)), true)).toEqual({ kind: 'unsupported', type: 'jpeg-lossless' });
  });
});

describe('WebP', () => {
  it('reads the three forms', () => {
    expect(headerOf(webp(vp8(550, 368)))).toEqual({ format: 'webp', width: 550, height: 368, ...plain });
    expect(headerOf(webp(vp8l(16384, 3, false)))).toEqual({ format: 'webp', width: 16384, height: 3, ...plain });
    expect(headerOf(webp(vp8l(3, 16384, true)))).toMatchObject({ width: 3, height: 16384, mayHaveAlpha: true });
    expect(headerOf(webp(vp8x(70000, 9, 0), vp8(70000 & 0x3fff, 9)))).toMatchObject({
      width: 70000,
      height: 9,
      mayHaveAlpha: false,
    });
  });

  it('reads flags, and believes the frame over them', () => {
    expect(headerOf(webp(vp8x(8, 9, 0x10), riffChunk('ALPH', new Uint8Array(3)), vp8(8, 9))).mayHaveAlpha).toBe(true);
    expect(headerOf(webp(vp8x(8, 9, 0), vp8l(8, 9, true))).mayHaveAlpha).toBe(true);
    expect(headerOf(webp(vp8x(8, 9, 2), riffChunk('ANMF', new Uint8Array(40)))).animated).toBe(true);
  });

  it('finds EXIF behind the pixels, with and without prefix', () => {
    for (const data of [tiff(5), join('Exif\0\0', tiff(5))]) {
      const file = webp(vp8x(8, 9, 8), vp8(8, 9), riffChunk('EXIF', data));
      const header = headerOf(file);
      expect(header.orientation).toBe(1);
      expect(file.subarray(header.exif!.offset).subarray(0, header.exif!.length)).toEqual(tiff(5));
      expect(sniffPicture(file.subarray(0, 60), false).kind).toBe('need-more');
    }
    expect(headerOf(webp(vp8x(8, 9, 8), vp8(8, 9))).exif).toBeUndefined();
  });

  it('knows damage', () => {
    expect(sniffPicture(webp(riffChunk('VP8 ', new Uint8Array(20))), true).kind).toBe('damaged');
    expect(sniffPicture(webp(vp8x(8, 9, 0)), true).kind).toBe('damaged');
    expect(sniffPicture(webp(vp8(0, 9)), true).kind).toBe('damaged');
  });
});

describe('GIF', () => {
  it('reads the screen and the first frame', () => {
    expect(headerOf(gif(300, 200, gifFrame(0, 0, 300, 200)))).toEqual({
      format: 'gif',
      width: 300,
      height: 200,
      ...plain,
      colour: 'palette',
    });
    expect(headerOf(gif(30, 20, gifControl(true), gifFrame(0, 0, 30, 20))).mayHaveAlpha).toBe(true);
    expect(headerOf(gif(30, 20, gifFrame(1, 0, 29, 20))).mayHaveAlpha).toBe(true);
    expect(headerOf(gif(0, 0, gifFrame(2, 0, 28, 20)))).toMatchObject({ width: 30, height: 20 });
  });

  it('counts frames as far as it sees, then guesses by the loop mark', () => {
    const one = gifFrame(0, 0, 9, 9);
    expect(headerOf(gif(9, 9, GIF_LOOP, gifControl(false), one)).animated).toBe(false);
    const two = gif(9, 9, GIF_LOOP, gifControl(false), one, gifControl(false), one);
    expect(headerOf(two).animated).toBe(true);
    expect(headerOf(two.subarray(0, 70), false).animated).toBe(true);
    expect(headerOf(gif(9, 9, one, one).subarray(0, 40), false).animated).toBe(false);
  });

  it('knows damage', () => {
    expect(sniffPicture(gif(9, 9), true).kind).toBe('damaged');
    expect(sniffPicture(gif(9, 9, [0x21, 0xfe, 200]), true).kind).toBe('damaged');
  });
});

describe('BMP', () => {
  it('reads sizes, upside down too', () => {
    expect(headerOf(bmp(31, 17, 24))).toEqual({ format: 'bmp', width: 31, height: 17, ...plain });
    expect(headerOf(bmp(31, -17, 8))).toMatchObject({ height: 17, colour: 'palette' });
    expect(headerOf(bmp(31, 17, 32)).mayHaveAlpha).toBe(true);
    const core = join('BM', new Uint8Array(12), le32(12), le16(5), le16(6), le16(1), le16(24), new Uint8Array(20));
    expect(headerOf(core)).toMatchObject({ width: 5, height: 6 });
  });

  it('knows damage, and other files that begin with BM', () => {
    expect(sniffPicture(bmp(-1, 4, 24), true).kind).toBe('damaged');
    expect(sniffPicture(bmp(1, 4, 25), true).kind).toBe('damaged');
    expect(sniffPicture(latin1('BM is how this text begins, and no picture.'), true)).toEqual({
      kind: 'unsupported',
      type: 'unknown',
    });
  });
});

describe('AVIF', () => {
  it('reads the primary size, not a larger thumbnail', () => {
    const file = avif({ properties: [ispe(900, 900), ispe(320, 200), av1C(0)], own: [2, 0x83] });
    expect(headerOf(file)).toEqual({ format: 'avif', width: 320, height: 200, ...plain });
    expect(headerOf(avif({ properties: [ispe(90, 90), ispe(320, 200)], own: [] }))).toMatchObject({
      width: 320,
      height: 200,
    });
  });

  it('reads rotation, alpha, depth, grey and animation', () => {
    const turned = avif({ properties: [ispe(320, 200), box('irot', [1])], own: [1, 0x82] });
    expect(headerOf(turned)).toMatchObject({ width: 200, height: 320, orientation: 1 });
    expect(headerOf(avif({ properties: [ispe(320, 200), box('irot', [2])], own: [1, 2] }))).toMatchObject({
      width: 320,
    });
    expect(headerOf(avif({ properties: [ispe(3, 2), AUX_ALPHA], own: [1] })).mayHaveAlpha).toBe(true);
    expect(headerOf(avif({ properties: [ispe(3, 2), av1C(0x40)], own: [1] })).bitsPerChannel).toBe(10);
    expect(headerOf(avif({ properties: [ispe(3, 2), av1C(0x70)], own: [1] }))).toMatchObject({
      bitsPerChannel: 12,
      colour: 'grey',
    });
    expect(headerOf(avif({ properties: [ispe(3, 2)], own: [1], brands: 'avisavifmsf1' })).animated).toBe(true);
  });

  it('finds EXIF data in the file, whose orientation does not count', () => {
    const file = avif({ properties: [ispe(3, 2)], own: [1], exif: tiff(6) });
    const header = headerOf(file);
    expect(header).toMatchObject({ width: 3, orientation: 1 });
    expect(file.subarray(header.exif!.offset).subarray(0, header.exif!.length)).toEqual(tiff(6));
    expect(sniffPicture(file.subarray(0, file.length - 40), false).kind).toBe('need-more');
  });

  it('asks for more inside the list of items, and knows damage', () => {
    const file = avif({ properties: [ispe(3, 2)], own: [1] });
    expect(sniffPicture(file.subarray(0, 60), false).kind).toBe('need-more');
    expect(sniffPicture(file.subarray(0, 60), true).kind).toBe('damaged');
    const brands = box('ftyp', 'avif', be32(0));
    const longLengths = (length: number) => join(brands, be32(1), 'free', be32(0), be32(length), new Uint8Array(40));
    expect(sniffPicture(longLengths(0), false)).toEqual({ kind: 'damaged', reason: 'a box has no valid length' });
    expect(sniffPicture(longLengths(4000), false).kind).toBe('need-more');
    expect(sniffPicture(avif({ properties: [], own: [] }), true).kind).toBe('damaged');
    expect(
      sniffPicture(join(box('ftyp', 'avif', be32(0)), be32(0xffffffff), 'meta', new Uint8Array(30)), false).kind,
    ).toBe('damaged');
  });
});

describe('everything else', () => {
  it.each([
    ['', 'empty'],
    ['II*\0abcd', 'tiff'],
    ['MM\0*abcd', 'tiff'],
    ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'heic'],
    ['\0\0\0\x18ftypisom\0\0\0\0mp42isom', 'mp4'],
    ['\xff\x0aabc', 'jxl'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'jxl'],
    ['\0\0\x01\0\x01\0', 'ico'],
    ['%PDF-1.7', 'pdf'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'svg'],
    ['\xef\xbb\xbf <?xml version="1.0"?>\n<!-- a -->\n<svg/>', 'svg'],
    ['\xff\xfe<\0s\0v\0g\0>\0', 'svg'],
    ['<!DOCTYPE html><title>404</title>', 'html'],
    ['<?xml version="1.0"?><a/>', 'xml'],
    ['{"error":"not found"}', 'unknown'],
    ['RIFF\0\0\0\0WAVE', 'unknown'],
  ])('%j is %s', (start, type) => {
    expect(sniffPicture(latin1(start), true)).toEqual({ kind: 'unsupported', type });
  });

  it('asks for more before it judges', () => {
    expect(sniffPicture(new Uint8Array(0), false)).toEqual({ kind: 'need-more', minBytes: 32 });
  });
});

const SAMPLES: readonly Uint8Array[] = [
  png(20, 30, 8, 6, [pngChunk('acTL', be32(0)), pngChunk('tRNS', [0]), pngChunk('eXIf', tiff(6))]),
  jpeg(segment(0xe0, latin1('JFIF\0xxxxxxxxx')), exifSegment(7), frame(40, 50, 3)),
  webp(vp8(30, 40)),
  webp(vp8x(30, 40, 0x1a), riffChunk('ANMF', new Uint8Array(20)), riffChunk('EXIF', tiff(3))),
  gif(20, 30, GIF_LOOP, gifControl(true), gifFrame(0, 0, 20, 30), gifFrame(0, 0, 20, 30)),
  bmp(20, 30, 24),
  avif({ properties: [ispe(20, 30), av1C(0x40), AUX_ALPHA, box('irot', [1])], own: [1, 2, 4], exif: tiff(1) }),
];

describe('hostile bytes', () => {
  const isSane = (bytes: Uint8Array, complete: boolean) => {
    const result = sniffPicture(bytes, complete);
    if (result.kind === 'picture') {
      const { width, height, orientation, exif } = result.header;
      expect(Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0).toBe(true);
      expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(orientation);
      if (exif && complete) expect(exif.offset + exif.length).toBeLessThanOrEqual(bytes.length);
      if (exif)
        expect(exif.offset >= 0 && exif.length >= 0 && Number.isSafeInteger(exif.offset + exif.length)).toBe(true);
    }
    if (result.kind === 'need-more') {
      expect(complete).toBe(false);
      expect(result.minBytes).toBeGreaterThan(bytes.length);
    }
  };

  it('never throws on changed, cut or stretched files, and asks for more only where there may be more', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), edits, fc.nat(), fc.boolean(), (sample, changes, cut, complete) => {
        const bytes = sample.slice(0, cut % 3 === 0 ? cut % (sample.length + 1) : sample.length);
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        isSane(bytes, complete);
      }),
      { numRuns: 4000 },
    );
  });

  it('answers the same for every cut as for the whole, or asks for more', () => {
    for (const sample of SAMPLES) {
      const whole = sniffPicture(sample, true);
      expect(whole.kind).toBe('picture');
      for (let length = 0; length < sample.length; length++) {
        const part = sniffPicture(sample.subarray(0, length), false);
        if (part.kind !== 'need-more') expect(part).toEqual(whole);
        isSane(sample.subarray(0, length), true);
      }
    }
  });

  it('takes linear time for the worst files it can be given', () => {
    const size = 1_000_000;
    const fill = (start: Uint8Array, pattern: readonly number[]) => {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at++) bytes[at] = pattern[at % pattern.length]!;
      bytes.set(start);
      return bytes;
    };
    const emptyBoxes = [...be32(8), ...latin1('free')];
    const metaOf = join(box('ftyp', 'avif', be32(0), 'avif'), be32(size - 20), 'meta', be32(0));
    const ipcoOf = join(metaOf, be32(size - 40), 'iprp', be32(size - 48), 'ipco');
    const worst = [
      fill(png(9, 9, 8, 2).subarray(0, 33), [0, 0, 0, 0, 97, 97, 97, 97, 0, 0, 0, 0]),
      fill(latin1('\xff\xd8\xff'), [0]),
      fill(latin1('\xff\xd8\xff'), [0xff]),
      fill(latin1('\xff\xd8'), [0xff, 0xd0]),
      fill(latin1('\xff\xd8'), [0xff, 0xe0, 0, 2]),
      fill(join('RIFF', le32(size), 'WEBP', vp8x(9, 9, 8)), [97, 97, 97, 97, 0, 0, 0, 0]),
      fill(gif(9, 9, gifFrame(0, 0, 9, 9)).subarray(0, 37), [1, 1]),
      fill(gif(9, 9).subarray(0, 25), [0x21, 0xfe, 0]),
      fill(box('ftyp', 'avif', be32(0), 'avif'), emptyBoxes),
      fill(metaOf, emptyBoxes),
      fill(ipcoOf, emptyBoxes),
      fill(latin1('<svg'), [0]),
    ];
    // CPU time, for the machine may be busy.
    const cpuMs = () => process.cpuUsage().user / 1000;
    for (const bytes of worst) {
      for (const complete of [true, false]) {
        const started = cpuMs();
        isSane(bytes, complete);
        expect(cpuMs() - started).toBeLessThan(1000);
      }
    }
  });
});
