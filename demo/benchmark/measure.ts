import { type Dtype, InferenceClient, type Report } from 'tintype';
import { type Measurement, TIMED_CALLS } from './plan.js';
import { type Spread, spreadOf } from './spread.js';

/** What the parts of a call took, in milliseconds. They overlap where the library works on two at a time. */
export type Parts = Readonly<Record<'decode' | 'tiles' | 'encode' | 'total', number>>;

/** What one row came to. */
export interface Measured {
  /** Engines that the last call had. */
  readonly engines: number;
  readonly tiles: number;
  readonly dtype: Dtype | undefined;
  /** Milliseconds of each timed call, from file to file, in order. */
  readonly timesMs: readonly number[];
  readonly timeMs: Spread;
  /** Megapixels of input per second, of the median call. */
  readonly megapixelsPerSecond: number;
  readonly tilesPerSecond: number;
  /** Of the median call. */
  readonly partsMs: Parts;
}

/** Engines are started as there is more to do, so that it takes a few calls until all are there. */
const MOST_WARM_UPS = 3;

interface TimedCall {
  readonly ms: number;
  readonly report: Report;
}

/**
 * Makes a client of its own, warms it up and times its calls.
 * @param onCall Called before each timed call with its number from 1; 0 for warming up.
 * @throws ImageToImageError, or the signal's reason at once
 */
export async function measure(
  { model, picture, place }: Measurement,
  options: { readonly inputs: Blob; readonly signal: AbortSignal; readonly onCall: (call: number) => void },
): Promise<Measured> {
  const { inputs, signal, onCall } = options;
  const client = new InferenceClient(undefined, { device: place.device, maxEngines: place.maxEngines });
  const call = () => timeCall(client, { model: model.id, inputs }, signal);
  try {
    onCall(0);
    for (let warmUps = 0; warmUps < MOST_WARM_UPS; warmUps++) {
      const { report } = await call();
      if (report.engines === place.maxEngines) break;
    }
    const calls: TimedCall[] = [];
    while (calls.length < TIMED_CALLS) {
      onCall(calls.length + 1);
      calls.push(await call());
    }
    return summarise(calls, picture.width * picture.height);
  } finally {
    // Memory and cores are the next row's.
    await client.dispose();
  }
}

async function timeCall(
  client: InferenceClient,
  args: Parameters<InferenceClient['imageToImage']>[0],
  signal: AbortSignal,
): Promise<TimedCall> {
  let report: Report | undefined;
  const started = performance.now();
  await client.imageToImage(args, {
    signal,
    onReport: (told) => {
      report = told;
    },
  });
  const ms = performance.now() - started;
  if (report === undefined) throw new Error('The call gave no report.');
  return { ms, report };
}

function summarise(calls: readonly TimedCall[], pixels: number): Measured {
  const timesMs = calls.map(({ ms }) => ms);
  const timeMs = spreadOf(timesMs);
  const middle = calls.find(({ ms }) => ms === timeMs.median);
  if (middle === undefined) throw new Error('An even number of calls has no middle one.');
  const { engines = 1, tiles = 1, dtype, timingsMs } = middle.report;
  const { decode = 0, tiles: tilesMs = 0, encode = 0 } = timingsMs;
  const seconds = middle.ms / 1_000;
  return {
    engines,
    tiles,
    dtype,
    timesMs,
    timeMs,
    megapixelsPerSecond: pixels / 1e6 / seconds,
    tilesPerSecond: tiles / seconds,
    partsMs: { decode, tiles: tilesMs, encode, total: middle.ms },
  };
}
