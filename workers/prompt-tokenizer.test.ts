import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isImageToImageError } from '../src/contract/errors.js';
import { createPromptTokenizer, type TokenizerTexts } from './prompt-tokenizer.js';

const FIXTURES = new URL('../fixtures/diffusion/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, FIXTURES), 'utf8');

interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly truncated?: readonly number[];
}

const goldens = JSON.parse(read('clip-bpe.json')) as {
  readonly cases: readonly Golden[];
  readonly openai_clip: readonly Golden[];
  readonly padded: readonly {
    readonly text: string;
    readonly pad_token: string;
    readonly input_ids: readonly number[];
  }[];
};

const small = 'tiny-pipelines/shared/tokenizer/';
const maps = {
  'special_tokens_map.json': read(`${small}special_tokens_map.json`),
  'tokenizer_config.json': read(`${small}tokenizer_config.json`),
};
const routes: Readonly<Record<string, TokenizerTexts>> = {
  'tokenizer.json': { 'tokenizer.json': read(`${small}tokenizer.json`) },
  'vocab.json and merges.txt': { 'vocab.json': read(`${small}vocab.json`), 'merges.txt': read(`${small}merges.txt`) },
};

/** OpenAI's vocabulary, built from its merges as fixtures/diffusion/README.md says. */
function openAiFiles(): TokenizerTexts {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const rest = bytes.filter((byte) => !printable(byte)).map((_, at) => 256 + at);
  const symbols = [...bytes.filter(printable), ...rest].map((code) => String.fromCharCode(code));
  const merges = read('openai-clip/merges.txt');
  const merged = merges
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => line.replace(' ', ''));
  const tokens = [
    ...symbols,
    ...symbols.map((symbol) => `${symbol}</w>`),
    ...merged,
    '<|startoftext|>',
    '<|endoftext|>',
  ];
  const vocab = JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id])));
  return { 'vocab.json': vocab, 'merges.txt': merges };
}

function framed(ids: readonly number[], [start, end]: readonly [number, number]): readonly number[] {
  const row = [start, ...ids.slice(0, 75), end];
  return [...row, ...new Array<number>(77 - row.length).fill(end)];
}

function withPad(pad: string): TokenizerTexts {
  const map = JSON.parse(maps['special_tokens_map.json']) as object;
  return { 'special_tokens_map.json': JSON.stringify({ ...map, pad_token: pad }) };
}

describe.each(Object.entries(routes))('a tokenizer from %s', (_, files) => {
  test('gives the ids of the reference for every golden text', () => {
    const tokenizer = createPromptTokenizer({ ...files, ...maps }, 77);
    expect(goldens.cases).toHaveLength(213);
    for (const { text, ids, truncated } of goldens.cases) {
      const got = tokenizer.tokenize(text);
      expect(got.ids, JSON.stringify(text)).toEqual(truncated ?? framed(ids, [787, 788]));
      expect(got.removed === '', JSON.stringify(text)).toBe(ids.length <= 75);
    }
  });

  test('gives the padded rows of the reference for both pad tokens', () => {
    for (const { text, pad_token, input_ids } of goldens.padded) {
      const tokenizer = createPromptTokenizer({ ...files, ...maps, ...withPad(pad_token) }, 77);
      expect(tokenizer.tokenize(text).ids, JSON.stringify([text, pad_token])).toEqual(input_ids);
    }
    expect(new Set(goldens.padded.map((row) => row.pad_token))).toEqual(new Set(['<|endoftext|>', '!']));
  });

  test('needs neither of the small files', () => {
    expect(createPromptTokenizer(files, 9).tokenize('make it snow').ids).toEqual([
      787, 550, 519, 82, 768, 342, 788, 788, 788,
    ]);
  });

  test('U+FEFF is no white space: it parts nothing', () => {
    const tokenizer = createPromptTokenizer(files, 8);
    // One piece of five bytes, so only the last symbol ends a word.
    const [, ...ids] = tokenizer.tokenize('!\ufeff!').ids;
    expect(ids).toEqual([0, 171, 119, 123, 256, 788, 788]);
  });
});

test('gives the ids of the reference over the vocabulary of OpenAI', () => {
  const tokenizer = createPromptTokenizer(openAiFiles(), 77);
  expect(goldens.openai_clip).toHaveLength(213);
  for (const { text, ids, truncated } of goldens.openai_clip) {
    const expected = truncated ?? framed(ids, [49406, 49407]);
    expect(tokenizer.tokenize(text).ids, JSON.stringify(text)).toEqual(expected);
  }
});

