/** What of a service's words is shown. */
const MAX_SHOWN_CHARACTERS = 200;

/** More of them is not even looked at: what cleans them takes time by their length. */
const MAX_READ_CHARACTERS = 4096;

/** Stands for what was removed. */
const REMOVED = '[...]';

/** As long a piece of a prompt is removed wherever it stands; whole prompts that are shorter, as words. */
const PIECE_CHARACTERS = 12;

/** All that looks like a picture in base64, a token or a signed address. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/data:[\w/+.-]*(;[\w=.-]+)*,\S*/gi, REMOVED],
  // Signatures and tokens of addresses are behind their question mark.
  [/\b(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi, `$1?${REMOVED}`],
  [/\b(https?:\/\/)[^\s"'<>/@]+@/gi, `$1${REMOVED}@`],
  // With a digit: "token provided" holds none.
  [/\b(bearer|key|token|basic)(:?\s+)(?=\S*\d)[\w.~+/=:-]{8,}/gi, `$1$2${REMOVED}`],
  [/\b(hf|r8|sk|pk|api_org|tgp|gh[a-z])_[\w-]{4,}/gi, REMOVED],
  [/\bsk-[\w-]{8,}/gi, REMOVED],
  [/\beyJ[\w-]{4,}(\.[\w-]+)*/g, REMOVED],
  // fal's keys: an id and a secret.
  [/\b[\da-f]{8}-[\da-f-]{27}:[\da-f]{16,}/gi, REMOVED],
  // Its lines, and a last one that is shorter.
  [/(?:[\w+/=-]|\\\/){64,}(?: (?=\S*[\dA-Z])(?:[\w+/=-]|\\\/){16,})*/g, REMOVED],
  // No word has 24 letters and digits mixed.
  [/\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{24,}\b/gi, REMOVED],
];

/** A text of others without secrets and without all that looks like a token, a picture or a signed address, in one line. */
export function cleanText(text: string, secrets: readonly string[]): string {
  const cleaned = removeSecrets(text, secrets);
  return PATTERNS.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), cleaned);
}

/**
 * A text of others without secrets, in one line.
 * @param secrets Tokens and prompts. Also removed where the text changes their case or white space, escapes them as JSON does, or
 * quotes only a longer part of them.
 */
export function removeSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .flatMap((secret) => [oneLine(secret), oneLine(JSON.stringify(secret).slice(1, -1))])
    .filter((form) => form !== '');
  let cleaned = oneLine(text.slice(0, MAX_READ_CHARACTERS));
  // Whole ones first: a piece that is taken out of one leaves ends that are too short to be known.
  for (const form of forms) {
    // A pattern may not be of any length.
    if (form.length <= cleaned.length) cleaned = cleaned.replace(patternOf(form), REMOVED);
  }
  for (const form of forms) cleaned = removePieces(cleaned, form);
  return cleaned;
}

/** At most 200 characters, an ellipsis included. */
export function shortenText(text: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  // Not in the middle of a pair that stands for one character.
  return `${text.slice(0, MAX_SHOWN_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * What an error's body says in words: `{error}`, `{error: {message}}`, `{error: [..]}`, `{detail, error_type}`,
 * `{detail: [{loc, msg, type}]}` (FastAPI), `{message}`, `{errors}`, plain text, the title of a page of HTML. Empty where it says
 * nothing.
 */
export function readErrorText(body: string): string {
  const text = body.trim();
  if (text.startsWith('<')) return /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim() ?? '';
  const value = parseJson(text);
  return errorWords(value === undefined ? text : value);
}

/** The same for JSON that has been read already. */
export function errorWords(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value.trim();
  if (depth > 3) return '';
  if (Array.isArray(value)) {
    const words = value.slice(0, 3).map((item: unknown) => errorWords(item, depth + 1));
    return words.filter((word) => word !== '').join('; ');
  }
  const message = fieldOf(value, 'msg');
  if (typeof message === 'string') return placeOf(fieldOf(value, 'loc')) + message;
  for (const name of ['error', 'detail', 'message', 'errors', 'title']) {
    const words = errorWords(fieldOf(value, name), depth + 1);
    if (words === '') continue;
    const type = fieldOf(value, 'error_type');
    return typeof type === 'string' && type !== '' ? `${words} (${type})` : words;
  }
  return '';
}

/** JSON, or undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A field of what may be an object. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** `["body", "parameters", "steps"]` as `parameters.steps: `. */
function placeOf(loc: unknown): string {
  const names = Array.isArray(loc) ? loc.filter((name) => name !== 'body') : [];
  return names.length === 0 ? '' : `${names.join('.')}: `;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Whole words only, if it is short: a prompt "cat" is not removed from "category". Scripts without spaces have no such edges. */
function patternOf(secret: string): RegExp {
  const escaped = secret.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const isWord = secret.length < PIECE_CHARACTERS && /^[\x20-\u024f]+$/.test(secret);
  return new RegExp(isWord ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped, 'giu');
}

/** Removes every stretch of the text that is a long enough piece of the secret. */
function removePieces(text: string, secret: string): string {
  if (secret.length < PIECE_CHARACTERS) return text;
  const lowerSecret = secret.toLowerCase();
  const lowerText = text.toLowerCase();
  // A few letters change their length with their case; then only the exact form is found.
  const comparable = lowerText.length === text.length ? lowerText : text;
  let kept = '';
  let at = 0;
  while (at < text.length) {
    let length = PIECE_CHARACTERS;
    if (at + length > text.length || !lowerSecret.includes(comparable.slice(at, at + length))) {
      kept += text[at];
      at += 1;
      continue;
    }
    while (at + length < text.length && lowerSecret.includes(comparable.slice(at, at + length + 1))) length += 1;
    kept += REMOVED;
    at += length;
  }
  return kept;
}
