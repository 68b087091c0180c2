// Many repositories hold a CLIP tokenizer as vocab.json and merges.txt only; the library wants a tokenizer.json. This is the one that
// transformers writes for CLIP (convert_slow_tokenizer.py, CLIPConverter), without the parts that only matter to other callers.

/** First and last token of every CLIP prompt. */
export const CLIP_START = '<|startoftext|>';
export const CLIP_END = '<|endoftext|>';

/** Contractions, words, single digits, and runs of all else but white space. Special tokens in lower-cased text stay whole here. */
const WORDS = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/**
 * The tokenizer.json of a CLIP byte-pair encoding.
 * @param vocab Text of vocab.json: ids by token.
 * @param merges Text of merges.txt: a pair per line, the first to be merged first; the first line may name a version.
 * @throws Error that says which file is wrong and where.
 */
export function clipTokenizerJson(vocab: string, merges: string): Readonly<Record<string, unknown>> {
  const ids = parseVocab(vocab);
  return {
    version: '1.0',
    added_tokens: [CLIP_START, CLIP_END]
      .filter((content) => ids[content] !== undefined)
      .map((content) => special(content, ids)),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: CLIP_END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: ids,
      merges: parseMerges(merges),
    },
  };
}

function special(content: string, ids: Readonly<Record<string, number>>): Readonly<Record<string, unknown>> {
  return {
    id: ids[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}

function parseVocab(text: string): Readonly<Record<string, number>> {
  const vocab: unknown = JSON.parse(text);
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab))
    throw new Error('vocab.json is not an object.');
  for (const [token, id] of Object.entries(vocab)) {
    if (!Number.isInteger(id)) throw new Error(`vocab.json gives "${token}" no id.`);
  }
  return vocab as Readonly<Record<string, number>>;
}

/** Only "\n" ends a line: other separators may stand inside a token. */
function parseMerges(text: string): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (bare === '' || (at === 0 && bare.startsWith('#version'))) continue;
    const [left, right, more] = bare.split(' ');
    if (!left || !right || more !== undefined) throw new Error(`merges.txt, line ${at + 1}, is not a pair of tokens.`);
    pairs.push([left, right]);
  }
  return pairs;
}