describe('special tokens', () => {
  test('that are marked as normalised are found in the lower-cased text, as in older CLIP repositories', () => {
    const json = JSON.parse(routes['tokenizer.json']?.['tokenizer.json'] ?? '') as { added_tokens: object[] };
    const added = json.added_tokens.map((token) => ({ ...token, normalized: true }));
    const tokenizer = createPromptTokenizer({ 'tokenizer.json': JSON.stringify({ ...json, added_tokens: added }) }, 7);
    for (const text of ['a <|startoftext|> a', 'a <|STARTOFTEXT|> A']) {
      expect(tokenizer.tokenize(text).ids).toEqual([787, 320, 787, 320, 788, 788, 788]);
    }
  });

  test('that only the small files name count too, longer ones first', () => {
    const files = openAiFiles();
    const vocab = JSON.parse(files['vocab.json'] ?? '') as Record<string, number>;
    const map = JSON.stringify({ additional_special_tokens: ['!', { content: '!!' }] });
    const { ids } = createPromptTokenizer({ ...files, 'special_tokens_map.json': map }, 5).tokenize('a!!!');
    expect(ids).toEqual([49406, 320, vocab['!!'], 0, 49407]);
  });
});

describe('what does not fit', () => {
  const tokenizer = createPromptTokenizer(openAiFiles(), 8);

  test('is told, in lower case', () => {
    const { ids, removed } = tokenizer.tokenize('A photo of a cat on a Mat, 100%! Café');
    expect(ids).toEqual([49406, 320, 1125, 539, 320, 2368, 525, 49407]);
    expect(removed.replaceAll(' ', '')).toBe('amat,100%!café');
    expect(removed).toMatch(/^a mat ,/);
  });

  test('is nothing at exactly the greatest length', () => {
    expect(tokenizer.tokenize('a photo of a cat on').removed).toBe('');
  });
});

describe('the pad token', () => {
  const files = routes['tokenizer.json'] as TokenizerTexts;
  const lastId = (more: TokenizerTexts): number | undefined =>
    createPromptTokenizer({ ...files, ...more }, 5)
      .tokenize('')
      .ids.at(-1);

  test('is that of special_tokens_map.json where tokenizer_config.json says otherwise, as in Stable Diffusion 2.1', () => {
    expect(lastId({ ...maps, ...withPad('!') })).toBe(0);
  });

  test('may be an object, or stand in tokenizer_config.json or tokenizer.json only', () => {
    expect(lastId({ 'special_tokens_map.json': JSON.stringify({ pad_token: { content: '!' } }) })).toBe(0);
    expect(lastId({ 'tokenizer_config.json': JSON.stringify({ pad_token: '!' }) })).toBe(0);
    const json = JSON.parse(files['tokenizer.json'] ?? '') as object;
    expect(lastId({ 'tokenizer.json': JSON.stringify({ ...json, padding: { pad_token: '!' } }) })).toBe(0);
  });
});

describe('files that are missing or broken', () => {
  const json = routes['tokenizer.json'] as TokenizerTexts;
  const pair = routes['vocab.json and merges.txt'] as TokenizerTexts;
  const cases: readonly (readonly [string, TokenizerTexts, RegExp])[] = [
    ['no files', {}, /needs tokenizer\.json, or vocab\.json and merges\.txt/],
    ['merges.txt missing', { 'vocab.json': pair['vocab.json'] ?? '' }, /needs tokenizer\.json/],
    ['an error page for tokenizer.json', { 'tokenizer.json': '<html>' }, /tokenizer\.json is not JSON/],
    ['a list for tokenizer.json', { 'tokenizer.json': '[]' }, /tokenizer\.json is not a JSON object/],
    ['no model in tokenizer.json', { 'tokenizer.json': '{}' }, /no vocabulary/],
    [
      'a tokenizer.json of an unknown kind',
      { 'tokenizer.json': '{"model":{"type":"?","vocab":{}}}' },
      /not one that can be used/,
    ],
    ['broken special tokens', { ...json, 'special_tokens_map.json': '{' }, /special_tokens_map\.json is not JSON/],
    ['an unknown pad token', { ...json, ...withPad('<pad>') }, /lacks the token for padding, "<pad>"/],
    ['a vocabulary that is none', { ...pair, 'vocab.json': '{"a":"b"}' }, /vocab\.json or merges\.txt/],
    ['merges that are none', { ...pair, 'merges.txt': 'Not found' + '\n' + 'a b c' }, /vocab\.json or merges\.txt/],
    [
      'a vocabulary without ends',
      { ...pair, 'vocab.json': '{"a":0}', 'merges.txt': '' },
      /lacks the first token of a prompt/,
    ],
  ];

  test.each(cases)('%s', (_, files, message) => {
    let thrown: unknown;
    try {
      createPromptTokenizer(files, 77);
    } catch (caught) {
      thrown = caught;
    }
    expect(isImageToImageError(thrown, 'model-unavailable')).toBe(true);
    expect(thrown).toMatchObject({ phase: 'start', message: expect.stringMatching(message) });
  });
});
