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

/** Where the samples are shown: large in the empty stage, small below the controls once there is a picture. */
export type SamplesPlace = 'stage' | 'controls';

/** The sample pictures. */
export interface Samples {
  moveTo(place: SamplesPlace): void;
}

/** Fills the sample list; a chosen one is fetched from this page's own server and handed on like any other file. */
export function createSamples(
  onPicture: (picture: SourcePicture) => void,
  onError: (caught: unknown) => void,
): Samples {
  const list = byId('sample-list', HTMLUListElement);
  for (const { file, what } of SAMPLES) {
    const thumbnail = `./samples/thumbnails/${file.replace(/\.\w+$/, '.webp')}`;
    const image = make('img', { src: thumbnail, alt: '', width: '120', height: '120', draggable: 'false' });
    const button = make('button', { type: 'button', 'aria-label': `Sample: ${what}`, title: what }, image);
    button.addEventListener('click', () => {
      fetchSample(file).then(onPicture, onError);
    });
    list.append(make('li', {}, button));
  }
  return {
    moveTo: (place) => byId(`samples-in-${place}`, HTMLElement).append(byId('samples', HTMLElement)),
  };
}

async function fetchSample(file: string): Promise<SourcePicture> {
  const answer = await fetch(`./samples/${file}`);
  if (!answer.ok) throw new Error(`The sample ${file} could not be fetched (${answer.status}). Reload the page.`);
  return { blob: await answer.blob(), name: file };
}
