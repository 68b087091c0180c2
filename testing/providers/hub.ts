import { json } from '../answer.js';
import type { MappingEntry } from '../settings.js';
import type { Protocol } from './protocol.js';

const TASK = 'image-to-image';

/** `GET /api/models/{id}?expand[]=inferenceProviderMapping` and `GET /api/tasks`. */
export const hub: Protocol = {
  stageOf: () => 'lookup',
  answer(call, { settings }) {
    if (call.path === '/api/tasks') return json(200, { [TASK]: { models: [{ id: 'timbrooks/instruct-pix2pix' }] } });
    const encoded = /^\/api\/models\/(.+)$/.exec(call.path)?.[1];
    if (encoded === undefined) return json(404, { error: "Sorry, we can't find the page you are looking for." });
    const id = decodeURIComponent(encoded);
    const model = Object.hasOwn(settings.models, id) ? settings.models[id] : { mapping: mappingOf(id) };
    // The Hub does not tell strangers whether a private model exists.
    if (model?.isPrivate && !/^Bearer hf_\S+$/.test(call.headers.authorization ?? '')) {
      return json(401, { error: 'Invalid username or password.' });
    }
    const isAsked = call.query
      .getAll('expand[]')
      .concat(call.query.getAll('expand'))
      .includes('inferenceProviderMapping');
    return json(200, {
      _id: '0123456789abcdef01234567',
      id,
      ...(isAsked && model?.mapping !== undefined ? { inferenceProviderMapping: model.mapping } : {}),
    });
  },
};

function mappingOf(id: string): readonly MappingEntry[] {
  const name = id.split('/').at(-1) ?? id;
  const providerIds: Readonly<Record<string, string>> = {
    'hf-inference': id,
    'fal-ai': `fal-ai/${name}/edit`,
    replicate: id,
    wavespeed: `wavespeed-ai/${name}`,
    together: id,
  };
  return Object.entries(providerIds).map(([provider, providerId]) => ({
    provider,
    hfModelId: id,
    providerId,
    status: 'live',
    task: TASK,
  }));
}
