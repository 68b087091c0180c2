import type { Report } from 'tintype';
import type { HandledSettings, Lab } from './lab.js';
import { MOST_WARM_UPS, type Side } from './page/side.js';
import type { TintypeSide } from './page/tintype.js';
import { watchEngines } from './watch-engines.js';

/** What a warm call of Tintype really does. */
export interface Recording {
  /** Width and height of each tile that an engine was given, in order. */
  readonly tiles: readonly (readonly [number, number])[];
  readonly engines: number;
  readonly dtype: string;
}

/** Of a tensor with four dimensions: them. */
const DIMS_OF_TILES = `(value) =>
  Array.isArray(value.dims) && value.dims.length === 4 && value.data ? value.dims : undefined`;

/** By what a plan depends on; several scenarios ask for the same, and a recording may take a minute. */
const recordings = new WeakMap<Lab, Map<string, Promise<Recording>>>();

/** What Tintype's engines are given for a picture, warm. Recorded once per lab. */
export function recordTiles(lab: Lab, megapixels: number, settings: HandledSettings): Promise<Recording> {
  const known = recordings.get(lab) ?? new Map<string, Promise<Recording>>();
  recordings.set(lab, known);
  const key = `${settings.model} ${megapixels} ${settings.engines}`;
  const recording = known.get(key) ?? record(lab, megapixels, settings);
  known.set(key, recording);
  return recording;
}

/** Makes calls in a page of its own, untimed, until one is as warm as later ones, and sees what its engines are given. */
async function record(lab: Lab, megapixels: number, settings: HandledSettings): Promise<Recording> {
  const bench = await lab.open();
  try {
    watchEngines(bench.server, 'bench-tiles', DIMS_OF_TILES);
    const picture = await bench.picture(megapixels);
    const side = await bench.side('tintype', settings);
    const { report, seen } = await bench.page.evaluate(watchCalls, [
      side,
      picture,
      settings.engines,
      MOST_WARM_UPS,
    ] as const);
    const tiles = seen.map(([, height = 0, width = 0]) => [width, height] as const);
    if (tiles.length !== report.tiles) {
      throw new Error(`${tiles.length} tiles were seen, but the report says ${report.tiles}: watch the engines anew.`);
    }
    return { tiles, engines: report.engines ?? 1, dtype: report.dtype ?? 'w8' };
  } finally {
    await bench.close();
  }
}

/** In the page. A client of short calls starts its engines by and by. */
async function watchCalls([side, picture, mostEngines, mostCalls]: readonly [Side, Blob, number, number]): Promise<{
  readonly report: Report;
  readonly seen: readonly (readonly number[])[];
}> {
  const seen: number[][] = [];
  const channel = new BroadcastChannel('bench-tiles');
  channel.onmessage = (event: MessageEvent<number[]>) => seen.push(event.data);
  for (let calls = 0; ; ) {
    seen.length = 0;
    await side.run(picture);
    // The news of the last tiles comes by another way than the result.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const report = (side as TintypeSide).report();
    if (++calls === mostCalls || report.engines === mostEngines) return { report, seen };
  }
}
