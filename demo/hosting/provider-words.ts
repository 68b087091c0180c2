const NAMES: Readonly<Record<string, string>> = {
  'hf-inference': 'Hugging Face itself',
  'fal-ai': 'fal',
  replicate: 'Replicate',
  wavespeed: 'WaveSpeed',
  together: 'Together',
};

/** A provider's name for people; one that is not known stays as it is. */
export function providerName(provider: string): string {
  return Object.hasOwn(NAMES, provider) ? (NAMES[provider] ?? provider) : provider;
}
