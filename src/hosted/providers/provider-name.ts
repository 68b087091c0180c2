/** A hosted provider that takes pictures. */
export type ProviderName = 'hf-inference' | 'fal-ai' | 'replicate' | 'wavespeed' | 'together';

/** All of them: those that `@huggingface/inference` registers for image-to-image. */
export const PROVIDER_NAMES: readonly ProviderName[] = ['hf-inference', 'fal-ai', 'replicate', 'wavespeed', 'together'];

/** Whether a name is a provider's; `auto` is none. */
export function isProviderName(name: string): name is ProviderName {
  return (PROVIDER_NAMES as readonly string[]).includes(name);
}

/** The misuse that an unknown name is. */
export function providerUnknown(name: string): RangeError {
  return new RangeError(`provider "${name}" takes no pictures. Use ${PROVIDER_NAMES.join(', ')} or auto.`);
}
