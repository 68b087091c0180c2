/** A few bytes that stand for a picture while the official client makes the body, for its base64 takes seconds for a large one. */
export interface StandIn {
  readonly blob: Blob;
  /** Its base64, which occurs nowhere else. */
  readonly base64: string;
}

/** @param type The picture's own, for data URLs name it. */
export function createStandIn(type: string): StandIn {
  // Divisible by 3: no padding, so that what replaces it may have its own.
  const bytes = crypto.getRandomValues(new Uint8Array(30));
  return { blob: new Blob([bytes], { type }), base64: btoa(String.fromCharCode(...bytes)) };
}

/**
 * Puts the real base64 wherever a stand-in's is.
 * @param texts Base64 of a stand-in, and the real one as a Blob; never joined to one string.
 */
export function replaceStandIns(json: string, texts: ReadonlyMap<string, Blob>): Blob {
  let parts: (string | Blob)[] = [json];
  for (const [base64, real] of texts) {
    parts = parts.flatMap((part) =>
      typeof part === 'string'
        ? part.split(base64).flatMap((text, index) => (index === 0 ? [text] : [real, text]))
        : [part],
    );
  }
  return new Blob(parts);
}
