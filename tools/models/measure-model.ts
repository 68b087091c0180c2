import type { BuiltModel } from './build-model.ts';
import type { MadeDtype } from './model-specs.ts';
import { crop, type Picture } from './png-picture.ts';
import { psnrDb } from './psnr.ts';
import { openSession, type WasmSession } from './wasm-session.ts';

/** What was measured of one variant, against the float32 form of the same model. */
export interface Measured {
  readonly dtype: MadeDtype;
  readonly sizeBytes: number;
  /** Worst and mean over the pictures; infinite for float32 itself. */
  readonly psnrMinDb: number;
  readonly psnrMeanDb: number;
  /** Times as fast as float32: the least processor time of many interleaved runs against the least of float32's. */
  readonly speedRatio: number;
  /** Largest difference, in levels of 255, between a tile without its overlap and the same pixels of the whole picture. */
  readonly tileLevels: number;
}

const DTYPES: readonly MadeDtype[] = ['f32', 'w8', 'u8'];
/** Rounds of one run of each variant. Noise of a shared machine hits all alike, and the least time is kept. */
const MOST_ROUNDS = 30;
const LEAST_ROUNDS = 6;
const ENOUGH_MS = 6000;

/** @param pictures all of one size, a multiple of 8. */
export async function measureModel(model: BuiltModel, pictures: readonly Picture[]): Promise<readonly Measured[]> {
  const sessions = await Promise.all(DTYPES.map((dtype) => openSession(model.files[dtype])));
  const [float] = sessions;
  const [first] = pictures;
  if (!float || !first) throw new Error('There is nothing to measure on.');
  const psnrs: number[][] = sessions.map(() => []);
  const tileLevels = sessions.map(() => 0);
  for (const picture of pictures) {
    const reference = await float.run(picture);
    for (const [at, session] of sessions.entries()) {
      const whole = await session.run(picture);
      psnrs[at]?.push(psnrDb(whole, reference));
      const levels = await tileDifference(model, session, picture, whole);
      tileLevels[at] = Math.max(tileLevels[at] ?? 0, levels);
    }
  }
  const times = await leastTimes(sessions, first);
  await Promise.all(sessions.map((session) => session.release()));
  return DTYPES.map((dtype, at) => ({
    dtype,
    sizeBytes: model.files[dtype].length,
    psnrMinDb: Math.min(...(psnrs[at] ?? [])),
    psnrMeanDb: mean(psnrs[at] ?? []),
    speedRatio: (times[0] ?? 0) / (times[at] ?? 1),
    tileLevels: tileLevels[at] ?? 0,
  }));
}

/** Processor time in ms, not time on the clock: other work on the machine then hardly counts. */
async function leastTimes(sessions: readonly WasmSession[], picture: Picture): Promise<number[]> {
  const least = sessions.map(() => Number.POSITIVE_INFINITY);
  let spentMs = 0;
  for (let round = 0; round < MOST_ROUNDS && (round < LEAST_ROUNDS || spentMs < ENOUGH_MS); round++) {
    for (const [at, session] of sessions.entries()) {
      const start = process.cpuUsage();
      await session.run(picture);
      const { user, system } = process.cpuUsage(start);
      const tookMs = (user + system) / 1000;
      spentMs += tookMs;
      least[at] = Math.min(least[at] ?? 0, tookMs);
    }
  }
  return least;
}

/** Runs the upper left quarter with its overlap as a tile of its own and compares what the overlap leaves. */
async function tileDifference(
  { overlapPx, spec: { scale } }: BuiltModel,
  session: WasmSession,
  picture: Picture,
  whole: Picture,
): Promise<number> {
  const kept = { width: picture.width / 2, height: picture.height / 2 };
  const tile = await session.run(
    crop(picture, 0, 0, { width: kept.width + overlapPx, height: kept.height + overlapPx }),
  );
  const size = { width: kept.width * scale, height: kept.height * scale };
  return largestDifference(crop(tile, 0, 0, size), crop(whole, 0, 0, size));
}

/** Largest difference of two pictures of one size, in levels of 255, over all four channels. */
export function largestDifference(a: Picture, b: Picture): number {
  let largest = 0;
  for (let at = 0; at < a.rgba.length; at++)
    largest = Math.max(largest, Math.abs((a.rgba[at] ?? 0) - (b.rgba[at] ?? 0)));
  return largest;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
