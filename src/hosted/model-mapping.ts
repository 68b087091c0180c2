import type { InferenceProviderMappingEntry } from '@huggingface/inference';
import type { ImageToImageError } from '../contract/errors.js';
import { isProviderKey } from './host-set.js';
import { isProviderName, PROVIDER_NAMES, type ProviderName } from './providers/provider-name.js';
import { readJson, valueAt } from './providers/read-answer.js';
import type { Transport } from './transport.js';

/** What a model is called at the provider that runs it. */
export interface MappedModel {
  readonly provider: ProviderName;
  /** The provider's own id. */
  readonly providerId: string;
  /** The Hub still tests the provider with this model. */
  readonly isStaging: boolean;
  /** As the official client takes it: it holds adapters, too. */
  readonly entry: InferenceProviderMappingEntry;
}

/** A provider that the Hub names for a model, whatever its task. */
interface MappingEntry {
  readonly provider: string;
  readonly providerId: string;
  readonly status: string;
  readonly task: string;
  readonly hfModelId: string;
  readonly adapter?: string;
  readonly adapterWeightsPath?: string;
}

/** That is asked which provider runs a model; it never gets a picture. */
export const HUB_HOST = 'huggingface.co';

const TASK = 'image-to-image';
/** An owner's name and a model's, or only that. */
const MODEL_ID = /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)?$/;
const KEPT_MS = 10 * 60_000;
const KEPT_MODELS = 64;
const MAX_BYTES = 1 << 20;

const kept = new Map<string, { readonly entries: readonly MappingEntry[]; readonly untilMs: number }>();

/** Which model of which provider is wanted. */
export interface MappingQuestion {
  readonly model: string;
  readonly provider: ProviderName | 'auto';
  /** Empty means none. One of Hugging Face's own lets private models be found. */
  readonly token: string;
  readonly transport: Transport;
}

/**
 * Asks the Hub who runs a model. `auto` is the first provider on its list that we can speak to, one in test only if there is no
 * other; answers are kept for ten minutes.
 * @throws ImageToImageError `remote-failed` if nobody runs it, or not as image-to-image; TypeError for what is no model id.
 */
export async function mapModel(question: MappingQuestion): Promise<MappedModel> {
  const entries = await entriesOf(question);
  const usable = entries.filter(
    ({ provider, task, status }) =>
      (question.provider === 'auto' ? isProviderName(provider) : provider === question.provider) &&
      task === TASK &&
      (status === 'live' || status === 'staging'),
  );
  const entry = usable.find(({ status }) => status === 'live') ?? usable[0];
  if (!entry) throw unmapped(question, entries);
  return {
    provider: entry.provider as ProviderName,
    providerId: entry.providerId,
    isStaging: entry.status === 'staging',
    entry: entry as InferenceProviderMappingEntry,
  };
}

async function entriesOf({ model, token, transport }: MappingQuestion): Promise<readonly MappingEntry[]> {
  if (!MODEL_ID.test(model)) {
    throw new TypeError(`"${model}" is not the id of a hosted model, such as owner/name. A URL is an endpointUrl.`);
  }
  const withToken = token !== '' && !isProviderKey(token);
  const key = `${withToken ? 'token' : 'none'} ${model}`;
  const known = kept.get(key);
  if (known && known.untilMs > Date.now()) return known.entries;
  const answer = await transport.send({
    step: 'lookup',
    method: 'GET',
    url: `https://${HUB_HOST}/api/models/${model}?expand[]=inferenceProviderMapping`,
    maxBytes: MAX_BYTES,
  });
  const entries = readEntries(readJson(answer.bytes), model);
  if (!entries) {
    throw transport.failure({
      kind: 'bad-answer',
      step: 'lookup',
      provider: HUB_HOST,
      what: `said nothing readable about ${model}`,
    });
  }
  kept.delete(key);
  kept.set(key, { entries, untilMs: Date.now() + KEPT_MS });
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MODELS) break;
    kept.delete(oldest);
  }
  return entries;
}

/** Undefined for what is no answer about a model. */
function readEntries(body: unknown, model: string): readonly MappingEntry[] | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const mapping = valueAt(body, 'inferenceProviderMapping');
  if (typeof mapping !== 'object' || mapping === null) return [];
  // A list, or, as the Hub had it first, an object with the provider's name as key.
  const rows: readonly unknown[] = Array.isArray(mapping)
    ? mapping
    : Object.entries(mapping).map(([provider, row]) => ({ hfModelId: model, ...(row as object), provider }));
  return rows.filter(isEntry).map((entry) => ({ ...entry, hfModelId: entry.hfModelId ?? model }));
}

function isEntry(row: unknown): row is MappingEntry {
  if (typeof row !== 'object' || row === null) return false;
  const { provider, providerId, status, task } = row as Record<string, unknown>;
  return [provider, providerId, status, task].every((field) => typeof field === 'string');
}

function unmapped(
  { model, provider, transport }: MappingQuestion,
  entries: readonly MappingEntry[],
): ImageToImageError {
  const there = entries.map((entry) => `${entry.provider} (${entry.task}, ${entry.status})`).join(', ');
  return transport.failure({
    kind: 'not-found',
    step: 'lookup',
    provider: HUB_HOST,
    what: `knows no ${provider === 'auto' ? 'usable provider' : provider} for ${model} as ${TASK}`,
    said: there || 'no providers at all',
    advice: `Use another model, another provider (${PROVIDER_NAMES.join(', ')}), or an endpointUrl of your own.`,
  });
}
