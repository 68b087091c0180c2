import { Tokenizer } from '@huggingface/tokenizers';
import { ImageToImageError } from '../src/contract/errors.js';
import type { TokenizerFileName } from '../src/contract/manifest.js';
import { CLIP_END, CLIP_START, clipTokenizerJson } from './clip-tokenizer-json.js';

/** A prompt as a text encoder takes it. */
export interface TokenizedPrompt {
  /** First token, the prompt cut to fit, last token, padding. */
  readonly ids: readonly number[];
  /** What was cut off, decoded from its tokens and so in lower case; empty if nothing was. */
  readonly removed: string;
}

/** Cuts prompts into tokens. */
export interface PromptTokenizer {
  tokenize(text: string): TokenizedPrompt;
}

/** Texts of a tokenizer's files. */
export type TokenizerTexts = Readonly<Partial<Record<TokenizerFileName, string>>>;

/** What is used of the library. Its own declarations do not resolve under NodeNext: their imports lack extensions (0.2.0). */
interface BpeTokenizer {
  encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: number[] };
  decode(ids: number[], options: { readonly clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
}

/** The parts of tokenizer.json that are read or changed here; the library reads the rest. */
interface TokenizerJson {
  readonly added_tokens?: readonly AddedToken[] | null;
  readonly normalizer?: Step | null;
  readonly pre_tokenizer?: Step | null;
  readonly padding?: { readonly pad_token?: string } | null;
  readonly model?: { readonly vocab?: Readonly<Record<string, number>> };
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly normalized?: boolean;
}

/** A normalizer or pre-tokenizer. */
interface Step {
  readonly type: string;
  readonly normalizers?: readonly Step[];
  readonly pretokenizers?: readonly Step[];
  readonly [setting: string]: unknown;
}

/** special_tokens_map.json and tokenizer_config.json, as far as they are read. */
interface SpecialTokens {
  readonly [key: string]: unknown;
}

/**
 * A tokenizer of the CLIP kind, with the ids of transformers' fast tokenizer and the cutting and padding of diffusers.
 * @param files `tokenizer.json`, else `vocab.json` and `merges.txt`. Which token pads is read from `special_tokens_map.json`,
 * `tokenizer_config.json` or `tokenizer.json`, in this order; default is the last token.
 * @param maxTokens Length of every answer, both ends included.
 * @throws ImageToImageError `model-unavailable`, phase `start`: a file is missing or broken.
 */
export function createPromptTokenizer(files: TokenizerTexts, maxTokens: number): PromptTokenizer {
  const maps = [parse(files, 'special_tokens_map.json'), parse(files, 'tokenizer_config.json')];
  const json = readTokenizerJson(files);
  const { encode, decode, idOf } = build(json, maps);
  const padding = { pad_token: json.padding?.pad_token };
  const named = (role: string): string | undefined =>
    [...maps, padding].map((map: SpecialTokens) => contentOf(map[role])).find((token) => token !== undefined);
  const endToken = named('eos_token') ?? CLIP_END;
  const start = idOf('first token of a prompt', named('bos_token') ?? CLIP_START);
  const end = idOf('last token of a prompt', endToken);
  const pad = idOf('token for padding', named('pad_token') ?? endToken);
  return {
    tokenize(text) {
      const ids = encode(text);
      const kept = ids.slice(0, maxTokens - 2);
      const cut = ids.slice(kept.length);
      return {
        ids: [start, ...kept, end, ...new Array<number>(maxTokens - 2 - kept.length).fill(pad)],
        removed: cut.length === 0 ? '' : decode(cut).trim(),
      };
    },
  };
}

/** The library with its deviations mended; no special tokens are put around the ids. */
interface MendedTokenizer {
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
  idOf(role: string, token: string): number;
}

function build(json: TokenizerJson, maps: readonly SpecialTokens[]): MendedTokenizer {
  const vocab = json.model?.vocab;
  if (typeof vocab !== 'object' || vocab === null) throw broken('tokenizer.json has no vocabulary.');
  let library: BpeTokenizer;
  let raw: ReadonlyMap<string, number>;
  try {
    const special = withSpecialTokens(json.added_tokens ?? [], maps, vocab);
    raw = new Map(special.filter((token) => !isNormalized(token)).map(({ content, id }) => [content, id]));
    const mended = {
      ...json,
      added_tokens: special.filter(isNormalized),
      normalizer: json.normalizer ? mendNormalizer(json.normalizer) : null,
      pre_tokenizer: json.pre_tokenizer ? mendPreTokenizer(json.pre_tokenizer) : null,
    };
    // No configuration: what it would change of the text is in tokenizer.json already.
    library = new Tokenizer(mended, {});
  } catch (caught) {
    throw broken('tokenizer.json is not one that can be used.', {}, caught);
  }
  const cut = splitter([...raw.keys()]);
  const encodeText = (text: string): readonly number[] => library.encode(text, { add_special_tokens: false }).ids;
  return {
    encode(text) {
      return cut(text).flatMap((piece) => raw.get(piece) ?? encodeText(piece));
    },
    decode: (ids) => library.decode([...ids], { clean_up_tokenization_spaces: false }),
    idOf(role, token) {
      const id = raw.get(token) ?? library.token_to_id(token);
      if (id === undefined) throw broken(`Its vocabulary lacks the ${role}, "${token}".`, { lacks: token });
      return id;
    },
  };
}

/**
 * Cuts special tokens out of raw text. Not left to the library: it also takes a piece for one that only becomes one when it is
 * lower-cased ("<|ENDOFTEXT|>" alone; 0.2.0).
 */
function splitter(tokens: readonly string[]): (text: string) => readonly string[] {
  if (tokens.length === 0) return (text) => [text];
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    `(${longestFirst.map((token) => token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})`,
    'u',
  );
  return (text) => text.split(pattern);
}

