import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Picture } from '../../contract/picture.js';
import type { Tensor } from '../../contract/tensor.js';
import type { EngineSession } from '../engine.js';
import { planTiles } from '../image/tile-plan.js';
import { cropTile, cutTile, type FinishedTile, runFeedForward } from './feed-forward.js';

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
    async run({ image }: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
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

async function runTiled(
  source: Picture,
  options: { scale: number; radius: number; maxSidePx: number; multiple?: number },
): Promise<Uint8Array> {
  const { scale, radius, maxSidePx, multiple = 1 } = options;
  const rule = { overlapPx: Math.ceil(radius / multiple) * multiple, multiple };
  const plan = planTiles({
    width: source.width,
    height: source.height,
    rule,
    maxTilePixels: maxSidePx ** 2,
    maxSidePx,
    engines: 2,
  });
  const out = new Uint8Array(source.width * scale * source.height * scale * 4);
  await runFeedForward({
    picture: source,
    manifest: { input: 'image', output: 'result', scale },
    plan,
    session: blurring(scale, radius),
    throwIfCancelled: () => {},
    onTile: (tile) => {
      const pixels = cropTile(tile);
      for (let row = 0; row < tile.height; row++) {
        const width = Math.min(tile.width, source.width * scale - tile.x);
        if (tile.y + row >= source.height * scale) continue;
        const from = row * tile.width * 4;
        out.set(pixels.subarray(from, from + width * 4), ((tile.y + row) * source.width * scale + tile.x) * 4);
      }
    },
  });
  return out;
}

describe('runFeedForward', () => {
  test('tiled equals whole, for any size, scale and radius', async () => {
    const size = fc.integer({ min: 1, max: 70 });
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        async (width, height, scale, radius) => {
          const source = picture(width, height);
          const tiled = await runTiled(source, { scale, radius, maxSidePx: 44 });
          expect(tiled).toEqual(blurThenEnlarge(source, scale, radius));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the test can fail: with less context than the network sees, seams appear', async () => {
    const source = picture(120, 40);
    const plan = planTiles({
      width: 120,
      height: 40,
      rule: { overlapPx: 1, multiple: 1 },
      maxTilePixels: 48 * 48,
      maxSidePx: 48,
      engines: 1,
    });
    const out = new Uint8Array(source.data.length);
    await runFeedForward({
      picture: source,
      manifest: { input: 'image', output: 'result', scale: 1 },
      plan,
      session: blurring(1, 4),
      throwIfCancelled: () => {},
      onTile: (tile) => {
        const pixels = cropTile(tile);
        for (let row = 0; row < tile.height; row++) {
          out.set(
            pixels.subarray(row * tile.width * 4, (row + 1) * tile.width * 4),
            ((tile.y + row) * 120 + tile.x) * 4,
          );
        }
      },
    });
    expect(out).not.toEqual(blurThenEnlarge(source, 1, 4));
  });

  test('keeps one run more in flight than there are engines, and no more', async () => {
    const session = blurring(1, 0, 3);
    const plan = planTiles({
      width: 400,
      height: 300,
      rule: { overlapPx: 0, multiple: 1 },
      maxTilePixels: 40 * 40,
      maxSidePx: 40,
      engines: 3,
    });
    await runFeedForward({
      picture: picture(400, 300),
      manifest: { input: 'image', output: 'result', scale: 1 },
      plan,
      session,
      throwIfCancelled: () => {},
      onTile: () => {},
    });
    expect(session.runs).toBe(plan.tiles.length);
    expect(session.most).toBe(4);
  });

  test('after a cancel no further run begins, and it rejects when those in flight are done', async () => {
    const session = blurring(1, 0, 1);
    const plan = planTiles({
      width: 400,
      height: 300,
      rule: { overlapPx: 0, multiple: 1 },
      maxTilePixels: 40 * 40,
      maxSidePx: 40,
      engines: 1,
    });
    let cancelled = false;
    const finished: FinishedTile[] = [];
    const run = runFeedForward({
      picture: picture(400, 300),
      manifest: { input: 'image', output: 'result', scale: 1 },
      plan,
      session,
      throwIfCancelled: () => {
        if (cancelled) throw new Error('cancelled');
      },
      onTile: (tile) => {
        cancelled = finished.push(tile) === 3;
      },
    });
    await expect(run).rejects.toThrow('cancelled');
    expect(session.running).toBe(0);
    expect(session.runs).toBeLessThanOrEqual(6);
  });

  test('a failing run fails the whole with its error', async () => {
    const session: EngineSession = { parallelism: 2, run: () => Promise.reject(new Error('no engine')) };
    const plan = planTiles({
      width: 90,
      height: 90,
      rule: { overlapPx: 0, multiple: 1 },
      maxTilePixels: 40 * 40,
      maxSidePx: 40,
      engines: 2,
    });
    const run = runFeedForward({
      picture: picture(90, 90),
      manifest: { input: 'image', output: 'result', scale: 1 },
      plan,
      session,
      throwIfCancelled: () => {},
      onTile: () => {},
    });
    await expect(run).rejects.toThrow('no engine');
  });

  test('an output of the wrong size is refused, not misread', async () => {
    const session: EngineSession = {
      parallelism: 1,
      run: async () => ({ result: { dtype: 'uint8', dims: [1], data: new Uint8Array(1) } }),
    };
    const plan = planTiles({
      width: 4,
      height: 4,
      rule: { overlapPx: 0, multiple: 1 },
      maxTilePixels: 1600,
      maxSidePx: 40,
      engines: 1,
    });
    const run = runFeedForward({
      picture: picture(4, 4),
      manifest: { input: 'image', output: 'result', scale: 2 },
      plan,
      session,
      throwIfCancelled: () => {},
      onTile: () => {},
    });
    await expect(run).rejects.toThrow(/does not fit the graph/);
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
