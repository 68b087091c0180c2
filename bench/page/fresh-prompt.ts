/**
 * Another prompt for every count: none has tokens, and so an embedding, that an earlier one had. All ask for one edit, so that results
 * are alike and cost the same to encode.
 */
export function freshPrompt(count: number): string {
  return `make it look like sunset, try ${count}`;
}
