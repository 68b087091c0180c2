/** Encoded at once: a few milliseconds of work at most. A multiple of 3, so that no piece but the last is padded. */
const PIECE_BYTES = 3 * 2 ** 16;

/** Characters of a string that are made from bytes in one call; engines limit the arguments of a call. */
const CALL_BYTES = 2 ** 13;

/**
 * The base64 text of a Blob, as a Blob of ASCII: to be put between the parts of a JSON body without ever being one long string. The
 * event loop is given a turn after each piece; the official client blocks it for seconds (5.0 s for 20 MiB, guides/hosted.md).
 * @param signal Stops the work; throws its own reason.
 */
export async function base64Parts(blob: Blob, signal?: AbortSignal): Promise<Blob> {
  const parts: Blob[] = [];
  for (let from = 0; from < blob.size; from += PIECE_BYTES) {
    signal?.throwIfAborted();
    const bytes = new Uint8Array(await blob.slice(from, from + PIECE_BYTES).arrayBuffer());
    // A Blob each: one made of all strings would copy them all at once.
    parts.push(new Blob([encodeBase64(bytes)]));
    await giveTurn();
  }
  return new Blob(parts);
}

/**
 * The bytes of base64 text; white space in it is ignored. The event loop is given turns, as above.
 * @returns undefined for text that is no base64.
 */
export async function decodeBase64(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  // Four characters for three bytes.
  const pieceCharacters = (PIECE_BYTES / 3) * 4;
  const bytes = new Uint8Array(Math.ceil((compact.length / 4) * 3));
  let lengthBytes = 0;
  for (let from = 0; from < compact.length; from += pieceCharacters) {
    const piece = decodePiece(compact.slice(from, from + pieceCharacters));
    if (!piece) return undefined;
    bytes.set(piece, lengthBytes);
    lengthBytes += piece.length;
    await giveTurn();
  }
  return bytes.subarray(0, lengthBytes);
}

/** Of ES2026; not in the compiler's library yet, nor in every browser. */
interface Base64Bytes {
  toBase64?(): string;
}

function encodeBase64(bytes: Uint8Array): string {
  const native = (bytes as Base64Bytes).toBase64?.();
  if (native !== undefined) return native;
  let letters = '';
  for (let from = 0; from < bytes.length; from += CALL_BYTES) {
    letters += String.fromCharCode(...bytes.subarray(from, from + CALL_BYTES));
  }
  return btoa(letters);
}

function decodePiece(text: string): Uint8Array | undefined {
  try {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let index = 0; index < letters.length; index++) bytes[index] = letters.charCodeAt(index);
    return bytes;
  } catch {
    return undefined;
  }
}

/** Lets events, input and painting through. By a message: timers are slowed down to one a second in hidden tabs. */
function giveTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
