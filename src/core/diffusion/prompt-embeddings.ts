import type { Floats, TextEncoder } from './networks.js';
import { assertFinite } from './not-finite.js';

/**
 * What the text encoder makes of a prompt.
 * @param ids Token ids, as many as the model takes.
 * @param cache Embeddings of earlier prompts by their ids; added to.
 * @param open Opens the encoder; not called where the prompt is in the cache.
 * @throws ImageToImageError `inference-failed` for an embedding that is not finite; it is not kept.
 */
export async function embedPrompt(
  ids: readonly number[],
  cache: Map<string, Floats>,
  open: () => Promise<TextEncoder>,
): Promise<Floats> {
  const key = ids.join();
  const known = cache.get(key);
  if (known !== undefined) return known;
  const encoder = await open();
  const embedding = await encoder.encode(ids);
  assertFinite(embedding.data, 'text_encoder');
  cache.set(key, embedding);
  return embedding;
}
