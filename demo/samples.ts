import { byId, make } from './page-elements.js';
import type { SourcePicture } from './picture-source.js';

/** The pictures in `public/samples`; LICENSES.md beside them says whose they are. */
const SAMPLES = [
  { file: 'chelsea.png', what: 'Cat' },
  { file: 'coffee.png', what: 'Cup of coffee' },
  { file: 'astronaut.png', what: 'Astronaut' },
  { file: 'rocket.jpg', what: 'Rocket' },
  { file: 'brick.png', what: 'Brick wall' },
  { file: 'hubble_deep_field.jpg', what: 'Deep field' },
] as const;
type Sample = (typeof SAMPLES)[number];

/** Where the samples are shown: large in the empty stage, small below the controls once there is a picture. */
export type SamplesPlace = 'stage' | 'controls';

/** The sample pictures. */
export interface Samples {
  moveTo(place: SamplesPlace): void;
  /** A sample that is still on its way is no longer wanted. */
  stop(): void;
}

/** Fills the sample list; a chosen one is fetched from this page's own server and handed on like any other file. */
export function createSamples(
  onPicture: (picture: SourcePicture) => void,
  onError: (caught: unknown, retry: () => void) => void,
): Samples {
  let loading: { readonly abort: AbortController; readonly button: HTMLElement } | undefined;

  function stop(): void {
    loading?.abort.abort();
    loading?.button.removeAttribute('aria-busy');
    loading = undefined;
  }
  async function load(sample: Sample, button: HTMLElement): Promise<void> {
    stop();
    const abort = new AbortController();
    loading = { abort, button };
    button.setAttribute('aria-busy', 'true');
    try {
      const picture = await fetchSample(sample, abort.signal);
      if (!abort.signal.aborted) onPicture(picture);
    } catch (caught) {
      if (!abort.signal.aborted) onError(caught, () => void load(sample, button));
    } finally {
      if (!abort.signal.aborted) stop();
    }
  }

  const list = byId('sample-list', HTMLUListElement);
  for (const sample of SAMPLES) {
    const { file, what } = sample;
    const thumbnail = `./samples/thumbnails/${file.replace(/\.\w+$/, '.webp')}`;
    const image = make('img', { src: thumbnail, alt: '', width: '120', height: '120', draggable: 'false' });
    const button = make('button', { type: 'button', 'aria-label': `Sample: ${what}`, title: what }, image);
    button.addEventListener('click', () => void load(sample, button));
    list.append(make('li', {}, button));
  }
  return {
    stop,
    moveTo: (place) => byId(`samples-in-${place}`, HTMLElement).append(byId('samples', HTMLElement)),
  };
}

async function fetchSample({ file, what }: Sample, signal: AbortSignal): Promise<SourcePicture> {
  let refusal = '';
  try {
    const answer = await fetch(`./samples/${file}`, { signal });
    if (answer.ok) return { blob: await answer.blob(), name: file };
    refusal = ` (the server answered ${answer.status})`;
  } catch {
    // A browser's own words for a lost connection ("Failed to fetch") help nobody.
  }
  throw new Error(`The sample "${what}" could not be fetched${refusal}. Check the connection, then try again.`);
}
