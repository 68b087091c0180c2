import type { ModelFile, TokenizerFileName, TokenizerFiles } from '../contract/manifest.js';
import { Fields } from './json-object.js';
import { unusable } from './refusal.js';
import { CONFIG_PATHS, type Repository } from './repository.js';

/**
 * The files of a CLIP tokenizer: `tokenizer.json`, else `vocab.json` and `merges.txt`; the two that say more where they are there.
 * @param textLength Tokens that the text encoder takes; `model_max_length` may say fewer.
 * @throws ImageToImageError `model-unavailable` if they are missing or of another tokenizer.
 */
export async function findTokenizer(repository: Repository, textLength: number): Promise<TokenizerFiles> {
  const find = (name: TokenizerFileName): Promise<ModelFile | undefined> =>
    repository.describe(`tokenizer/${name}`, 'count');
  const [whole, settings, special, config] = await Promise.all([
    find('tokenizer.json'),
    find('tokenizer_config.json'),
    find('special_tokens_map.json'),
    repository.readConfig('tokenizer'),
  ]);
  const fields = new Fields(config ?? {}, CONFIG_PATHS.tokenizer);
  const kind = fields.text('tokenizer_class') ?? 'CLIPTokenizer';
  if (!kind.startsWith('CLIPTokenizer')) {
    throw unusable(`The tokenizer is ${kind}; Tintype runs CLIPTokenizer. Use a Stable Diffusion 1 or 2 model.`, {
      kind,
    });
  }
  const words = whole ? { 'tokenizer.json': whole } : await findWords(repository, find);
  return {
    files: {
      ...words,
      ...(settings && { 'tokenizer_config.json': settings }),
      ...(special && { 'special_tokens_map.json': special }),
    },
    maxTokens: Math.min(textLength, fields.number('model_max_length') ?? textLength),
  };
}

async function findWords(
  { place }: Repository,
  find: (name: TokenizerFileName) => Promise<ModelFile | undefined>,
): Promise<TokenizerFiles['files']> {
  const [vocabulary, merges] = await Promise.all([find('vocab.json'), find('merges.txt')]);
  if (vocabulary && merges) return { 'vocab.json': vocabulary, 'merges.txt': merges };
  throw unusable(
    `No tokenizer in ${place}: it needs tokenizer/tokenizer.json, or tokenizer/vocab.json and tokenizer/merges.txt. Add them, or name other paths in \`files\`.`,
    { missing: 'tokenizer' },
  );
}
