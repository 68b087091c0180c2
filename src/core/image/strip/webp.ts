import { boxType } from '../headers/boxes.js';
import { byteAt, u32be, u32le } from '../headers/file-start.js';
import { EXIF_REMNANT_BYTES, type ExifRemnant } from './exif-remnant.js';
import { PartialCopy } from './partial-copy.js';

const VP8X = boxType('VP8X');
const ANMF = boxType('ANMF');
const EXIF = boxType('EXIF');
const FRAME_CHUNKS: ReadonlySet<number> = new Set(['ALPH', 'VP8 ', 'VP8L'].map(boxType));
const EXTENDED_CHUNKS: ReadonlySet<number> = new Set([...FRAME_CHUNKS, ...['ICCP', 'ANIM', 'ANMF'].map(boxType)]);

const FLAG_EXIF = 0x08;
/** Colour profile, alpha and animation. */
const KEPT_FLAGS = 0x20 | 0x10 | 0x02;

/** Place and size of a frame in an animation; its chunks follow. */
const FRAME_HEAD_BYTES = 16;

interface Chunk {
  /** Four letters as a big-endian number, like {@link boxType}. */
  readonly type: number;
  readonly at: number;
  /** Length of what it holds, in bytes; that begins at `at + 8`. */
  readonly length: number;
  /** Where the next one begins. */
  readonly next: number;
}

/**
 * Keeps pixels, animation, alpha and colour profile, and corrects the announcements in the extended head. Undefined
 * where the structure is broken, a chunk that must be unique is not, or a frame of an animation holds anything else
 * than pixels. RFC 9649.
 */
export function stripWebp(file: Uint8Array, exif: ExifRemnant | undefined): Uint8Array<ArrayBuffer> | undefined {
  const end = 8 + u32le(file, 4);
  const head = readChunks(file, 12, Math.min(end, file.length)).next().value;
  if (end > file.length || !head) return undefined;
  const copy = new PartialCopy(file, EXIF_REMNANT_BYTES);
  copy.keep(0, 12);
  if (head.type === VP8X) return head.length === 10 ? stripExtended(file, head, end, copy, exif) : undefined;
  // Nothing behind the one chunk of the simple form is part of the picture.
  if (!FRAME_CHUNKS.has(head.type)) return undefined;
  keepChunk(copy, head);
  return withSize(copy.finish());
}

function stripExtended(
  file: Uint8Array,
  head: Chunk,
  end: number,
  copy: PartialCopy,
  exif: ExifRemnant | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  copy.keep(head.at, head.next);
  const flags = byteAt(file, head.at + 8);
  // Decoders look for no EXIF data that is not announced.
  const remnant = (flags & FLAG_EXIF) !== 0 ? exif : undefined;
  const seen = new Set<number>();
  for (const chunk of readChunks(file, head.next, end)) {
    if (!chunk) return undefined;
    const { type, at, length } = chunk;
    if (type === VP8X || (seen.has(type) && type !== ANMF)) return undefined;
    if (EXTENDED_CHUNKS.has(type)) {
      if (type === ANMF && !holdsOnlyPixels(file, chunk)) return undefined;
      seen.add(type);
      keepChunk(copy, chunk);
    } else if (type === EXIF && remnant && remnant.at >= at + 8 && remnant.at < at + 8 + length) {
      copy.keep(at, at + 4);
      copy.write([remnant.tiff.length, 0, 0, 0]);
      copy.write(remnant.tiff);
    }
  }
  const whole = copy.finish();
  // The three bytes behind the flags are reserved.
  whole.set([(flags & KEPT_FLAGS) | (remnant ? FLAG_EXIF : 0), 0, 0, 0], head.at + 8);
  return withSize(whole);
}

/** The chunks between two places; the last one is undefined if they do not fill the room exactly. */
function* readChunks(file: Uint8Array, start: number, end: number): Generator<Chunk | undefined, undefined, undefined> {
  for (let at = start; at < end; ) {
    const length = u32le(file, at + 4);
    const next = at + 8 + length + (length & 1);
    if (at + 8 > end || next > end) {
      yield undefined;
      return;
    }
    yield { type: u32be(file, at), at, length, next };
    at = next;
  }
}

function holdsOnlyPixels(file: Uint8Array, { at, length }: Chunk): boolean {
  for (const part of readChunks(file, at + 8 + FRAME_HEAD_BYTES, at + 8 + length)) {
    if (!part || !FRAME_CHUNKS.has(part.type)) return false;
  }
  return length > FRAME_HEAD_BYTES;
}

/** A chunk of odd length is filled up with a byte that means nothing. */
function keepChunk(copy: PartialCopy, { at, length }: Chunk): void {
  copy.keep(at, at + 8 + length);
  if ((length & 1) === 1) copy.write([0]);
}

/** Writes the file's own size into it. */
function withSize(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  return file;
}
