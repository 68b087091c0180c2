/** What an address of the hosted API asks for. */
export interface HostedAddress {
  /** `infer`: run a model. `lookup`: by which providers a model is served. */
  readonly kind: 'infer' | 'lookup';
  /** Id of the model, decoded: `owner/name` mostly. */
  readonly model: string;
}

const MODEL_PATHS: Readonly<Record<string, string>> = {
  'https://router.huggingface.co': '/hf-inference/models/',
  'https://api-inference.huggingface.co': '/models/',
};
const HUB = 'https://huggingface.co';
const HUB_PATH = '/api/models/';

/** Reads an address; undefined for one that is not of the hosted image-to-image API. */
export function readHostedAddress(url: URL): HostedAddress | undefined {
  const { origin, pathname, searchParams } = url;
  if (origin === HUB) {
    const asksForProviders = [...searchParams].some(
      ([name, value]) => /^expand(?:\[\])?$/.test(name) && value === 'inferenceProviderMapping',
    );
    const model = asksForProviders ? modelAfter(pathname, HUB_PATH) : undefined;
    return model === undefined ? undefined : { kind: 'lookup', model };
  }
  const prefix = Object.hasOwn(MODEL_PATHS, origin) ? MODEL_PATHS[origin] : undefined;
  if (prefix === undefined) return undefined;
  // The long form names the task; those of other tasks are not ours.
  const path = pathname.replace(/\/pipeline\/image-to-image\/?$/, '');
  if (path.includes('/pipeline/')) return undefined;
  const model = modelAfter(path, prefix);
  return model === undefined ? undefined : { kind: 'infer', model };
}

function modelAfter(pathname: string, prefix: string): string | undefined {
  if (!pathname.startsWith(prefix)) return undefined;
  const encoded = pathname.slice(prefix.length).replace(/\/$/, '');
  if (encoded === '') return undefined;
  const model = decoded(encoded);
  // Chat and the like lie under the same path.
  return /^[^/]+\/[^/]+\/v1\//.test(model) ? undefined : model;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
