import type { ModelInfo } from 'tintype';
import type { GraphicsAdapter } from '../graphics-adapter.js';
import type { Size } from '../picture-viewport.js';

/** A feed-forward model and what it costs. */
export interface BenchmarkModel extends Pick<ModelInfo, 'id' | 'title' | 'scale'> {
  readonly task: Exclude<ModelInfo['task'], 'prompted-editing'>;
  /** Multiply-adds per input pixel. */
  readonly macsPerPixel: number;
}

/** Where one row of the table runs. */
export interface Place {
  readonly device: 'wasm' | 'webgpu';
  /** Engines that there may be at most. */
  readonly maxEngines: number;
  /** A graphics adapter that the processor plays. */
  readonly isSoftware: boolean;
}

/** One row of the table: the same call several times. */
export interface Measurement {
  readonly model: BenchmarkModel;
  readonly picture: Size;
  readonly place: Place;
}

/** What a plan is made from. */
export interface PlanFacts {
  readonly models: readonly BenchmarkModel[];
  readonly adapter: GraphicsAdapter['state'];
  /** Cores that the browser tells of. */
  readonly cores: number;
  /** Tiny pictures everywhere: to see that all works, not how fast. */
  readonly isQuick: boolean;
}

/** Calls that are timed for one row, after those that only warm up. Odd, so that one of them is the median. */
export const TIMED_CALLS = 3;

/** Multiply-adds per second of one engine on an ordinary laptop core; only to guess how long things will take. */
const TYPICAL_MACS_PER_SECOND = 14.5e9;
/** As the library's own default: more engines cost more memory than they save time. */
const MOST_ENGINES = 8;
/** A picture whose one call would take longer than this on one core is left out. */
const LONGEST_CALL_SECONDS = { large: 3, middle: 10 } as const;
const LARGE: Size = { width: 1152, height: 864 };
const MIDDLE: Size = { width: 640, height: 480 };
const SMALL: Size = { width: 320, height: 240 };
const TINY: Size = { width: 96, height: 64 };
/** Emulated graphics are hundreds of times slower: enough to see that it works. */
const TINIEST: Size = { width: 32, height: 24 };
/** Starting workers, runtime and network, for one row. */
const START_SECONDS = 0.7;

/** All rows, in the order in which they run. */
export function planMeasurements(facts: PlanFacts): readonly Measurement[] {
  const places = placesFor(facts);
  return facts.models.flatMap((model) => [
    ...picturesFor(model, facts.isQuick).flatMap((picture) =>
      places.filter(({ isSoftware }) => !isSoftware).map((place) => ({ model, picture, place })),
    ),
    ...places.filter(({ isSoftware }) => isSoftware).map((place) => ({ model, picture: TINIEST, place })),
  ]);
}

/** How long a row may take, on an ordinary laptop; no more than a guess. */
export function expectedSeconds({ model, picture, place }: Measurement): number {
  const work = (picture.width * picture.height * model.macsPerPixel) / TYPICAL_MACS_PER_SECOND;
  const factor = place.isSoftware ? 200 : 1 / place.maxEngines;
  return START_SECONDS + (TIMED_CALLS + 1) * work * factor;
}

function placesFor({ adapter, cores }: PlanFacts): readonly Place[] {
  const all = Math.min(MOST_ENGINES, cores);
  const processor = (maxEngines: number): Place => ({ device: 'wasm', maxEngines, isSoftware: false });
  const hasGraphics = adapter === 'hardware' || adapter === 'software';
  return [
    processor(1),
    ...(all > 1 ? [processor(all)] : []),
    ...(hasGraphics ? [{ device: 'webgpu', maxEngines: 1, isSoftware: adapter === 'software' } as const] : []),
  ];
}

function picturesFor({ macsPerPixel }: BenchmarkModel, isQuick: boolean): readonly Size[] {
  if (isQuick) return [TINY];
  const seconds = ({ width, height }: Size) => (width * height * macsPerPixel) / TYPICAL_MACS_PER_SECOND;
  if (seconds(LARGE) <= LONGEST_CALL_SECONDS.large) return [MIDDLE, LARGE];
  return seconds(MIDDLE) <= LONGEST_CALL_SECONDS.middle ? [MIDDLE] : [SMALL];
}
