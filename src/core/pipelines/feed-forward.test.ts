import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Picture, PixelWindow } from '../../contract/picture.js';
import type { Tensor } from '../../contract/tensor.js';
import type { EngineSession } from '../engine.js';
import { planTiles } from '../image/tile-plan.js';
import { cropTile, cutTile, runFeedForward } from './feed-forward.js';

function picture(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < data.length; at++) data[at] = (at * 31 + (at >> 3) * 7) % 256;
  return { width, height, data };
}

/**
 * An engine that computes: a box blur of the given radius with zero padding at the tile's border, then nearest-neighbour
 * enlargement. Like a network, it gives wrong pixels where a tile lacks context.
 */
function blurring(
  scale: number,
  radius: number,
  parallelism = 2,
): EngineSession & { running: number; most: number; runs: number } {
  const session = {
    parallelism,
    running: 0,
    most: 0,
    runs: 0,
    async run(makeInputs: () => Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
      const { image } = makeInputs();
      session.runs++;
      session.most = Math.max(session.most, ++session.running);
      await new Promise((resolve) => setTimeout(resolve, (session.runs * 7) % 3));
      session.running--;
      const [, height = 0, width = 0] = image?.dims ?? [];
      const data = blurThenEnlarge({ width, height, data: image?.data as Uint8Array<ArrayBuffer> }, scale, radius);
      return { result: { dtype: 'uint8', dims: [1, height * scale, width * scale, 4], data } };
    },
  };
  return session;
}

function blurThenEnlarge({ width, height, data }: Picture, scale: number, radius: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(width * scale * height * scale * 4);
  const area = (2 * radius + 1) ** 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
          for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
            sum += data[(v * width + u) * 4 + channel] ?? 0;
          }
        }
        for (let v = 0; v < scale; v++) {
          for (let u = 0; u < scale; u++) {
            out[((y * scale + v) * width * scale + x * scale + u) * 4 + channel] = Math.round(sum / area);
          }
        }
      }
    }
  }
  return out;
}

interface Cut {
  readonly scale?: number;
  readonly overlapPx?: number;
  readonly maxSidePx?: number;
  readonly session: EngineSession;
  readonly throwIfCancelled?: () => void;
  readonly onTile?: (tile: PixelWindow) => void;
}

/** Runs a picture in tiles of at most `maxSidePx`, for as many engines as the session has. @returns The number of tiles. */
async function run(
  source: Picture,
  { scale = 1, overlapPx = 0, maxSidePx = 40, session, ...rest }: Cut,
): Promise<number> {
  const { width, height } = source;
  const rule = { overlapPx, multiple: 1 };
  const plan = planTiles({
    width,
    height,
    rule,
    maxTilePixels: maxSidePx ** 2,
    maxSidePx,
    engines: session.parallelism,
  });
  const manifest = { input: 'image', output: 'result', scale };
  await runFeedForward({
    picture: source,
    manifest,
    plan,
    session,
    throwIfCancelled: () => {},
    onTile: () => {},
    ...rest,
  });
  return plan.tiles.length;
}

/** The same, put together again. */
async function assembled(source: Picture, cut: Cut): Promise<Uint8Array> {
  const { scale = 1 } = cut;
  const rowPixels = source.width * scale;
  const out = new Uint8Array(rowPixels * source.height * scale * 4);
  const onTile = (tile: PixelWindow): void => {
    const pixels = cropTile(tile);
    for (let row = 0; row < tile.height; row++) {
      const from = row * tile.width * 4;
      out.set(pixels.subarray(from, from + tile.width * 4), ((tile.y + row) * rowPixels + tile.x) * 4);
    }
  };
  await run(source, { ...cut, onTile });
  return out;
}

describe('runFeedForward', () => {
  test('tiled equals whole, for any size, scale and radius', async () => {
    const size = fc.integer({ min: 1, max: 70 });
    const anyScale = fc.integer({ min: 1, max: 3 });
    const anyRadius = fc.integer({ min: 0, max: 4 });
    const holds = fc.asyncProperty(size, size, anyScale, anyRadius, async (width, height, scale, radius) => {
      const source = picture(width, height);
      const cut = { scale, overlapPx: radius, maxSidePx: 44, session: blurring(scale, radius) };
      expect(await assembled(source, cut)).toEqual(blurThenEnlarge(source, scale, radius));
    });
    await fc.assert(holds, { numRuns: 60 });
  });

  test('the test can fail: with less context than the network sees, seams appear', async () => {
    const source = picture(120, 40);
    const seamy = await assembled(source, { overlapPx: 1, maxSidePx: 48, session: blurring(1, 4, 1) });
    expect(seamy).not.toEqual(blurThenEnlarge(source, 1, 4));
  });

  test('keeps one run more in flight than there are engines, and no more', async () => {
    const session = blurring(1, 0, 3);
    const tiles = await run(picture(400, 300), { session });
    expect(session.runs).toBe(tiles);
    expect(session.most).toBe(4);
  });

  test('after a cancel no further run begins, and it rejects when those in flight are done', async () => {
    const session = blurring(1, 0, 1);
    let finished = 0;
    const running = run(picture(400, 300), {
      session,
      throwIfCancelled: () => {
        if (finished >= 3) throw new Error('cancelled');
      },
      onTile: () => {
        finished++;
      },
    });
    await expect(running).rejects.toThrow('cancelled');
    expect(session.running).toBe(0);
    expect(session.runs).toBeLessThanOrEqual(6);
  });

  test('a failing run fails the whole with its error', async () => {
    const session: EngineSession = { parallelism: 2, run: () => Promise.reject(new Error('no engine')) };
    await expect(run(picture(90, 90), { session })).rejects.toThrow('no engine');
  });

  test('an output of the wrong size is refused, not misread', async () => {
    const result: Tensor = { dtype: 'uint8', dims: [1], data: new Uint8Array(1) };
    const session: EngineSession = { parallelism: 1, run: async () => ({ result }) };
    await expect(run(picture(4, 4), { scale: 2, session })).rejects.toThrow(/does not fit the graph/);
  });
});

test('cutTile repeats the last column and row beyond the picture', () => {
  const source: Picture = {
    width: 2,
    height: 2,
    data: Uint8Array.from([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]),
  };
  const cut = cutTile(source, { x: 1, y: 0, width: 3, height: 3 });
  const firstChannel = [...cut].filter((_, at) => at % 4 === 0);
  expect(firstChannel).toEqual([2, 2, 2, 4, 4, 4, 4, 4, 4]);
});
