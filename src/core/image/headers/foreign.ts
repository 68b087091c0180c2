import { startsWith } from './file-start.js';

/** First bytes of files people take for pictures. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['tiff', 'II+\0'],
  ['tiff', 'MM\0+'],
  ['jpeg-xr', 'II\xbc'],
  ['jxl', '\xff\x0a'],
  ['jxl', '\0\0\0\x0cJXL \x0d\x0a\x87\x0a'],
  ['jpeg2000', '\0\0\0\x0cjP  '],
  ['jpeg2000', '\xff\x4f\xff\x51'],
  ['ico', '\0\0\x01\0'],
  ['cur', '\0\0\x02\0'],
  ['pdf', '%PDF'],
  ['psd', '8BPS'],
  ['exr', 'v/1\x01'],
  ['hdr', '#?RADIANCE'],
  ['qoi', 'qoif'],
  ['dds', 'DDS '],
  ['ktx2', '\xabKTX 20\xbb'],
  ['jng', '\x8bJNG'],
  ['mng', '\x8aMNG'],
  ['postscript', '%!PS'],
  ['gzip', '\x1f\x8b'],
  ['zip', 'PK\x03\x04'],
  ['webm', '\x1a\x45\xdf\xa3'],
];

/** Text is looked at this far. */
const TEXT_BYTES = 1024;

/** Names a file that is not a picture we read: a short lower-case name, `unknown` if nothing fits. */
export function nameForeignType(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty';
  const magic = MAGIC.find(([, start]) => startsWith(bytes, start));
  return magic ? magic[0] : nameText(bytes);
}

function nameText(bytes: Uint8Array): string {
  // Zeros are dropped, so that UTF-16 reads like ASCII, byte order mark aside.
  const letters = bytes.subarray(0, TEXT_BYTES).filter((byte) => byte !== 0);
  const text = String.fromCharCode(...letters)
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .trimStart()
    .toLowerCase();
  if (!text.startsWith('<')) return 'unknown';
  if (text.includes('<svg') || text.startsWith('<!doctype svg')) return 'svg';
  if (text.startsWith('<!doctype html') || text.includes('<html') || text.includes('<head')) return 'html';
  return text.startsWith('<?xml') ? 'xml' : 'unknown';
}