/** Whether it is looked for in the normalised text; the others in the raw one. */
function isNormalized({ normalized, special }: AddedToken): boolean {
  return normalized ?? !special;
}

function readTokenizerJson(files: TokenizerTexts): TokenizerJson {
  if (files['tokenizer.json'] !== undefined) return parse(files, 'tokenizer.json') as TokenizerJson;
  const { 'vocab.json': vocab, 'merges.txt': merges } = files;
  if (vocab === undefined || merges === undefined) {
    const there = Object.keys(files).join(', ') || 'none';
    throw broken('It needs tokenizer.json, or vocab.json and merges.txt.', { files: there });
  }
  try {
    return clipTokenizerJson(vocab, merges) as TokenizerJson;
  } catch (caught) {
    throw broken('vocab.json or merges.txt cannot be read.', {}, caught);
  }
}

/** @returns An empty object where there is no such file. */
function parse(files: TokenizerTexts, name: TokenizerFileName): Readonly<Record<string, unknown>> {
  const text = files[name];
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (caught) {
    throw broken(`${name} is not JSON.`, { file: name }, caught);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw broken(`${name} is not a JSON object.`, { file: name });
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * Special tokens are cut out of the raw text before anything else, and transformers counts those in that only the small files name:
 * with the pad token "!" of Stable Diffusion 2 every "!" becomes padding.
 */
function withSpecialTokens(
  added: readonly AddedToken[],
  maps: readonly SpecialTokens[],
  vocab: Readonly<Record<string, number>>,
): readonly AddedToken[] {
  const tokens = [...added];
  for (const map of maps) {
    const additional = Array.isArray(map.additional_special_tokens) ? map.additional_special_tokens : [];
    for (const value of [map.bos_token, map.eos_token, map.pad_token, map.unk_token, ...additional]) {
      const content = contentOf(value);
      if (content === undefined || tokens.some((token) => token.content === content)) continue;
      const id = vocab[content];
      const flags = typeof value === 'object' ? (value as object) : {};
      if (id !== undefined) tokens.push({ normalized: false, ...flags, special: true, id, content });
    }
  }
  return tokens;
}

/** A special token is a string, or an object with flags around it. */
function contentOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { content } = value as { readonly content?: unknown };
  return typeof content === 'string' ? content : undefined;
}

/**
 * The original lower-cases character by character. The library lower-cases the whole text (0.2.0), which differs in one letter: a
 * capital sigma at the end of a word.
 */
function mendNormalizer(step: Step): Step {
  if (step.normalizers) return { ...step, normalizers: step.normalizers.map(mendNormalizer) };
  if (step.type !== 'Lowercase') return step;
  const sigma: Step = { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' };
  return { type: 'Sequence', normalizers: [sigma, step] };
}

/** What ByteLevel splits by, in the original's dialect. */
const BYTE_LEVEL_PIECES = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * The library translates patterns of tokenizer.json from the original's dialect, but has the pattern of ByteLevel as JavaScript
 * (0.2.0), where \s takes in U+FEFF and leaves out U+0085. Splitting by the same pattern beforehand has it translated.
 */
function mendPreTokenizer(step: Step): Step {
  if (step.pretokenizers) return { ...step, pretokenizers: step.pretokenizers.map(mendPreTokenizer) };
  if (step.type !== 'ByteLevel' || step.use_regex === false || step.add_prefix_space === true) return step;
  const split: Step = { type: 'Split', pattern: { Regex: BYTE_LEVEL_PIECES }, behavior: 'Isolated', invert: false };
  return { type: 'Sequence', pretokenizers: [split, { ...step, use_regex: false }] };
}

function broken(what: string, details: Readonly<Record<string, string>> = {}, caught?: unknown): ImageToImageError {
  return new ImageToImageError({
    code: 'model-unavailable',
    phase: 'start',
    message: `The model's tokenizer cannot be used. ${what} Check the files of the model's tokenizer folder.`,
    details,
    ...(caught === undefined
      ? {}
      : { cause: caught instanceof Error ? `${caught.name}: ${caught.message}` : String(caught) }),
  });
}
