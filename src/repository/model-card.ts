import { MANIFEST_SCHEMA, type ModelCard } from '../contract/manifest.js';
import type { RepositoryOptions } from './options.js';
import type { Repository } from './repository.js';

/** What a model tells of itself: the caller's words, else what little a repository's place says. */
export function makeCard(
  repository: Repository,
  options: RepositoryOptions,
  kind: Pick<ModelCard, 'task' | 'summary' | 'honours'>,
): ModelCard {
  const { id = repository.name } = options;
  return {
    ...kind,
    schema: MANIFEST_SCHEMA,
    id,
    title: options.title ?? id,
    summary: options.summary ?? kind.summary,
    licence: options.licence ?? 'NOASSERTION',
    attribution: options.attribution ?? `The authors of ${id}`,
    made: `As found in ${repository.place}`,
  };
}
