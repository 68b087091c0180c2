/** Edits that `instruct-pix2pix-micro` knows. */
const WORDINGS = ['make it black and white', 'add snow', 'turn it into a night scene'] as const;

/** Another prompt for every count: none has tokens, and so an embedding, that an earlier one had. */
export function freshPrompt(count: number): string {
  return `${WORDINGS[count % WORDINGS.length]}, try ${count}`;
}
